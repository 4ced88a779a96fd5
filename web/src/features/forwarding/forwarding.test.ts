import { describe, expect, it } from "vitest";
import { freeCases, moved, shownRules, submitted, totalSeconds, withAnother, wrongStep, type Rule } from "./forwarding";

// CFW-05
it("one rule may be for any of the four cases", () => {
  expect(freeCases([{ when: "busy", to: "105" }], 0)).toEqual(["always", "busy", "no-answer", "busy-or-no-answer"]);
});

// CFW-08
describe("two numbers, as codes may set them,", () => {
  const rules: Rule[] = [
    { when: "busy", to: "101" },
    { when: "no-answer", to: "103" },
  ];

  it("are both shown", () => {
    expect(shownRules(rules)).toEqual(rules);
  });

  it("are never for the same case", () => {
    expect(freeCases(rules, 0)).toEqual(["always", "busy"]);
    expect(freeCases(rules, 1)).toEqual(["always", "no-answer"]);
  });

  it("leave one case for a third, and none for a fourth", () => {
    const three = withAnother(rules);
    expect(three).toEqual([...rules, { when: "always", to: "" }]);
    expect(withAnother(three)).toEqual(three);
  });
});

// CFW-02
it("while forwarding is off, what is filled in is kept and an empty field is no rule", () => {
  const rules: Rule[] = [
    { when: "busy", to: " 105 " },
    { when: "no-answer", to: "" },
  ];
  expect(submitted({ enabled: false, active: false, rules }).rules).toEqual([{ when: "busy", to: "105" }]);
  expect(submitted({ enabled: true, active: true, rules }).rules).toHaveLength(2);
});

// FM-06
it("the time of the whole list is told, a number without a time ringing 30 seconds", () => {
  const steps = [{ number: "101", seconds: 10 }, { number: "102" }, { number: "103", seconds: 30 }];
  expect(totalSeconds({ enabled: true, ring_seconds: 15, steps } as never)).toBe(85);
});

// FM-03
it("numbers of the list change places", () => {
  expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
  expect(moved(["a", "b", "c"], 1, 1)).toEqual(["a", "b", "c"]);
});

// FM-03
it("a number without digits, twice, or with a time that cannot be is not added", () => {
  const steps = [{ number: "101", seconds: 10 }];
  expect(wrongStep(" ", 30, steps)).toEqual({ number: "empty" });
  expect(wrongStep("101", 30, steps)).toEqual({ number: "duplicate" });
  for (const seconds of [0, -1, 301, 1.5, ""]) {
    expect(wrongStep("102", seconds, steps)).toEqual({ seconds: "out-of-range" });
  }
  expect(wrongStep("102", 300, steps)).toEqual({});
});
