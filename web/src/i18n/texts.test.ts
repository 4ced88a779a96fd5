import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { en } from "./en";
import { zh } from "./zh-CN";

// GEN-11
test("both languages have the same texts, none of them empty but where there is nothing to say", () => {
  const chinese = leaves(zh);
  const english = leaves(en);
  expect([...english.keys()].toSorted()).toEqual([...chinese.keys()].toSorted());
  for (const [key, text] of chinese) {
    expect(holes(english.get(key) ?? ""), key).toEqual(holes(text));
  }
});

test("every text that a page asks for is there", () => {
  const known = leaves(zh);
  const asked = sources(join(__dirname, "..")).flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\bt\(\s*"([^"]+)"/g)].map((match) => match[1] ?? ""),
  );
  expect(asked.length).toBeGreaterThan(50);
  const missing = asked.filter((key) => !known.has(key) && !known.has(`${key}_other`));
  expect(missing).toEqual([]);
});

function leaves(texts: object, above = ""): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([key, value]: [string, unknown]) =>
      typeof value === "string"
        ? [[above + key, value] as const]
        : [...leaves(value as object, `${above}${key}.`)],
    ),
  );
}

/** What is filled into a text. */
function holes(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? "").toSorted();
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : /\.tsx?$/.test(path) && !/\.test\./.test(path) ? [path] : [];
  });
}
