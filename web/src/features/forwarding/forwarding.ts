import type { FollowMe, Forwarding } from "@/api/queries";

/** The cases of 转移类型 in the manual's order (CFW-05). */
export const CASES = ["always", "busy", "no-answer", "busy-or-no-answer"] as const;
export type Case = (typeof CASES)[number];
export type Rule = Forwarding["rules"][number];

/** What each case is made of: two rules may not be for the same. */
const PARTS: Record<Case, readonly string[]> = {
  always: ["always"],
  busy: ["busy"],
  "no-answer": ["no-answer"],
  "busy-or-no-answer": ["busy", "no-answer"],
};

/** The cases that a rule can be for, beside the other rules (CFW-08). */
export function freeCases(rules: readonly Rule[], place: number): Case[] {
  const taken = new Set(rules.flatMap((rule, other) => (other === place ? [] : PARTS[rule.when])));
  return CASES.filter((one) => PARTS[one].every((part) => !taken.has(part)));
}

/** The rules with another, for what no rule is for; as they are when there is none left. */
export function withAnother(rules: readonly Rule[]): Rule[] {
  const when = freeCases(rules, rules.length).at(-1);
  return when === undefined ? [...rules] : [...rules, { when, to: "" }];
}

/** What there is to see in the form: one rule at least, for the case of the manual's example. */
export function shownRules(rules: readonly Rule[]): Rule[] {
  return rules.length > 0 ? [...rules] : [{ when: "busy-or-no-answer", to: "" }];
}

/** What is submitted: while forwarding is off, an empty field is no rule. */
export function submitted(forwarding: Forwarding): Forwarding {
  const rules = forwarding.rules.map((rule) => ({ ...rule, to: rule.to.trim() }));
  return { ...forwarding, rules: forwarding.enabled ? rules : rules.filter(({ to }) => to !== "") };
}

/** How long a call rings in all, from its beginning, in seconds. */
export function totalSeconds({ ring_seconds, steps }: FollowMe): number {
  return steps.reduce((sum, step) => sum + (step.seconds ?? STEP_SECONDS), ring_seconds);
}

/** A list with one of its items at another place. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const rest = items.filter((_, place) => place !== from);
  return [...rest.slice(0, to), ...items.slice(from, from + 1), ...rest.slice(to)];
}

/** What is wrong with a number before the server is asked (FM-03). */
export function wrongStep(number: string, seconds: unknown, steps: FollowMe["steps"]): { number?: string; seconds?: string } {
  return {
    ...(number.trim() === "" ? { number: "empty" } : {}),
    ...(steps.some((step) => step.number === number.trim()) ? { number: "duplicate" } : {}),
    ...(isSeconds(seconds, 1) ? {} : { seconds: "out-of-range" }),
  };
}

/** Whole seconds that something may ring. */
export function isSeconds(value: unknown, least: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= SECONDS_MAX;
}

export const SECONDS_MAX = 300;
export const STEPS_MAX = 10;
/** How long a number rings unless something else is said. */
export const STEP_SECONDS = 30;
