import { told } from "./client";
import { Problem } from "./problem";

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * Replaces what was `base` when somebody began to change it. When it is something else by now, it is refused as the server
 * would (412, `changed-meanwhile`): events keep what is shown fresh, but carry no version.
 */
export async function replace<T>(
  base: T,
  read: () => Promise<Answer<T>>,
  write: (version: string) => Promise<Answer<T>>,
): Promise<T> {
  let version = "";
  const current = await told(read().then((answer) => ((version = answer.response.headers.get("etag") ?? ""), answer)));
  if (!same(current, base)) {
    throw new Problem(412, "changed-meanwhile", [], undefined);
  }
  return told(write(version));
}

/** Whether two things are the same JSON, whatever the order of their fields. */
export function same(one: unknown, other: unknown): boolean {
  return ordered(one) === ordered(other);
}

function ordered(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}
