import type { Contact, Entry } from "@/api/queries";
import { dialable } from "@/softphone/softphone";

/** Somebody who can be called. */
export interface Person {
  readonly name: string;
  readonly number: string;
  /** What a colleague is doing; contacts do not tell. */
  readonly state?: string;
}

/** Colleagues and contacts that are sought, the closest first: whose number or name begins so before others. */
export function people(sought: string, directory: readonly Entry[], contacts: readonly Contact[]): readonly Person[] {
  const part = sought.trim().toLowerCase();
  if (part === "") {
    return [];
  }
  const holds = (person: Person) => person.number.includes(part) || person.name.toLowerCase().includes(part);
  const begins = (person: Person) => person.number.startsWith(part) || person.name.toLowerCase().startsWith(part);
  const colleagues = directory.filter(holds);
  const inside = new Set(colleagues.map(({ number }) => number));
  const known = contacts.filter(({ phone }) => phone !== "" && !inside.has(phone)).map(({ name, phone }) => ({ name, number: phone }));
  const all: readonly Person[] = [...colleagues, ...known];
  return [...all.filter(begins), ...all.filter((person) => !begins(person))].slice(0, SHOWN);
}

/** The number that was typed, if it was one: `+86 (28) 8533-7106`, `*43`. */
export function numberTyped(sought: string): string | undefined {
  return /^\+?[\d*#][\d\s()*#.\-/]*$/.test(sought.trim()) ? dialable(sought) : undefined;
}

const SHOWN = 8;
