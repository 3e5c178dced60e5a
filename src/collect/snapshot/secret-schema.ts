import * as z from "zod/mini";

import { flag, maybe, number, strings, text, texts } from "./fact-schema.ts";

z.config({ jitless: true });

/* The shape of what is known of a Secret. */
export const owner = z.object({
  tool: z.enum(["Argo CD", "Flux", "Helm", "External Secrets", "Sealed Secrets"]),
  evidence: text,
});

export const keyFacts = z.object({
  unread: flag,
  bytes: number,
  characters: number,
  shape: z.array(
    z.enum([
      "empty",
      "trailing-newline",
      "crlf",
      "leading-trailing-space",
      "line-break",
      "echo-n-literal",
      "quotes",
      "double-base64",
      "not-base64-decoded",
      "percent-encoded",
      "json-escaped",
      "csv-row",
      "trailing-comment",
      "placeholder",
      "nul",
      "non-utf8",
      "bom-or-invisible",
    ]),
  ),
  form: maybe(
    z.enum(["aws-key-id", "aws-temporary-key-id", "gcs-hmac-id", "aws-other-id", "secret", "service-account-json"]),
  ),
  endpoint: maybe(
    z.object({
      scheme: z.enum(["https", "http", "none", "other"]),
      host: z.enum(["aws", "gcs", "localhost", "in-cluster", "other", "malformed"]),
      region: maybe(text),
      partition: maybe(z.enum(["aws", "aws-cn"])),
      wrongService: maybe(text),
      firstLabel: text,
      rest: z.enum(["none", "slash", "path", "login"]),
    }),
  ),
  region: maybe(text),
  googleKey: maybe(
    z.object({
      type: maybe(text),
      account: maybe(text),
      keyId: maybe(text),
      pem: z.enum(["good", "escaped", "flat", "none"]),
    }),
  ),
  fingerprint: text,
});
export const keys = z.record(text, keyFacts);

export const secret = z.object({
  uid: text,
  resourceVersion: text,
  type: text,
  immutable: flag,
  createdAt: text,
  dataChangedAt: maybe(text),
  dataManagers: maybe(z.array(z.object({ manager: text, keys: texts, at: maybe(text) }))),
  keys,
  storeEntries: maybe(texts),
  lastApplied: maybe(z.enum(["data", "stringData"])),
  annotations: strings,
  inFile: flag,
  owner: maybe(owner),
});
