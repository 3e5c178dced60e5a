import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";

import { linesOf } from "./exit-code-in.ts";
import type { AnyObject } from "./follow.ts";

/** Folder of the published schemas and of an example of each. */
export const SCHEMAS = fileURLToPath(new URL("../../schemas/", import.meta.url));
export const SCHEMA_FILES = readdirSync(SCHEMAS).filter((name) => name.endsWith(".json"));

/** A file of that folder. */
export const readJson = (file: string): AnyObject => JSON.parse(readFileSync(`${SCHEMAS}${file}`, "utf8"));

const ajv = new Ajv2020({ strict: false, allErrors: true });
// What it asks for is asked for by a pattern as well.
ajv.addFormat("date-time", true);
for (const file of SCHEMA_FILES) ajv.addSchema(readJson(file));

/** It says by itself which schema it fits, and it does. */
export function expectValid(document: AnyObject, schema: string): void {
  expect(document.schema).toBe(schema);
  expectFits(document, schema);
}

/** A stream of whole targets, from its first line to its last. */
export function expectStream(text: string, schema: string): void {
  const lines = linesOf(text);
  expect(lines.map(({ kind }) => kind).join(" ")).toMatch(/^run( target( result)+)+ end$/);
  expect(lines[0]?.schema).toBe(schema);
  for (const line of lines) expectFits(line, schema);
}

function expectFits(document: AnyObject, schema: string): void {
  ajv.validate(schema, document);
  expect(ajv.errors ?? []).toEqual([]);
}
