import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { Entry } from "./queries";

/** What the server tells by itself: how fresh it is, the calls of this moment, how many messages there are. */
export interface Live {
  /** Whether events arrive. When they do not, what is shown may be old. */
  readonly connected: boolean;
  /** When the last thing was heard, in milliseconds since 1970. */
  readonly heard: number;
  readonly calls: ReadonlyMap<number, LiveCall>;
  readonly newMessages: number;
  readonly oldMessages: number;
}

/** A call in progress that one may see. */
export interface LiveCall {
  readonly call: number;
  readonly start: string;
  readonly caller: string;
  readonly callee: string;
  readonly state: string;
  readonly recording: boolean;
}

const empty: Live = { connected: false, heard: 0, calls: new Map(), newMessages: 0, oldMessages: 0 };
let live = empty;
const listeners = new Set<() => void>();

function change(next: Partial<Live>): void {
  live = { ...live, heard: Date.now(), ...next };
  for (const listener of listeners) {
    listener();
  }
}

/** The live state, read where it is shown. */
export function useLive(): Live {
  return useSyncExternalStore(subscribe, () => live);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Listens to events until it is told to stop, and puts them where pages read: the live state and the query cache. */
export function listen(queries: QueryClient): () => void {
  const source = new EventSource("/api/v1/events");
  source.addEventListener("open", () => change({ connected: true }));
  // The browser connects again by itself, and says which event it heard last.
  source.addEventListener("error", () => change({ connected: false, heard: live.heard }));
  const on = <T>(kind: string, take: (data: T) => void) =>
    source.addEventListener(kind, (event: MessageEvent<string>) => take(JSON.parse(event.data) as T));

  on<Snapshot>("snapshot", (snapshot) => {
    queries.setQueryData<Entry[]>(["directory"], (entries) =>
      entries?.map((entry) => ({
        ...entry,
        state: snapshot.presence.find((other) => other.number === entry.number)?.state ?? entry.state,
      })),
    );
    for (const [name, value] of Object.entries(snapshot.settings)) {
      queries.setQueryData([name], value);
    }
    change({
      connected: true,
      calls: new Map(snapshot.calls.map((call) => [call.call, call])),
      newMessages: snapshot.voicemail.new,
      oldMessages: snapshot.voicemail.old,
    });
    void queries.invalidateQueries({ queryKey: ["voicemail"] });
  });
  on<Pick<Entry, "number" | "state">>("presence", ({ number, state }) => {
    queries.setQueryData<Entry[]>(["directory"], (entries) =>
      entries?.map((entry) => (entry.number === number ? { ...entry, state } : entry)),
    );
    change({});
  });
  on<LiveCall>("calls", (call) => {
    const calls = new Map(live.calls);
    if (call.state === "ended" || call.state === "merged") {
      calls.delete(call.call);
      void queries.invalidateQueries({ queryKey: ["calls"] });
    } else {
      calls.set(call.call, call);
    }
    change({ calls });
  });
  on<{ new: number; old: number }>("voicemail", (counts) => {
    change({ newMessages: counts.new, oldMessages: counts.old });
    void queries.invalidateQueries({ queryKey: ["voicemail"] });
  });
  on<{ changed: string[] } & Record<string, unknown>>("settings", (told) => {
    for (const name of told.changed) {
      if (name in told) {
        queries.setQueryData([name], told[name]);
      } else {
        void queries.invalidateQueries({ queryKey: [name] });
      }
    }
    change({});
  });
  return () => {
    source.close();
    live = empty;
  };
}

interface Snapshot {
  readonly presence: readonly Pick<Entry, "number" | "state">[];
  readonly calls: readonly LiveCall[];
  readonly settings: Record<string, unknown>;
  readonly voicemail: { readonly new: number; readonly old: number };
}
