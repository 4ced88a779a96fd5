import { STATES, type State } from "@/shared/presence";
import { oneOf, pageOf, text } from "@/shared/params";

/** What the address says of this page. */
export interface ContactsSearch {
  readonly tab?: "extensions" | undefined;
  /** Part of a name, number or company. */
  readonly q?: string | undefined;
  readonly page?: number | undefined;
  /** The contact that is being edited, or a new one. */
  readonly open?: string | undefined;
  /** Only extensions in this state. */
  readonly state?: State | undefined;
  readonly view?: "cards" | undefined;
}

export function readContactsSearch(search: Record<string, unknown>): ContactsSearch {
  return {
    tab: oneOf(["extensions"], search["tab"]),
    q: text(search["q"]),
    page: pageOf(search["page"]),
    open: text(search["open"]),
    state: oneOf(STATES, search["state"]),
    view: oneOf(["cards"], search["view"]),
  };
}
