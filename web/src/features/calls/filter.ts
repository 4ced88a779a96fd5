import type { Call, CallFilter } from "@/api/queries";
import { dayOf, oneOf, pageOf, text } from "@/shared/params";
import { daysBefore } from "@/shared/today";

export const TYPES = ["inbound", "outbound", "internal"] as const;
export const STATUSES = ["answered", "no-answer", "busy", "failed", "cancelled"] as const;

/** What the address says of this page. Without days it is about today (CDR-08). */
export interface CallsSearch {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly type?: (typeof TYPES)[number] | undefined;
  readonly number?: string | undefined;
  readonly status?: (typeof STATUSES)[number] | undefined;
  readonly recorded?: true | undefined;
  readonly page?: number | undefined;
  /** The record that is looked at. */
  readonly open?: number | undefined;
  /** Whether its recording plays at once. */
  readonly play?: true | undefined;
}

export function readCallsSearch(search: Record<string, unknown>): CallsSearch {
  const open = Number(search["open"]);
  return {
    from: dayOf(search["from"]),
    to: dayOf(search["to"]),
    type: oneOf(TYPES, search["type"]),
    number: text(search["number"]),
    status: oneOf(STATUSES, search["status"]),
    recorded: search["recorded"] === true ? true : undefined,
    page: pageOf(search["page"]),
    open: Number.isInteger(open) && open > 0 ? open : undefined,
    play: search["play"] === true ? true : undefined,
  };
}

/** What the server is asked for; all of it holds at once (CDR-11). */
export function filterOf(search: CallsSearch, today: string): CallFilter {
  return {
    from: search.from ?? today,
    to: search.to ?? today,
    type: search.type,
    number: search.number,
    status: search.status,
    recorded: search.recorded === true ? 1 : undefined,
    page: search.page,
  };
}

/** Days that are often asked for. */
export function spans(today: string) {
  return {
    today: { from: today, to: today },
    week: { from: daysBefore(today, 6), to: today },
    month: { from: `${today.slice(0, 8)}01`, to: today },
  } as const;
}

/** Where all records of a filter are, as a table for a spreadsheet. */
export function csvAddress(filter: CallFilter): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filter, page: undefined })) {
    if (value !== undefined) {
      query.set(name, String(value));
    }
  }
  return `/api/v1/calls.csv?${query.toString()}`;
}

/** The other party of a call, whom one calls back; empty when he did not show his number. */
export function otherParty(call: Call, own: string | null | undefined): { number: string; name: string } {
  return call.caller === own ? { number: call.callee, name: "" } : { number: call.caller, name: call.caller_name };
}

/** Whose mailbox took a call, if one did (CDR-06). */
export function mailboxOf(finalCallee: string): string | undefined {
  return finalCallee.startsWith(MAILBOX) ? finalCallee.slice(MAILBOX.length) : undefined;
}

const MAILBOX = "voicemail:";
