import { describe, expect, it } from "vitest";
import type { Voicemail } from "@/api/queries";
import { cut, PER_PAGE, removalOf, removing, select, sought } from "./messages";

const message = (id: number, read: boolean): Voicemail => ({
  id,
  read,
  time: "2026-03-06T14:56:00+08:00",
  from: "101",
  from_name: "李四",
  duration_seconds: 3,
});
const three = [message(3, false), message(2, true), message(1, false)];
const ids = (messages: readonly Voicemail[]) => messages.map(({ id }) => id);
const none = new Set<number>();

// VMW-07
describe("the list of messages", () => {
  it("shows all, the unread, or the read", () => {
    expect(ids(select(three, { show: "all", page: 1 }, none))).toEqual([3, 2, 1]);
    expect(ids(select(three, { show: "unread", page: 1 }, none))).toEqual([3, 1]);
    expect(ids(select(three, { show: "read", page: 1 }, none))).toEqual([2]);
  });

  it("keeps the message that is being listened to, although it is not unread any more", () => {
    expect(ids(select(three, { show: "unread", page: 1, open: 2 }, none))).toEqual([3, 2, 1]);
  });

  it("is paged, and a page that is gone with its messages is the last there is", () => {
    const many = Array.from({ length: PER_PAGE + 1 }, (_, place) => place);
    expect(cut(many, 2)).toEqual({ items: [PER_PAGE], page: 2, pages: 2 });
    expect(cut(many.slice(1), 2).page).toBe(1);
    expect(cut([], 1)).toEqual({ items: [], page: 1, pages: 1 });
  });

  it("is what the address says, and nonsense in the address says nothing", () => {
    expect(sought({ show: "unread", page: 2, open: 7 })).toEqual({ show: "unread", page: 2, open: 7 });
    expect(sought({ show: "evil", page: -1, open: "x" })).toEqual({});
    expect(sought({ show: "all", page: 1, open: 1.5 })).toEqual({});
  });
});

// VMW-06
it("a message that is about to be deleted is not shown, even when it is open", () => {
  expect(ids(select(three, { show: "all", page: 1, open: 3 }, new Set([3])))).toEqual([2, 1]);
  const pending = new Set([removalOf([3, 1]), removalOf([1795615018258019]), "contact 2"]);
  expect(removing(pending)).toEqual(new Set([3, 1, 1795615018258019]));
});
