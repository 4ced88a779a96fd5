import { expect, it } from "vitest";
import { Problem } from "./problem";
import { replace, same } from "./versioned";

const answer = <T>(data: T, etag = "") =>
  Promise.resolve({ data, response: new Response(null, { headers: { etag } }) });

// CFW-06
it("what is as it was is replaced, and only in the version that was seen", async () => {
  const versions: string[] = [];
  const write = (version: string) => {
    versions.push(version);
    return answer({ dnd: true });
  };
  await expect(replace({ dnd: false }, () => answer({ dnd: false }, '"1"'), write)).resolves.toEqual({ dnd: true });
  expect(versions).toEqual(['"1"']);
});

// CFW-06
it("what was changed elsewhere meanwhile is not overwritten", async () => {
  const write = () => Promise.reject(new Error("written"));
  const refused = replace({ dnd: false }, () => answer({ dnd: true }, '"2"'), write);
  await expect(refused).rejects.toMatchObject({ status: 412, code: "changed-meanwhile" } satisfies Partial<Problem>);
});

it("the order of fields makes no difference, that of lists does", () => {
  expect(same({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
  expect(same({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
});
