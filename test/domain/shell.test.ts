import { execFileSync } from "node:child_process";

import fc from "fast-check";
import { expect, test } from "vitest";

import { shell } from "../../src/domain/shell.ts";

/** What a real shell makes of a command line: its words. */
function wordsOf(line: string): string[] {
  const words = execFileSync("sh", ["-c", `for word in ${line}; do printf '%s\\0' "$word"; done`], {
    encoding: "utf8",
  });
  return words.split("\0").slice(0, -1);
}

test("a plain name is not quoted", () => {
  expect(shell`kubectl get pod ${"c1-data-0"} -n ${"production"}`).toBe("kubectl get pod c1-data-0 -n production");
});

test("an empty list leaves no gap", () => {
  expect(shell`doctor ${[]} --wait`).toBe("doctor --wait");
  expect(shell`doctor ${["--context", "a b"]} --wait`).toBe("doctor --context 'a b' --wait");
});

test("whatever a name holds, a shell takes it as one word", () => {
  const text = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom("a; touch b", "$(id)", "`id`", "it's", "a\nb", '"', "~", "*", "a&b", "#", "\\"),
  );
  fc.assert(
    fc.property(
      text.filter((word) => !word.includes("\0")),
      (word) => {
        expect(wordsOf(shell`a ${word} b`)).toEqual(["a", word, "b"]);
      },
    ),
    { numRuns: 60 },
  );
});
