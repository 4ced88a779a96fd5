/**
 * What the softphone does, as a pure function: a state and an event give the next state and what is to be done.
 * It knows neither SIP nor the browser.
 */

export interface Phone {
  readonly link: Link;
  readonly lines: readonly Line[];
  /** The line that is heard; others are held, ring or have ended. */
  readonly active: string | undefined;
}

/** How the phone stands to the server. `elsewhere`: another tab is the phone. */
export type Link = "off" | "connecting" | "registered" | "lost" | "elsewhere";

export interface Line {
  readonly id: string;
  readonly direction: "in" | "out";
  readonly number: string;
  readonly name: string;
  readonly stage: Stage;
  /** When it was begun, and answered, in milliseconds since 1970. */
  readonly began: number;
  readonly answered: number | undefined;
  readonly muted: boolean;
  /** Whom this side holds hears music; `byOther`: this side hears it. */
  readonly held: boolean;
  readonly heldByOther: boolean;
  /** Why it ended. */
  readonly reason: Reason | undefined;
}

/** `dialing`: nothing heard yet; `ringing`: it rings there; `early`: the other side is heard already. */
export type Stage = "incoming" | "dialing" | "ringing" | "early" | "active" | "ended";

/** Why a call ended, in words of the interface. */
export type Reason =
  | "hung-up"
  | "busy"
  | "unavailable"
  | "unknown"
  | "declined"
  | "no-answer"
  | "forbidden"
  | "no-line"
  | "cancelled"
  | "elsewhere"
  | "no-microphone"
  | "connection"
  | "failed";

export type Event =
  | { readonly kind: "link"; readonly link: Link }
  | { readonly kind: "dial"; readonly id: string; readonly number: string; readonly name: string; readonly at: number }
  | { readonly kind: "incoming"; readonly id: string; readonly number: string; readonly name: string; readonly at: number }
  | { readonly kind: "progress"; readonly id: string; readonly early: boolean }
  | { readonly kind: "answered"; readonly id: string; readonly at: number }
  | { readonly kind: "renamed"; readonly id: string; readonly number: string; readonly name: string }
  | { readonly kind: "other-held"; readonly id: string; readonly held: boolean }
  | { readonly kind: "ended"; readonly id: string; readonly reason: Reason }
  | { readonly kind: "forget"; readonly id: string }
  | { readonly kind: "answer" | "hang-up" | "decline" | "mute" | "hold" | "switch"; readonly id: string }
  | { readonly kind: "keys"; readonly id: string; readonly keys: string };

export type Effect =
  | { readonly kind: "call"; readonly id: string; readonly number: string }
  | { readonly kind: "accept" | "end" | "forget-later"; readonly id: string }
  | { readonly kind: "refuse"; readonly id: string; readonly status: 486 | 480 }
  | { readonly kind: "mute" | "hold"; readonly id: string; readonly on: boolean }
  | { readonly kind: "send-keys"; readonly id: string; readonly keys: string };

type Step = readonly [Phone, readonly Effect[]];

export const silent: Phone = { link: "off", lines: [], active: undefined };

/** Calls at the same time; one more is busy. */
export const LINES_MAX = 4;

export function step(phone: Phone, event: Event): Step {
  switch (event.kind) {
    case "link":
      return [{ ...phone, link: event.link }, []];
    case "dial":
      return dial(phone, event);
    case "incoming":
      return incoming(phone, event);
    case "progress":
      return [
        change(phone, event.id, (line) =>
          line.stage === "dialing" || line.stage === "ringing"
            ? { ...line, stage: event.early ? "early" : "ringing" }
            : line,
        ),
        [],
      ];
    case "answered":
      return answered(phone, event);
    case "renamed":
      return [change(phone, event.id, (line) => ({ ...line, number: event.number, name: event.name })), []];
    case "other-held":
      return [change(phone, event.id, (line) => ({ ...line, heldByOther: event.held })), []];
    case "ended":
      return ended(phone, event);
    case "forget":
      return [{ ...phone, lines: phone.lines.filter((line) => line.id !== event.id || isLive(line)) }, []];
    case "answer":
      return answer(phone, event.id);
    case "hang-up":
      return hangUp(phone, event.id);
    case "decline":
      return find(phone, event.id)?.stage === "incoming"
        ? [phone, [{ kind: "refuse", id: event.id, status: 486 }]]
        : [phone, []];
    case "mute":
      return toggled(phone, event.id, "muted", "mute");
    case "hold":
      return hold(phone, event.id);
    case "switch":
      return switchTo(phone, event.id);
    case "keys":
      return isTalking(find(phone, event.id))
        ? [phone, [{ kind: "send-keys", id: event.id, keys: event.keys }]]
        : [phone, []];
  }
}

/** Whether a line has not ended. */
export function isLive(line: Line): boolean {
  return line.stage !== "ended";
}

/** The line that is heard. */
export function activeLine(phone: Phone): Line | undefined {
  return phone.active === undefined ? undefined : find(phone, phone.active);
}

/** Lines that ring here. */
export function ringing(phone: Phone): readonly Line[] {
  return phone.lines.filter((line) => line.stage === "incoming");
}

function dial(phone: Phone, event: Extract<Event, { kind: "dial" }>): Step {
  if (event.number === "" || phone.link !== "registered" || phone.lines.filter(isLive).length >= LINES_MAX) {
    return [phone, []];
  }
  const [held, effects] = holdActive(phone);
  const line: Line = { ...blank(event), direction: "out", stage: "dialing" };
  return [
    { ...held, lines: [...held.lines.filter(isLive), line], active: event.id },
    [...effects, { kind: "call", id: event.id, number: event.number }],
  ];
}

function incoming(phone: Phone, event: Extract<Event, { kind: "incoming" }>): Step {
  if (phone.lines.filter(isLive).length >= LINES_MAX) {
    return [phone, [{ kind: "refuse", id: event.id, status: 486 }]];
  }
  const line: Line = { ...blank(event), direction: "in", stage: "incoming" };
  return [{ ...phone, lines: [...phone.lines, line] }, []];
}

function answer(phone: Phone, id: string): Step {
  if (find(phone, id)?.stage !== "incoming") {
    return [phone, []];
  }
  const [held, effects] = holdActive(phone);
  return [{ ...held, active: id }, [...effects, { kind: "accept", id }]];
}

function answered(phone: Phone, event: Extract<Event, { kind: "answered" }>): Step {
  const line = find(phone, event.id);
  if (line === undefined || !isLive(line) || line.answered !== undefined) {
    return [phone, []];
  }
  const next = change(phone, event.id, (old) => ({ ...old, stage: "active", answered: event.at }));
  return [next.active === undefined ? { ...next, active: event.id } : next, []];
}

function ended(phone: Phone, event: Extract<Event, { kind: "ended" }>): Step {
  const line = find(phone, event.id);
  if (line === undefined || !isLive(line)) {
    return [phone, []];
  }
  const next = change(phone, event.id, (old) => ({ ...old, stage: "ended", reason: event.reason }));
  return [
    { ...next, active: next.active === event.id ? undefined : next.active },
    [{ kind: "forget-later", id: event.id }],
  ];
}

function hangUp(phone: Phone, id: string): Step {
  const line = find(phone, id);
  if (line === undefined || !isLive(line)) {
    return [phone, []];
  }
  return [phone, [line.stage === "incoming" ? { kind: "refuse", id, status: 486 } : { kind: "end", id }]];
}

function hold(phone: Phone, id: string): Step {
  const line = find(phone, id);
  return line?.held === true ? switchTo(phone, id) : toggled(phone, id, "held", "hold");
}

/** Takes a held line up again, and holds the one that was heard. */
function switchTo(phone: Phone, id: string): Step {
  if (!isTalking(find(phone, id))) {
    return [phone, []];
  }
  const [held, effects] = phone.active === id ? ([phone, []] as Step) : holdActive(phone);
  const [next, more] = setHeld(held, id, false);
  return [{ ...next, active: id }, [...effects, ...more]];
}

function holdActive(phone: Phone): Step {
  const line = activeLine(phone);
  return line === undefined || !isTalking(line) ? [phone, []] : setHeld(phone, line.id, true);
}

function setHeld(phone: Phone, id: string, on: boolean): Step {
  if (find(phone, id)?.held === on) {
    return [phone, []];
  }
  return [change(phone, id, (line) => ({ ...line, held: on })), [{ kind: "hold", id, on }]];
}

function toggled(phone: Phone, id: string, flag: "muted" | "held", effect: "mute" | "hold"): Step {
  const line = find(phone, id);
  if (line === undefined || !isTalking(line)) {
    return [phone, []];
  }
  const on = !line[flag];
  return [change(phone, id, (old) => ({ ...old, [flag]: on })), [{ kind: effect, id, on }]];
}

function isTalking(line: Line | undefined): boolean {
  return line?.stage === "active" || line?.stage === "early";
}

function find(phone: Phone, id: string): Line | undefined {
  return phone.lines.find((line) => line.id === id);
}

function change(phone: Phone, id: string, how: (line: Line) => Line): Phone {
  return { ...phone, lines: phone.lines.map((line) => (line.id === id ? how(line) : line)) };
}

function blank(event: { id: string; number: string; name: string; at: number }) {
  return {
    id: event.id,
    number: event.number,
    name: event.name,
    began: event.at,
    answered: undefined,
    muted: false,
    held: false,
    heldByOther: false,
    reason: undefined,
  };
}
