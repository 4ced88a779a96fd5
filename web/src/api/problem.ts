/** Why the server refused a request: RFC 9457, with a `code` that never changes its meaning. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly fields: readonly FieldProblem[],
    readonly retryAfterSeconds: number | undefined,
  ) {
    super(code);
  }

  /** What is wrong with a field, by its code. */
  field(name: string): string | undefined {
    return this.fields.find((problem) => problem.field === name)?.code;
  }
}

export interface FieldProblem {
  readonly field: string;
  readonly code: string;
}

/** The problem that an answer tells; one that tells none came from something between us and the server. */
export function problemOf(response: Response, body: unknown): Problem {
  const told = isRecord(body) ? body : {};
  const code = typeof told["code"] === "string" ? told["code"] : "unreadable";
  const errors = Array.isArray(told["errors"]) ? told["errors"] : [];
  const retry = Number(response.headers.get("retry-after"));
  return new Problem(
    response.status,
    code,
    errors.filter(isFieldProblem),
    Number.isFinite(retry) && retry > 0 ? retry : undefined,
  );
}

function isFieldProblem(value: unknown): value is FieldProblem {
  return isRecord(value) && typeof value["field"] === "string" && typeof value["code"] === "string";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
