/** Seconds as `00:02:13`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number: number) => String(number).padStart(2, "0");
  return `${two(Math.floor(whole / 3_600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** Seconds as `2:13`; with hours where there are some. */
export function short(seconds: number): string {
  return clock(seconds).replace(/^00:0?/, "");
}

/** A time of the server as the manual writes it, in the site's zone: `2018-03-14 17:26:11`. */
export function stamp(time: string): string {
  return time.slice(0, 19).replace("T", " ");
}

/** The day of a time of the server. */
export function day(time: string): string {
  return time.slice(0, 10);
}

/** Now, in the site's zone, as the server would write it without its offset. */
export function nowIn(zone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" }).format(new Date());
}
