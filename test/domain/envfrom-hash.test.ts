import { expect, test } from "vitest";

import { contentHash, matchHash, referenceHash, type HashedSource } from "../../src/domain/operator/envfrom-hash.ts";
import { OBJECTS, VECTORS } from "../support/hash-vectors.ts";

for (const vector of VECTORS) {
  const sources = vector.sources.map(({ kind, name }): HashedSource => ({
    kind,
    name,
    data: bytes(vector.data?.[name] ?? name, kind),
  }));

  test(`${vector.id} ${vector.title}: both hashes`, () => {
    expect(contentHash(sources)).toBe(vector.content);
    expect(referenceHash(vector.namespace, sources)).toBe(vector.reference);
  });
}

function bytes(object: string, kind: string): Record<string, Uint8Array> | undefined {
  const data = OBJECTS[`${kind}/${object}`];
  return data && Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "latin1")]));
}

test("a live annotation is matched with either hash, both, neither, or not at all", () => {
  const hashes = { content: "aaaa", reference: "bbbb" };
  expect(matchHash("aaaa", hashes)).toBe("content");
  expect(matchHash("bbbb", hashes)).toBe("reference");
  expect(matchHash("cccc", hashes)).toBe("neither");
  expect(matchHash(undefined, hashes)).toBe("unknown");
  expect(matchHash("aaaa", { content: "aaaa", reference: "aaaa" })).toBe("both");
  // The content hash could not be computed: an annotation that is not the reference hash may be that one.
  expect(matchHash("cccc", { content: undefined, reference: "bbbb" })).toBe("unknown");
});
