import { expect, test } from "vitest";
import { numberTyped, people } from "./found";

const directory = [
  { number: "100", name: "张三", state: "idle" },
  { number: "210", name: "John Doe", state: "in-use" },
];
const contact = (name: string, phone: string) => ({ id: 1, name, phone, email: "", company: "", scope: "company" as const });

test("nobody is offered before anything is typed", () => {
  expect(people(" ", directory, [contact("王芳", "85337106")])).toEqual([]);
});

test("who begins with what is typed comes first", () => {
  expect(people("10", directory, []).map(({ number }) => number)).toEqual(["100", "210"]);
  expect(people("DOE", directory, [contact("Doe & Co", "853")]).map(({ number }) => number)).toEqual(["853", "210"]);
});

test("a colleague who is a contact, too, is offered once, and a contact without a number never", () => {
  expect(people("张", directory, [contact("张三", "100"), contact("张飞", "")])).toHaveLength(1);
});

test("numbers are called as they were pasted, codes as well, and names are no numbers", () => {
  expect(numberTyped("+86 (28) 8533-7106")).toBe("+862885337106");
  expect(numberTyped("*43")).toBe("*43");
  expect(numberTyped("3CX")).toBeUndefined();
  expect(numberTyped("")).toBeUndefined();
});
