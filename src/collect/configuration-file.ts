import * as z from "zod/mini";

import { NO_CONFIGURATION, type Configuration, type Setting } from "../domain/configuration.ts";
import { UserError } from "../domain/errors.ts";
import { describePlace, describeProblem } from "../domain/inputs.ts";
import { isDay, type SuppressionEntry } from "../domain/suppression.ts";
import { nearest, printable } from "../domain/text.ts";
import { parseManifests, type ManifestDocument } from "./inputs/documents.ts";
import { locate } from "./inputs/locate.ts";

z.config({ jitless: true });

const text = z.string().check(z.minLength(1));
const texts = z.array(text);

const suppression = z.strictObject({
  code: z.union([text, texts.check(z.minLength(1))]),
  subject: z.optional(text),
  reason: text,
  expires: z.optional(text.check(z.refine(isDay, "a day, as 2026-12-31"))),
});

const schema = z.strictObject({
  failOn: z.optional(z.enum(["error", "warning"])),
  allowUnknown: z.optional(texts),
  only: z.optional(texts),
  skip: z.optional(texts),
  maxAge: z.optional(text.check(z.regex(/^\d{1,4}d$/, "days, as 90d"))),
  environments: z.optional(z.record(text, texts)),
  suppress: z.optional(z.array(suppression)),
});
type Content = z.infer<typeof schema>;

/** Names of the settings by the pointer to what holds them, for `did you mean`. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(schema.shape),
  suppress: Object.keys(suppression.shape),
};

/**
 * Reads one file. Every setting knows its line.
 * @throws UserError `file:line:column: …` for an unknown key, a wrong value, or what is no YAML
 */
export function parseConfiguration(file: string, bytes: Uint8Array): Configuration {
  if (bytes.includes(0)) throw new UserError("bad-configuration", `${printable(file)} is binary, not YAML`);
  const { documents, problems } = parseManifests(file, new TextDecoder("utf-8").decode(bytes));
  const [problem] = problems;
  if (problem !== undefined) throw new UserError("bad-configuration", describeProblem(problem), hintOf(problem.fix));
  const [document, second] = documents;
  if (second !== undefined)
    throw new UserError("bad-configuration", `${printable(file)} holds more than one YAML document`);
  if (document === undefined) {
    if (new TextDecoder("utf-8").decode(bytes).replace(/^\s*(#.*)?$/gm, "") === "")
      return { ...NO_CONFIGURATION, files: [file] };
    throw new UserError("bad-configuration", `${printable(file)} holds no mapping of settings`);
  }
  // A list of Kubernetes objects is taken apart into its items; here it is a key like others.
  if (document.root !== "") throw unknownSetting({ ...document, root: "" }, [], "kind");
  const result = schema.safeParse(document.object);
  if (!result.success) throw mistake(document, result.error.issues[0]);
  return configurationOf(document, result.data);
}

function configurationOf(document: ManifestDocument, content: Content): Configuration {
  const setting = <T>(key: keyof Content, value: T | undefined): Setting<T> | undefined =>
    value === undefined ? undefined : { value, from: placeOf(document, `/${key}`) };
  const environments =
    content.environments === undefined
      ? undefined
      : Object.entries(content.environments).map(([name, namespaces]) => ({ name, namespaces }));
  return {
    files: [document.file],
    failOn: setting("failOn", content.failOn),
    allowUnknown: setting("allowUnknown", content.allowUnknown),
    only: setting("only", content.only),
    skip: setting("skip", content.skip),
    maxAgeDays: setting("maxAge", content.maxAge === undefined ? undefined : Number.parseInt(content.maxAge, 10)),
    environments: setting("environments", environments),
    suppress: (content.suppress ?? []).map((entry, i): SuppressionEntry => {
      const location = locate(document, `/suppress/${i}`);
      return {
        codes: typeof entry.code === "string" ? [entry.code] : entry.code,
        subject: entry.subject,
        reason: entry.reason,
        expires: entry.expires,
        from: describePlace(location),
        location,
      };
    }),
  };
}

function mistake(document: ManifestDocument, issue: z.core.$ZodIssue | undefined): UserError {
  const path = (issue?.path ?? []).map(String);
  if (issue?.code === "unrecognized_keys") {
    return unknownSetting(document, path, issue.keys[0] ?? "");
  }
  const place = placeOf(document, path.map((part) => `/${part}`).join(""));
  const what = path
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
    .join("")
    .slice(1);
  return new UserError(
    "bad-configuration",
    `${place} ${what || "the file"}: ${wording(issue, isThere(document.object, issue?.path ?? []))}`,
  );
}

function unknownSetting(document: ManifestDocument, path: readonly string[], key: string): UserError {
  const place = placeOf(document, `/${[...path, key].join("/")}`);
  const known = NAMES[path[0] ?? ""] ?? [];
  const near = nearest(key, known);
  const hint = near === undefined ? `settings: ${known.join(", ")}` : `did you mean ${near}?`;
  return new UserError("bad-configuration", `${place} there is no setting "${printable(key)}"`, { hint });
}

const TYPES: Readonly<Record<string, string>> = {
  array: "a list",
  string: "a text",
  object: "a mapping",
  record: "a mapping",
};

function wording(issue: z.core.$ZodIssue | undefined, present: boolean): string {
  if (!present) return "is missing";
  if (issue?.code === "invalid_type") return `must be ${TYPES[issue.expected] ?? issue.expected}`;
  if (issue?.code === "invalid_value") return `must be ${issue.values.map(String).join(" or ")}`;
  if (issue?.code === "too_small") return "must not be empty";
  if (issue?.code === "invalid_union") return "must be a code, or a list of codes";
  return `must be ${issue?.message ?? "something else"}`;
}

function isThere(object: unknown, path: readonly PropertyKey[]): boolean {
  let value: unknown = object;
  for (const key of path) value = (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[key];
  return value !== undefined;
}

function placeOf(document: ManifestDocument, pointer: string): string {
  return `${describePlace(locate(document, pointer))}:`;
}

function hintOf(fix: string | undefined): { hint?: string } {
  return fix === undefined ? {} : { hint: fix };
}
