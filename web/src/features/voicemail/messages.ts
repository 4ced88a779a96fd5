import type { Voicemail } from "@/api/queries";
import { oneOf, pageOf } from "@/shared/params";

/** Which messages are shown. */
export const SHOWN = ["all", "unread", "read"] as const;
export type Shown = (typeof SHOWN)[number];

/** What the address says about the page. */
export interface Sought {
  readonly show: Shown;
  readonly page: number;
  /** The message that is open. */
  readonly open?: number | undefined;
}

/** Reads the address; what makes no sense there is left out. */
export function sought(search: Record<string, unknown>): Partial<Sought> {
  const show = oneOf(SHOWN, search["show"]);
  const page = pageOf(search["page"]);
  const open = Number(search["open"]);
  return {
    ...(show === undefined || show === "all" ? {} : { show }),
    ...(page === undefined ? {} : { page }),
    ...(Number.isSafeInteger(open) && open > 0 ? { open } : {}),
  };
}

/**
 * The messages to show. The open one stays, although it no longer fits once it was listened to; those that are about to be
 * deleted are gone.
 */
export function select(messages: readonly Voicemail[], { show, open }: Sought, removing: ReadonlySet<number>): Voicemail[] {
  return messages.filter(
    ({ id, read }) => !removing.has(id) && (show === "all" || id === open || read === (show === "read")),
  );
}

/** A page of them, and how many pages there are. A page that does not exist is the last. */
export function cut<T>(items: readonly T[], page: number): { items: readonly T[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(items.length / PER_PAGE));
  const at = Math.min(Math.max(page, 1), pages);
  return { items: items.slice((at - 1) * PER_PAGE, at * PER_PAGE), page: at, pages };
}

export const PER_PAGE = 25;

/** The name of a deletion that can still be taken back. */
export function removalOf(ids: readonly number[]): string {
  return [REMOVAL, ...ids].join(" ");
}

/** The messages of all such deletions. */
export function removing(pending: ReadonlySet<string>): ReadonlySet<number> {
  const removals = [...pending].map((key) => key.split(" ")).filter(([what]) => what === REMOVAL);
  return new Set(removals.flatMap(([, ...ids]) => ids.map(Number)));
}

const REMOVAL = "voicemail";
