import fc from "fast-check";
import { expect, test } from "vitest";

import { insertMembers } from "../../src/domain/insert-members.ts";

const ADD = { store: { kind: "external_io", buckets: ["a"] } };

test.each([
  ["compact", `{"a":1}`, `{"a":1,"connections":{"store":{"kind":"external_io","buckets":["a"]}}}`],
  ["empty", `{}`, `{"connections":{"store":{"kind":"external_io","buckets":["a"]}}}`],
  [
    "compact, with others",
    `{"connections": {"x": {}}, "a": 1.0}`,
    `{"connections": {"x": {},"store":{"kind":"external_io","buckets":["a"]}}, "a": 1.0}`,
  ],
  [
    "in lines",
    `{\n  "log": {\n    "level": "info"\n  },\n  "size": 12345678901234567890\n}\n`,
    `{\n  "log": {\n    "level": "info"\n  },\n  "size": 12345678901234567890,\n  "connections": {\n    "store": {\n      "kind": "external_io",\n      "buckets": [\n        "a"\n      ]\n    }\n  }\n}\n`,
  ],
  [
    "in lines, with others",
    `{\n\t"connections": {\n\t\t"x": {}\n\t},\n\t"b": "}{\\""\n}`,
    `{\n\t"connections": {\n\t\t"x": {},\n\t\t"store": {\n\t\t\t"kind": "external_io",\n\t\t\t"buckets": [\n\t\t\t\t"a"\n\t\t\t]\n\t\t}\n\t},\n\t"b": "}{\\""\n}`,
  ],
  [
    "in lines, with none",
    `{\n  "connections": {}\n}`,
    `{\n  "connections": {\n    "store": {\n      "kind": "external_io",\n      "buckets": [\n        "a"\n      ]\n    }\n  }\n}`,
  ],
])("%s", (_, before, after) => {
  expect(insertMembers(before, "connections", ADD)).toBe(after);
});

test("nothing to add is no change", () => {
  expect(insertMembers(`{ "a" : 1 }`, "connections", {})).toBe(`{ "a" : 1 }`);
});

test("any object keeps every byte that it had, in its order", () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue()).map(({ connections: _, ...rest }) => rest);
  const config = fc.tuple(object, fc.option(object, { nil: undefined }), fc.constantFrom(0, 2, "\t"));
  fc.assert(
    fc.property(config, ([rest, connections, indent]) => {
      const there = Object.fromEntries(Object.entries(connections ?? {}).filter(([key]) => key !== "store"));
      const whole = connections === undefined ? rest : { ...rest, connections: there };
      const before = JSON.stringify(whole, null, indent);
      const after = insertMembers(before, "connections", ADD);
      // What was there is what is left when the new part is cut out: the longest common start and end cover it.
      let start = 0;
      while (start < before.length && before[start] === after[start]) start++;
      const end = before.slice(start).replace(/^\s+/, "");
      expect(after.endsWith(end)).toBe(true);
    }),
  );
});

test("what is no JSON is refused", () => {
  expect(() => insertMembers("{", "connections", ADD)).toThrow(SyntaxError);
});
