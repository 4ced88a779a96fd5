import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, told, type Schemas } from "./client";

/** Who is logged in. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => told(api.GET("/api/v1/me")),
  staleTime: Infinity,
  retry: false,
});

/** All extensions with their states; events keep it fresh. */
export const directoryQuery = queryOptions({
  queryKey: ["directory"],
  queryFn: () => everyPage((page) => told(api.GET("/api/v1/directory", { params: { query: { page, per_page: PAGE_MAX } } }))),
  staleTime: Infinity,
});

export const featureCodesQuery = queryOptions({
  queryKey: ["feature-codes"],
  queryFn: () => everyPage((page) => told(api.GET("/api/v1/feature-codes", { params: { query: { page, per_page: PAGE_MAX } } }))),
  staleTime: Infinity,
});

export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: () => told(api.GET("/api/v1/settings")),
  staleTime: Infinity,
});

export const forwardingQuery = queryOptions({
  queryKey: ["forwarding"],
  queryFn: () => told(api.GET("/api/v1/forwarding")),
  staleTime: Infinity,
});

export const followMeQuery = queryOptions({
  queryKey: ["follow-me"],
  queryFn: () => told(api.GET("/api/v1/follow-me")),
  staleTime: Infinity,
});

export const agentQuery = queryOptions({
  queryKey: ["agent"],
  queryFn: () => told(api.GET("/api/v1/agent")),
});

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: () => told(api.GET("/api/v1/sessions")),
});

export const wakeUpsQuery = queryOptions({
  queryKey: ["wake-ups"],
  queryFn: () => told(api.GET("/api/v1/wake-ups", { params: { query: { per_page: PAGE_MAX } } })),
});

/** How loud a message is from beginning to end; it never changes. */
export const peaksQuery = (id: number) =>
  queryOptions({
    queryKey: ["peaks", id],
    queryFn: () => told(api.GET("/api/v1/voicemail/{id}/peaks", { params: { path: { id } } })),
    staleTime: Infinity,
  });

/** What call records are looked for by (CDR-07 to CDR-12). */
export interface CallFilter {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly type?: "all" | "inbound" | "outbound" | "internal" | undefined;
  readonly number?: string | undefined;
  readonly status?: "answered" | "no-answer" | "busy" | "failed" | "cancelled" | undefined;
  readonly recorded?: 1 | undefined;
  readonly page?: number | undefined;
}

export const callsQuery = (filter: CallFilter) =>
  queryOptions({
    queryKey: ["calls", filter],
    queryFn: () =>
      told(api.GET("/api/v1/calls", { params: { query: { ...given(filter), per_page: CALLS_PER_PAGE } } })),
    placeholderData: keepPreviousData,
  });

export const callQuery = (id: number) =>
  queryOptions({
    queryKey: ["calls", id],
    queryFn: () => told(api.GET("/api/v1/calls/{id}", { params: { path: { id } } })),
  });

/** All messages of one's own mailbox, newest first; it holds no more than {@link PAGE_MAX}. */
export const voicemailQuery = queryOptions({
  queryKey: ["voicemail"],
  queryFn: () => everyPage((page) => told(api.GET("/api/v1/voicemail", { params: { query: { page, per_page: PAGE_MAX } } }))),
});

export const contactsQuery = (q: string, page = 1) =>
  queryOptions({
    queryKey: ["contacts", q, page],
    queryFn: () =>
      told(api.GET("/api/v1/contacts", { params: { query: { ...given({ q, page }), per_page: CONTACTS_PER_PAGE } } })),
    placeholderData: keepPreviousData,
  });

export type Entry = Schemas["Entry"];
export type Call = Schemas["Call"];
export type Voicemail = Schemas["Voicemail"];
export type Contact = Schemas["Contact"];
export type FeatureCode = Schemas["FeatureCode"];
export type Settings = Schemas["Settings"];
export type Forwarding = Schemas["Forwarding"];
export type FollowMe = Schemas["FollowMe"];
export type Me = Schemas["Me"];
export type Agent = Schemas["Agent"];
export type WakeUp = Schemas["WakeUp"];

/** Call records on one page. */
export const CALLS_PER_PAGE = 50;
export const CONTACTS_PER_PAGE = 100;

async function everyPage<T>(
  read: (page: number) => Promise<{ items: T[]; total: number }>,
): Promise<T[]> {
  const items: T[] = [];
  for (let page = 1; page <= PAGES_MAX; page++) {
    const list = await read(page);
    items.push(...list.items);
    if (items.length >= list.total || list.items.length === 0) {
      break;
    }
  }
  return items;
}

/** Leaves out what was not given. */
function given<T extends object>(query: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** The server gives no more at once. */
const PAGE_MAX = 200;
/** Ten thousand extensions. */
const PAGES_MAX = 50;
