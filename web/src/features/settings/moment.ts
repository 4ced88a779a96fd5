/** The moment of a day and a time of day on the clocks of a zone, as the server takes it (RFC 3339). */
export function inZone(day: string, time: string, zone: string): string {
  const shown = Date.parse(`${day}T${time}:00Z`);
  // The offset is that of the moment itself, which is found by guessing twice: it changes twice a year at most.
  const first = shown - offset(shown, zone);
  const minutes = offset(first, zone) / MINUTE_MS;
  const two = (number: number) => String(number).padStart(2, "0");
  const size = Math.abs(minutes);
  return `${day}T${time}:00${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** How far the clocks of a zone are ahead of UTC at a moment, in milliseconds. */
function offset(moment: number, zone: string): number {
  const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(moment);
  return Date.parse(`${shown.replace(" ", "T")}Z`) - Math.floor(moment / 1_000) * 1_000;
}

/** The days of the week as the server names them. */
export const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const MINUTE_MS = 60_000;
