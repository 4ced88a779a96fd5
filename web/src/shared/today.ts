import { useSyncExternalStore } from "react";
import { day, nowIn } from "./format";

/** The day that it is in a zone, also once midnight is past while the page is open (CDR-08). */
export function useToday(zone: string): string {
  return useSyncExternalStore(
    (changed) => {
      const timer = window.setInterval(changed, LOOKED_EVERY_MS);
      return () => window.clearInterval(timer);
    },
    () => day(nowIn(zone)),
  );
}

/** The day so many days before another, both as `YYYY-MM-DD`. */
export function daysBefore(today: string, days: number): string {
  const date = new Date(`${today}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - days);
  return day(date.toISOString());
}

const LOOKED_EVERY_MS = 10_000;
