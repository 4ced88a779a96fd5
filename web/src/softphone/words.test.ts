import { expect, test } from "vitest";
import { ofCause, ofStatus, wasElsewhere } from "./reason";
import { challengedInMd5 } from "./socket";
import { dialable } from "./softphone";

test("every refusal has its words", () => {
  const table: [number, string][] = [
    [486, "busy"],
    [600, "busy"],
    [404, "unknown"],
    [480, "unavailable"],
    [408, "no-answer"],
    [403, "forbidden"],
    [603, "declined"],
    [503, "no-line"],
    [487, "cancelled"],
    [500, "failed"],
  ];
  for (const [status, reason] of table) {
    expect(ofStatus(status), String(status)).toBe(reason);
  }
  expect(ofCause("User Denied Media Access")).toBe("no-microphone");
  expect(ofCause("whatever")).toBe("failed");
});

// IX-22
test("a call that was answered elsewhere is told by its reason", () => {
  expect(wasElsewhere('SIP;cause=200;text="Call completed elsewhere"')).toBe(true);
  expect(wasElsewhere("SIP;cause=487")).toBe(false);
  expect(wasElsewhere(undefined)).toBe(false);
});

// DIAL-02
test("a number is dialled as people write it", () => {
  expect(dialable("+86 (28) 8533-7106")).toBe("+862885337106");
  expect(dialable(" *71 101# ")).toBe("*71101#");
  expect(dialable("张三")).toBe("");
});

test("of several challenges the one that the library can answer is left", () => {
  const lines = [
    "SIP/2.0 401 Unauthorized",
    'WWW-Authenticate: Digest realm="bellwire", nonce="1", algorithm=MD5, qop="auth"',
    'WWW-Authenticate: Digest realm="bellwire", nonce="1", algorithm=SHA-256, qop="auth"',
    "Content-Length: 0",
    "",
    "",
  ];
  const [status, md5, , ...rest] = lines;
  expect(challengedInMd5(lines.join("\r\n"))).toBe([status, md5, ...rest].join("\r\n"));
});
