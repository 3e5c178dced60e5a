import fc from "fast-check";
import { expect, test } from "vitest";

import { parseEnvFile } from "../../src/collect/env-file.ts";

const parse = (text: string) =>
  Object.fromEntries([...parseEnvFile(Buffer.from(text), "keys.env")].map(([name, value]) => [name, value.text]));

test("lines, comments, export, quotation marks and Windows line ends", () => {
  const text = `# keys\r\nexport A=1\r\nB="two words"\r\nC='x'\n\nD=a#b\nE=\n F = padded \n`;
  expect(parse(text)).toEqual({ A: "1", B: "two words", C: "x", D: "a#b", E: "", F: "padded" });
});

test.each([
  ["", "keys.env holds no NAME=value line"],
  ["# only a comment\n", "keys.env holds no NAME=value line"],
  ["A=1\nnonsense\n", "keys.env:2 is not NAME=value"],
  ["A=1\nA=2\n", "keys.env:2 sets A a second time"],
  ['A="x" # y\n', "keys.env:1 has something behind the closing quotation mark"],
  ['A="open\n', "keys.env:1 has a quotation mark that is not closed"],
  ["A=FirstHalf\nSecondHalfOfTheValue==\n", "keys.env:2 looks like the rest of the value before it"],
  ["A=x\0y\n", "keys.env contains a NUL byte; a variable cannot hold one"],
])("%j is refused with its line", (text, message) => {
  expect(() => parse(text)).toThrow(message);
});

test("an error never quotes the line", () => {
  expect(() => parse("canary-secret-without-name\n")).toThrow(/^keys\.env:1 is not NAME=value$/);
});

test("a value comes back as it was written, whatever is in it", () => {
  const plain = fc
    .string({ minLength: 1, unit: "grapheme-ascii" })
    .filter((text) => text.trim() === text && !/^["']/.test(text));
  fc.assert(
    fc.property(plain, (value) => {
      expect(parse(`KEY=${value}\n`)).toEqual({ KEY: value });
    }),
  );
});
