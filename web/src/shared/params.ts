/** What stands in an address is read with suspicion: anybody can type there. A number typed as text is text. */
export function text(value: unknown): string | undefined {
  const written = typeof value === "number" ? String(value) : value;
  return typeof written === "string" && written.trim() !== "" ? written.trim() : undefined;
}

/** One of the words that are known, or none. */
export function oneOf<const T extends string>(words: readonly T[], value: unknown): T | undefined {
  return words.find((word) => word === value);
}

/** A page beyond the first. */
export function pageOf(value: unknown): number | undefined {
  const page = Number(value);
  return Number.isInteger(page) && page > 1 ? page : undefined;
}

/** A day as `YYYY-MM-DD` that the calendar has. */
export function dayOf(value: unknown): string | undefined {
  const written = text(value);
  if (written === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(written)) {
    return undefined;
  }
  const date = new Date(`${written}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(written) ? written : undefined;
}
