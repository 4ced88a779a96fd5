import { expect, test } from "vitest";
import { csvAddress, filterOf, mailboxOf, otherParty, readCallsSearch, spans } from "./filter";

// CDR-08
test("a page that is opened without days is about today", () => {
  expect(filterOf(readCallsSearch({}), "2018-03-14")).toEqual({ from: "2018-03-14", to: "2018-03-14" });
});

// CDR-07, CDR-09, CDR-10, CDR-11
test("days, type and number hold at once", () => {
  const search = readCallsSearch({ from: "2018-03-01", to: "2018-03-14", type: "internal", number: 107, page: 2 });
  expect(filterOf(search, "2018-04-01")).toEqual({
    from: "2018-03-01",
    to: "2018-03-14",
    type: "internal",
    number: "107",
    page: 2,
  });
});

test("what an address says that is no filter is none", () => {
  expect(readCallsSearch({ from: "2018-02-30", type: "all", status: "x", open: "-1", recorded: "yes" })).toEqual({});
});

// CDR-15
test("what is exported is what is filtered, on all pages", () => {
  expect(csvAddress({ from: "2018-03-14", to: "2018-03-14", number: "+86 28", recorded: 1, page: 3 })).toBe(
    "/api/v1/calls.csv?from=2018-03-14&to=2018-03-14&number=%2B86+28&recorded=1",
  );
});

test("seven days end today, over the end of a month; a month begins with its first", () => {
  expect(spans("2024-03-02").week).toEqual({ from: "2024-02-25", to: "2024-03-02" });
  expect(spans("2024-03-02").month).toEqual({ from: "2024-03-01", to: "2024-03-02" });
});

test("who is called back is the other party, whoever called", () => {
  const call = { caller: "104", caller_name: "王芳", callee: "107" } as Parameters<typeof otherParty>[0];
  expect(otherParty(call, "104")).toEqual({ number: "107", name: "" });
  expect(otherParty(call, "107")).toEqual({ number: "104", name: "王芳" });
});

// CDR-06
test("a mailbox that took a call is told from a number", () => {
  expect(mailboxOf("voicemail:102")).toBe("102");
  expect(mailboxOf("102")).toBeUndefined();
});
