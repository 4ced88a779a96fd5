import type { Entry } from "@/api/queries";
import { STATES, stateOf, type State } from "@/shared/presence";

/** Those whose name or number holds what is sought, and that are in the state. */
export function found(entries: readonly Entry[], sought: string, state: State | undefined): readonly Entry[] {
  const part = sought.trim().toLowerCase();
  return entries.filter(
    (entry) =>
      (entry.number.includes(part) || entry.name.toLowerCase().includes(part)) &&
      (state === undefined || stateOf(entry.state) === state),
  );
}

/** How many are in each state. */
export function counted(entries: readonly Entry[]): ReadonlyMap<State, number> {
  const counts = new Map<State, number>(STATES.map((state) => [state, 0]));
  for (const entry of entries) {
    const state = stateOf(entry.state);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return counts;
}

/** What can be done with an extension, by the name of the code that does it. */
export const ACTIONS = ["pickup", "intercom", "page", "voicemail_direct", "listen", "whisper", "barge"] as const;
export type Action = (typeof ACTIONS)[number];

/** What makes sense with an extension in a state: nobody picks up what does not ring, or speaks into a phone that is away. */
export function sensible(action: Action, state: State): boolean {
  switch (action) {
    case "pickup":
      return state === "ringing";
    case "intercom":
    case "page":
      return state === "idle";
    case "voicemail_direct":
      return true;
    case "listen":
    case "whisper":
    case "barge":
      return state === "in-use";
  }
}

/** Whether it can be called at all (EXT-03); one that is busy answers by itself. */
export function callable(entry: Entry, own: string | null | undefined): boolean {
  return entry.number !== own && stateOf(entry.state) !== "unavailable";
}
