import { CREDENTIAL_KEYS } from "../../domain/env/static-keys.ts";
import { editExternalSecret, forceSync, lacksSecret, refOfExternalSecret } from "../../domain/external-secrets.ts";
import type { ExternalSecretFacts, SyncEvent } from "../../domain/external-secrets-facts.ts";
import type { ReferenceFacts } from "../../domain/facts.ts";
import type { SecretFacts } from "../../domain/secret-facts.ts";
import { edit, finding, type Finding } from "../../domain/finding.ts";
import { count, sentenceList } from "../../domain/text.ts";
import type { Shape } from "../../domain/values/classify.ts";
import { consequenceOf, SHAPE_TEXT } from "../../domain/values/shapes.ts";
import { severityOf, syncEvidence } from "./sync.ts";

/** What surrounds a value at the provider comes with it. */
const AROUND: ReadonlySet<Shape> = new Set(["trailing-newline", "crlf", "line-break", "leading-trailing-space"]);
/** Too little or too much was decoded on the way. */
const DECODED: ReadonlySet<Shape> = new Set(["double-base64", "non-utf8"]);

/** Whether it is told of the ExternalSecret, too; other wrong values have nothing to do with it. */
export function isToldUpstream(key: string, shape: Shape): boolean {
  return isOfCredential(key) && (AROUND.has(shape) || DECODED.has(shape));
}

function isOfCredential(key: string): boolean {
  return (CREDENTIAL_KEYS as readonly string[]).includes(key);
}

/** The controller itself could not decode it. */
export function undecodable(one: ExternalSecretFacts, event: SyncEvent, references: ReferenceFacts): Finding {
  const isMissing = lacksSecret(one, references);
  const index = Number(/spec\.data\[(\d+)\]/.exec(event.message)?.[1] ?? Number.NaN);
  const entry = one.data[index];
  const what = entry === undefined ? "what it fetches" : entry.secretKey;
  const message = `ExternalSecret ${one.name} cannot decode ${what}: the value at the provider is not ${entry?.decoding ?? "in the form that decodingStrategy says"}`;
  return finding("eso.decoding", severityOf({ isMissing }), refOfExternalSecret(one), message, {
    evidence: [
      ...(entry === undefined
        ? []
        : [{ label: "decodingStrategy", want: "None", has: entry.decoding, path: decodingPath(index) }]),
      ...syncEvidence({ one, event }),
    ],
    fixes: [
      ...editExternalSecret(one, "set decodingStrategy to None, for a value that is stored as it is"),
      forceSync(one),
    ],
  });
}

/** Ids and secrets of AWS are base64 by chance: `Auto` decodes what was never encoded (ESO, runtime/decoding). */
export function decodedKeys(one: ExternalSecretFacts): Finding[] {
  return one.data.flatMap(({ secretKey, decoding }, i): Finding[] => {
    if (decoding !== "Auto" || !(secretKey === "AWS_ACCESS_KEY_ID" || secretKey === "AWS_SECRET_ACCESS_KEY")) return [];
    const message = `ExternalSecret ${one.name} decodes ${secretKey} with Auto: a key of AWS looks like base64, and becomes garbage`;
    return [
      finding("eso.decoding", "error", refOfExternalSecret(one), message, {
        evidence: [{ label: "decodingStrategy", want: "None", has: "Auto", path: decodingPath(i) }],
        fixes: [...editExternalSecret(one, `set decodingStrategy of ${secretKey} to None`), forceSync(one)],
      }),
    ];
  });
}

/** What reached the Secret, by its shape. */
export function wrongValues(one: ExternalSecretFacts, { keys }: SecretFacts): Finding[] {
  const of = (shapes: ReadonlySet<Shape>): { key: string; shape: Shape; bytes: number }[] =>
    Object.entries(keys).flatMap(([key, { shape, bytes }]) =>
      isOfCredential(key) ? shape.filter((each) => shapes.has(each)).map((each) => ({ key, shape: each, bytes })) : [],
    );
  const around = of(AROUND).map(({ key, shape, bytes }) => {
    const { problem, want } = SHAPE_TEXT[shape];
    const message = `${key} ${problem} at the provider, and so it does in Secret ${one.target}: ${consequenceOf(key, shape)}`;
    return finding("eso.value-newline", "error", refOfExternalSecret(one), message, {
      evidence: [{ label: key, want, has: `${count(bytes, "byte")} (value not shown)`, path: pathOf(one, key) }],
      fixes: [
        edit(`write the entry ${entryOf(one, key)} at the provider without it (printf %s, not echo)`),
        forceSync(one),
      ],
    });
  });
  const encoded = of(DECODED);
  if (encoded.length === 0) return around;
  const names = [...new Set(encoded.map(({ key }) => key))];
  const twice = encoded.some(({ shape }) => shape === "double-base64");
  const first = names[0] ?? "";
  const has = decodingOf(one, first);
  const message = twice
    ? `${sentenceList(names)} in Secret ${one.target} ${names.length === 1 ? "is" : "are"} base64 once more than it should be: the provider has it encoded, and ExternalSecret ${one.name} does not decode it`
    : `${sentenceList(names)} in Secret ${one.target} ${names.length === 1 ? "is" : "are"} no text: ExternalSecret ${one.name} decodes what was never encoded`;
  const want = twice ? "Base64" : "None";
  return [
    ...around,
    finding("eso.decoding", "error", refOfExternalSecret(one), message, {
      evidence: [{ label: "decodingStrategy", want, has, path: pathOf(one, first) }],
      fixes: [...editExternalSecret(one, `set decodingStrategy of ${sentenceList(names)} to ${want}`), forceSync(one)],
    }),
  ];
}

function decodingOf({ data, dataFrom }: ExternalSecretFacts, key: string): string {
  return data.find(({ secretKey }) => secretKey === key)?.decoding ?? dataFrom[0]?.decoding ?? "None";
}

function entryOf({ data, dataFrom }: ExternalSecretFacts, key: string): string {
  const entry = data.find(({ secretKey }) => secretKey === key);
  if (entry === undefined) return dataFrom[0]?.remoteKey ?? key;
  return entry.property === undefined ? entry.remoteKey : `${entry.remoteKey} (property ${entry.property})`;
}

function pathOf({ data }: ExternalSecretFacts, key: string): string {
  const index = data.findIndex(({ secretKey }) => secretKey === key);
  return index < 0 ? "/spec/dataFrom" : `/spec/data/${index}`;
}

function decodingPath(index: number): string {
  return `/spec/data/${index}/remoteRef/decodingStrategy`;
}
