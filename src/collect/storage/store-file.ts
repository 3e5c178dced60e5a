import { ACCESS_KEY_ID, ENDPOINT_URL, REGION, SECRET_ACCESS_KEY, SESSION_TOKEN } from "../../domain/env/static-keys.ts";
import type { ClusterFacts, ReferenceFacts } from "../../domain/facts.ts";
import { Sensitive } from "../../domain/sensitive.ts";
import { keptValues } from "../kept-values.ts";

/** Entries of a secret store's file by the variable that they override (operator facts, 7.2). */
const ENTRIES: Readonly<Record<string, string>> = {
  "aws.access_key_id": ACCESS_KEY_ID,
  "aws.secret_access_key": SECRET_ACCESS_KEY,
  "aws.session_token": SESSION_TOKEN,
  "aws.endpoint_url": ENDPOINT_URL,
  "aws.region": REGION,
};

type StoreValues = Readonly<Record<string, { readonly value: Sensitive; readonly supply: undefined }>>;

/** What the file of `spec.secretStore` sets; nothing where there is none that the database would load. */
export function storeValues({ secretStore, secretStoreKey }: ClusterFacts, { secrets }: ReferenceFacts): StoreValues {
  const fact = secretStore === undefined ? undefined : secrets[secretStore];
  if (fact?.state !== "known" || fact.value.storeEntries === undefined) return {};
  const file = keptValues(fact.value)?.[secretStoreKey];
  if (file === undefined) return {};
  // It was read once, for the names of its entries: it is JSON of this shape.
  const { secrets: entries } = JSON.parse(Buffer.from(file.reveal()).toString("utf8")) as {
    secrets: readonly { key: string; value: string }[];
  };
  return Object.fromEntries(
    entries.flatMap(({ key, value }) => {
      const variable = ENTRIES[key] ?? (Object.values(ENTRIES).includes(key) ? key : undefined);
      return variable === undefined ? [] : [[variable, { value: new Sensitive(value), supply: undefined }] as const];
    }),
  );
}
