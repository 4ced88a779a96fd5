import { expect, it } from "vitest";
import { browserOf } from "./browser";
import { inZone } from "./moment";
import { wrongPin } from "./pin";

// SET-05
it("a PIN is 4 to 10 digits, typed twice alike", () => {
  for (const bad of ["", "123", "12345678901", "12a4", "１２３４", " 1234"]) {
    expect(wrongPin(bad, bad)).toEqual({ pin: "not-a-pin" });
  }
  expect(wrongPin("4711", "4712")).toEqual({ again: "not-the-same" });
  expect(wrongPin("4711", "4711")).toEqual({});
});

// WU-01
it("a wake-up call is booked by the clocks of the site, wherever the browser is", () => {
  expect(inZone("2026-03-06", "14:56", "Asia/Shanghai")).toBe("2026-03-06T14:56:00+08:00");
  expect(inZone("2026-01-06", "07:00", "America/New_York")).toBe("2026-01-06T07:00:00-05:00");
  expect(inZone("2026-07-06", "07:00", "America/New_York")).toBe("2026-07-06T07:00:00-04:00");
  expect(inZone("2026-07-06", "07:00", "Asia/Kolkata")).toBe("2026-07-06T07:00:00+05:30");
});

// WU-01: clocks go on at 02:00 on 29 March 2026.
it("the offset is that of the morning after the clocks were changed", () => {
  expect(inZone("2026-03-29", "07:00", "Europe/Berlin")).toBe("2026-03-29T07:00:00+02:00");
  expect(inZone("2026-03-29", "01:30", "Europe/Berlin")).toBe("2026-03-29T01:30:00+01:00");
});

it("a browser is told in words that people know", () => {
  const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
  expect(browserOf(chrome)).toBe("Chrome · Windows");
  expect(browserOf(`${chrome} Edg/142.0`)).toBe("Edge · Windows");
  expect(browserOf("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1")).toBe("Safari · iPhone");
  expect(browserOf("<b>something</b>")).toBe("<b>something</b>");
  expect(browserOf("")).toBe("");
});
