import { useState } from "react";
import { Problem } from "@/api/problem";
import { same } from "@/api/versioned";

/** A form about something that may be changed elsewhere at the same time. */
export interface Draft<T> {
  readonly value: T;
  readonly dirty: boolean;
  /** Whether something else was saved since; it is not overwritten without being seen (CFW-06). */
  readonly elsewhere: boolean;
  readonly saving: boolean;
  /** Why it was not saved. */
  readonly problem: Problem | undefined;
  readonly set: (value: T) => void;
  /** Shows what there is, and forgets what was changed here. */
  readonly reset: () => void;
  /** Goes on with what was changed here, which shall replace what there is. */
  readonly keep: () => void;
  /** Saves it; says whether that was done. `write` is told what is replaced, and tells what was saved. */
  readonly save: (write: (base: T) => Promise<T>) => Promise<boolean>;
}

/** Follows what there is until somebody changes something. */
export function useDraft<T>(current: T): Draft<T> {
  const [{ base, value }, put] = useState({ base: current, value: current });
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const dirty = !same(value, base);
  const moved = !same(current, base);
  if (moved && !saving && (!dirty || same(current, value))) {
    put({ base: current, value: current });
  }
  const save = async (write: (base: T) => Promise<T>) => {
    setSaving(true);
    setProblem(undefined);
    try {
      const saved = await write(base);
      put({ base: saved, value: saved });
      return true;
    } catch (error) {
      setProblem(error instanceof Problem ? error : new Problem(0, "unreadable", [], undefined));
      return false;
    } finally {
      setSaving(false);
    }
  };
  const begin = (from: { base: T; value: T }) => {
    setProblem(undefined);
    put(from);
  };
  return {
    value,
    dirty,
    elsewhere: moved && dirty && !saving,
    saving,
    problem,
    set: (next) => begin({ base, value: next }),
    reset: () => begin({ base: current, value: current }),
    keep: () => begin({ base: current, value }),
    save,
  };
}
