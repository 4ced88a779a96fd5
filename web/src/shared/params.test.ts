import { expect, test } from "vitest";
import { dayOf, oneOf, pageOf, text } from "./params";

test("text of an address is trimmed, and what is empty is none", () => {
  expect(text(" 王 ")).toBe("王");
  expect(text("   ")).toBeUndefined();
  expect(text(["a"])).toBeUndefined();
});

test("a number in an address is text", () => {
  expect(text(107)).toBe("107");
});

test("an unknown word is none", () => {
  expect(oneOf(["cards"], "cards")).toBe("cards");
  expect(oneOf(["cards"], "toString")).toBeUndefined();
});

test("only pages beyond the first are named", () => {
  expect([1, 0, -2, 1.5, "x", "3", 2].map(pageOf)).toEqual([undefined, undefined, undefined, undefined, undefined, 3, 2]);
});

// CDR-07
test("days that the calendar does not have are none", () => {
  expect(dayOf("2018-03-14")).toBe("2018-03-14");
  expect(dayOf("2018-02-30")).toBeUndefined();
  expect(dayOf("14.03.2018")).toBeUndefined();
});
