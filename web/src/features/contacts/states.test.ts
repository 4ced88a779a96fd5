import { expect, test } from "vitest";
import { callable, counted, found, sensible } from "./states";

const entries = [
  { number: "005", name: "005", state: "idle" },
  { number: "100", name: "John Doe", state: "in-use" },
  { number: "101", name: "李四", state: "unavailable" },
  { number: "102", name: "王五", state: "something-new" },
];

// EXT-02
test("extensions are found by a part of their name or number, whatever the case", () => {
  expect(found(entries, " john ", undefined).map(({ number }) => number)).toEqual(["100"]);
  expect(found(entries, "10", undefined)).toHaveLength(3);
  expect(found(entries, "", "idle").map(({ number }) => number)).toEqual(["005"]);
});

// EXT-01
test("a state that is not known counts as unavailable", () => {
  expect(counted(entries).get("unavailable")).toBe(2);
  expect(counted(entries).get("dnd")).toBe(0);
});

// EXT-03
test("who is away cannot be called, nor can one call oneself", () => {
  expect(entries.map((entry) => callable(entry, "005"))).toEqual([false, true, false, false]);
});

test("only what rings is picked up, and only what is in use is listened to", () => {
  expect(sensible("pickup", "ringing")).toBe(true);
  expect(sensible("pickup", "in-use")).toBe(false);
  expect(sensible("listen", "in-use")).toBe(true);
  expect(sensible("barge", "idle")).toBe(false);
  expect(sensible("voicemail_direct", "unavailable")).toBe(true);
});
