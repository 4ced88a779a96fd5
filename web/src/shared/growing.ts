import { useIntersection } from "@mantine/hooks";
import { useState } from "react";

/**
 * How many rows of a long list are shown: more of them whenever the end of what is shown comes near. `of` names the list;
 * another one begins anew.
 */
export function useGrowing(of: string): [number, (end: HTMLElement | null) => void] {
  const [shown, setShown] = useState({ of, count: STEP, seen: false });
  const { ref, entry } = useIntersection({ rootMargin: "600px" });
  const near = entry?.isIntersecting === true;
  if (shown.of !== of) {
    setShown({ of, count: STEP, seen: near });
  } else if (near !== shown.seen) {
    setShown({ of, count: near ? shown.count + STEP : shown.count, seen: near });
  }
  return [shown.count, ref];
}

const STEP = 100;
