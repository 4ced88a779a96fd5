import { describe, expect, test } from "vitest";
import { activeLine, LINES_MAX, ringing, silent, step, type Effect, type Event, type Phone } from "./machine";

/** Plays events one after the other; the phone then, and everything that was to be done. */
function play(events: readonly Event[], from: Phone = registered): { phone: Phone; effects: Effect[] } {
  const effects: Effect[] = [];
  let phone = from;
  for (const event of events) {
    const [next, more] = step(phone, event);
    phone = next;
    effects.push(...more);
  }
  return { phone, effects };
}

const registered: Phone = { ...silent, link: "registered" };
const dial = (id: string): Event => ({ kind: "dial", id, number: "101", name: "", at: 1 });
const incoming = (id: string): Event => ({ kind: "incoming", id, number: "102", name: "王五", at: 2 });
const answered = (id: string): Event => ({ kind: "answered", id, at: 3 });

// DIAL-03
describe("a call out", () => {
  test("dials, rings, is answered, ends with its reason, and is forgotten", () => {
    const { phone, effects } = play([dial("a"), { kind: "progress", id: "a", early: false }, answered("a")]);
    expect(effects).toEqual([{ kind: "call", id: "a", number: "101" }]);
    expect(activeLine(phone)).toMatchObject({ stage: "active", answered: 3, direction: "out" });
    const over = play([{ kind: "ended", id: "a", reason: "hung-up" }], phone);
    expect(over.phone.lines[0]).toMatchObject({ stage: "ended", reason: "hung-up" });
    expect(activeLine(over.phone)).toBeUndefined();
    expect(over.effects).toEqual([{ kind: "forget-later", id: "a" }]);
    expect(play([{ kind: "forget", id: "a" }], over.phone).phone.lines).toEqual([]);
  });

  test("is not begun without a registration, without a number, or as one too many", () => {
    expect(play([dial("a")], silent).effects).toEqual([]);
    expect(play([{ kind: "dial", id: "a", number: "", name: "", at: 1 }]).effects).toEqual([]);
    const many = Array.from({ length: LINES_MAX + 1 }, (_, nth) => dial(String(nth)));
    expect(play(many).effects.filter((effect) => effect.kind === "call")).toHaveLength(LINES_MAX);
  });

  test("holds whom one talks with", () => {
    const { phone, effects } = play([dial("a"), answered("a"), dial("b")]);
    expect(effects).toContainEqual({ kind: "hold", id: "a", on: true });
    expect(phone.active).toBe("b");
    expect(phone.lines.find((line) => line.id === "a")?.held).toBe(true);
  });
});

// DIAL-07
describe("a call in", () => {
  test("rings until it is answered, and holds the other call then", () => {
    const { phone, effects } = play([dial("a"), answered("a"), incoming("b")]);
    expect(ringing(phone).map((line) => line.id)).toEqual(["b"]);
    expect(phone.active).toBe("a");
    const taken = play([{ kind: "answer", id: "b" }, answered("b")], phone);
    expect(effects.filter((effect) => effect.kind === "hold")).toEqual([]);
    expect(taken.effects).toEqual([
      { kind: "hold", id: "a", on: true },
      { kind: "accept", id: "b" },
    ]);
    expect(taken.phone.active).toBe("b");
  });

  test("is refused as busy by hand, and when there are too many", () => {
    const refused: Effect = { kind: "refuse", id: "a", status: 486 };
    expect(play([incoming("a"), { kind: "decline", id: "a" }]).effects).toEqual([refused]);
    expect(play([incoming("a"), { kind: "hang-up", id: "a" }]).effects).toEqual([refused]);
    const many = Array.from({ length: LINES_MAX }, (_, nth) => incoming(`other ${nth}`));
    expect(play([...many, incoming("a")]).effects).toEqual([refused]);
  });

  test("that was answered elsewhere says so and rings no more", () => {
    const { phone } = play([incoming("a"), { kind: "ended", id: "a", reason: "elsewhere" }]);
    expect(ringing(phone)).toEqual([]);
    expect(play([{ kind: "answer", id: "a" }], phone).effects).toEqual([]);
  });
});

describe("in a call", () => {
  test("mute and hold are switched on and off", () => {
    const { phone, effects } = play([
      dial("a"),
      answered("a"),
      { kind: "mute", id: "a" },
      { kind: "mute", id: "a" },
      { kind: "hold", id: "a" },
    ]);
    expect(effects.slice(1)).toEqual([
      { kind: "mute", id: "a", on: true },
      { kind: "mute", id: "a", on: false },
      { kind: "hold", id: "a", on: true },
    ]);
    expect(play([{ kind: "hold", id: "a" }], phone).effects).toEqual([{ kind: "hold", id: "a", on: false }]);
  });

  test("one goes to and fro between two", () => {
    const { phone } = play([dial("a"), answered("a"), dial("b"), answered("b")]);
    const { phone: back, effects } = play([{ kind: "switch", id: "a" }], phone);
    expect(effects).toEqual([
      { kind: "hold", id: "b", on: true },
      { kind: "hold", id: "a", on: false },
    ]);
    expect(back.active).toBe("a");
  });

  test("keys are sent to whom one hears, and to nobody else", () => {
    const keys: Event = { kind: "keys", id: "a", keys: "*4" };
    expect(play([dial("a"), keys]).effects).toEqual([{ kind: "call", id: "a", number: "101" }]);
    expect(play([dial("a"), answered("a"), keys]).effects).toContainEqual({ kind: "send-keys", id: "a", keys: "*4" });
  });

  test("nothing can be done with a call that is over, and nothing ends twice", () => {
    const { phone } = play([dial("a"), answered("a"), { kind: "ended", id: "a", reason: "busy" }]);
    for (const kind of ["answer", "hang-up", "decline", "mute", "hold", "switch"] as const) {
      expect(play([{ kind, id: "a" }], phone).effects).toEqual([]);
    }
    expect(play([{ kind: "ended", id: "a", reason: "failed" }], phone).phone).toEqual(phone);
  });
});
