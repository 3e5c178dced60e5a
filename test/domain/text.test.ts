import { expect, test } from "vitest";

import { parseDuration } from "../../src/domain/duration.ts";
import { worstExit } from "../../src/domain/errors.ts";
import { nearest, printable } from "../../src/domain/text.ts";

test("text of a server loses what could move the cursor or forge a line", () => {
  expect(printable("a\u001b[31mred\u0007\nsecond\u202eline")).toBe("a[31mred secondline");
});

test("a slip of the finger finds its name, another word does not", () => {
  expect(nearest("prodution", ["production", "staging"])).toBe("production");
  expect(nearest("antf1y", ["antfly"])).toBe("antfly");
  expect(nearest("something-else", ["production", "staging"])).toBeUndefined();
});

test("durations have a unit", () => {
  expect(parseDuration("1.5s", "--wait")).toBe(1500);
  expect(parseDuration("2m", "--wait")).toBe(120_000);
  expect(() => parseDuration("30", "--wait")).toThrow("--wait 30 is not a duration");
});

test("the exit code that wins is the one that the design puts first", () => {
  expect(worstExit([0, 4, 5])).toBe(5);
  expect(worstExit([5, 3])).toBe(3);
  expect(worstExit([3, 7, 6])).toBe(7);
  expect(worstExit([1, 130])).toBe(130);
  expect(worstExit([])).toBe(0);
});
