import { expect, test } from "vitest";

import { decideGeneration, generationEvidence, type GenerationClues } from "../../src/domain/operator/generation.ts";

const none: GenerationClues = { conditions: [], specFields: undefined, hashes: [], configHash: false };
const ready = (status: string) => [{ type: "SecretsReady", status, reason: "AllSecretsFound", message: "" }];
const decide = (clues: Partial<GenerationClues>) => decideGeneration(generationEvidence({ ...none, ...clues }));

test("SecretsReady tells an operator that reads Secrets from one that does not", () => {
  expect(decide({ conditions: ready("True") })).toBe(1);
  expect(decide({ conditions: ready("False") })).toBe(1);
  expect(decide({ conditions: ready("Unknown") })).toBe(2);
});

test("the fields of the CRD tell generation 3 from 2", () => {
  expect(decide({ conditions: ready("Unknown"), specFields: ["secretStore", "internalServiceAuth"] })).toBe(3);
  expect(decide({ conditions: ready("Unknown"), specFields: ["secretStore"] })).toBe(2);
  expect(decide({ specFields: ["image"] })).toBe(1);
});

test("a hash decides when it equals only one of the two", () => {
  expect(decide({ hashes: [{ statefulSet: "c-data", match: "content" }] })).toBe(1);
  expect(decide({ hashes: [{ statefulSet: "c-data", match: "reference" }] })).toBe(2);
  expect(decide({ hashes: [{ statefulSet: "c-data", match: "both" }] })).toBeUndefined();
});

test("contradictory evidence decides nothing", () => {
  expect(
    decide({ conditions: ready("True"), hashes: [{ statefulSet: "c-data", match: "reference" }] }),
  ).toBeUndefined();
});

test("without evidence nothing is known", () => {
  expect(decide({})).toBeUndefined();
});
