import createClient from "openapi-fetch";
import { Problem, problemOf } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** The typed interface of the server. What changes something needs the header that pages of other sites cannot send. */
export const api = createClient<paths>({ baseUrl: "/", headers: { "X-Bellwire": "1" } });

/** What a request was answered with. Throws a {@link Problem} when it was refused or never arrived. */
export async function told<T>(
  answer: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await answer.catch(() => {
    throw new Problem(0, "unreachable", [], undefined);
  });
  if (response.ok) {
    return data as T;
  }
  const problem = problemOf(response, error);
  if (problem.status === 401 && problem.code !== "wrong-credentials") {
    window.dispatchEvent(new Event(LOGGED_OUT));
  }
  throw problem;
}

/** The event that says that the session has ended. */
export const LOGGED_OUT = "bellwire:logged-out";
