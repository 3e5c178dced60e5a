import { UserError } from "../domain/errors.ts";
import type { ClusterFacts } from "../domain/facts.ts";
import { isObjectName } from "../domain/names.ts";
import { printable } from "../domain/text.ts";
import { endpointKind } from "../domain/values/endpoint.ts";
import { isRegionName } from "../domain/values/region.ts";
import type {
  BucketAddress,
  EntryPlace,
  RemoteEntry,
  SecretManager,
  StoreChoice,
} from "../plans/external-secret-objects.ts";
import type { App } from "../ports.ts";
import {
  askForEndpoint,
  askForRegionName,
  assertEndpointUrl,
  assertRegionName,
  awsEndpoint,
  GOOGLE_ENDPOINT,
} from "./bucket-address.ts";
import type { ClusterOptions } from "./options.ts";
import type { OutputOptions } from "./outputs.ts";
import type { Provider } from "./value-sources.ts";

/** Options of `init external-secret`, as commander gives them. */
export interface ExternalSecretOptions extends ClusterOptions, OutputOptions {
  readonly from?: SecretManager["kind"];
  readonly store?: string;
  readonly clusterStore?: string;
  readonly storeServiceAccount?: string;
  readonly storeRegion?: string;
  readonly googleProject?: string;
  readonly vaultServer?: string;
  readonly vaultRole?: string;
  readonly vaultPath?: string;
  readonly vaultMount?: string;
  readonly remoteKey?: string;
  readonly idProperty: string;
  readonly secretProperty: string;
  readonly provider?: Provider;
  readonly region?: string;
  readonly endpoint?: string;
  readonly secretName?: string;
  readonly refresh?: string;
  readonly overwrite?: boolean;
  readonly managed?: boolean;
  readonly dryRun?: boolean;
  readonly writeTo?: string;
  readonly wait: string;
  readonly yes?: boolean;
  readonly quiet?: boolean;
}

/** Where the values come from: one of three managers, through a store that is made for it or one that is there. */
export type WantedSource =
  | { readonly made: NonNullable<StoreChoice["made"]> }
  | { readonly made: undefined; readonly kind: StoreChoice["kind"]; readonly name: string };

/** Flags that say how a store is made, and so do not go with one that is there. */
const MAKES_STORE = [
  ["from", "--from"],
  ["storeServiceAccount", "--store-service-account"],
  ["storeRegion", "--store-region"],
  ["googleProject", "--google-project"],
  ["vaultServer", "--vault-server"],
  ["vaultRole", "--vault-role"],
  ["vaultPath", "--vault-path"],
  ["vaultMount", "--vault-mount"],
] as const;

/**
 * `clusterProject`: project of the GKE cluster, where it is known.
 * @throws UserError for flags that do not fit together, and for what is missing
 */
export function wantedSource(options: ExternalSecretOptions, clusterProject?: string): WantedSource {
  const { store, clusterStore, from } = options;
  if (store !== undefined && clusterStore !== undefined) {
    throw new UserError("usage", "--store and --cluster-store exclude each other");
  }
  const name = store ?? clusterStore;
  if (name !== undefined) {
    const given = MAKES_STORE.find(([option]) => options[option] !== undefined)?.[1];
    if (given !== undefined) {
      throw new UserError("usage", `a store that is there stays as it is, and ${given} would change it`, {
        hint: `leave ${given} out, or leave the store to this command`,
      });
    }
    const kind = store === undefined ? "ClusterSecretStore" : "SecretStore";
    return { made: undefined, kind, name: objectName(name, kind) };
  }
  if (from === undefined) {
    throw new UserError("no-manager", "which secret manager holds the keys is not known", {
      hint: "add --from aws-secrets-manager, gcp-secret-manager or vault; or --store NAME or --cluster-store NAME of a store that is there",
    });
  }
  const { storeServiceAccount: account } = options;
  const serviceAccount = account === undefined ? undefined : objectName(account, "ServiceAccount");
  return { made: { manager: managerOf(from, options), serviceAccount, clusterProject } };
}

function managerOf(kind: SecretManager["kind"], options: ExternalSecretOptions): SecretManager {
  switch (kind) {
    case "aws-secrets-manager": {
      const region = options.storeRegion ?? options.region;
      if (region === undefined)
        throw new UserError("no-region", "the region of Secrets Manager is not known", {
          hint: "add --store-region, or --region if the bucket is in the same one",
        });
      if (!isRegionName(region) || region === "auto")
        throw new UserError("bad-region", `"${printable(region)}" is no region of AWS Secrets Manager`, {
          hint: "add --store-region, for example --store-region us-east-1",
        });
      return { kind, region };
    }
    case "gcp-secret-manager":
      return { kind, project: matching(options.googleProject, PROJECT, "--google-project", "acme-prod") };
    default:
      return {
        kind,
        server: vaultServer(options.vaultServer),
        path: matching(options.vaultPath ?? "secret", VAULT_PATH, "--vault-path", "secret"),
        mount: matching(options.vaultMount ?? "kubernetes", VAULT_PATH, "--vault-mount", "kubernetes"),
        role: matching(options.vaultRole, /^[\w.-]{1,128}$/, "--vault-role", "antfly"),
      };
  }
}

const PROJECT = /^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const VAULT_PATH = /^(?!.*\.\.)[\w.-]+(\/[\w.-]+)*$/;

function matching(text: string | undefined, pattern: RegExp, flag: string, example: string): string {
  if (text === undefined)
    throw new UserError("usage", `${flag} is missing`, { hint: `for example ${flag} ${example}` });
  if (pattern.test(text)) return text;
  throw new UserError("usage", `${flag} cannot be "${printable(text)}"`, { hint: `for example ${flag} ${example}` });
}

function vaultServer(server: string | undefined): string {
  const example = "for example --vault-server https://vault.example.com:8200";
  if (server === undefined) throw new UserError("usage", "--vault-server is missing", { hint: example });
  const { scheme, host, rest } = endpointKind(server);
  if ((scheme === "https" || scheme === "http") && host !== "malformed" && rest !== "login") return server;
  throw new UserError("usage", "--vault-server is not an http or https URL without a login", { hint: example });
}

/** Each manager has its own idea of a name; Google's have no slash. */
const KEY_PATTERN: Readonly<Record<EntryPlace["kind"], RegExp>> = {
  "aws-secrets-manager": /^(?!.*\.\.)[\w/+=.@-]{1,512}$/,
  "gcp-secret-manager": /^[\w-]{1,255}$/,
  vault: VAULT_PATH,
};
const ANY_KEY = /^(?!.*\.\.)[\w/+=.@:-]{1,512}$/;

/** @throws UserError for names that the manager cannot have */
export function wantedEntry(
  options: ExternalSecretOptions,
  manager: EntryPlace | undefined,
  { namespace, name }: Pick<ClusterFacts, "namespace" | "name">,
): RemoteEntry {
  const google = manager?.kind === "gcp-secret-manager";
  const usual = google ? `antfly-${namespace}-${name}`.replaceAll(".", "_") : `antfly/${namespace}/${name}`;
  const pattern = manager === undefined ? ANY_KEY : KEY_PATTERN[manager.kind];
  const key = matching(options.remoteKey ?? usual, pattern, "--remote-key", usual);
  const property = (text: string, flag: string, example: string): string =>
    matching(text, /^[\w.-]{1,128}$/, flag, example);
  const idProperty = property(options.idProperty, "--id-property", "access_key_id");
  const secretProperty = property(options.secretProperty, "--secret-property", "secret_access_key");
  if (idProperty === secretProperty)
    throw new UserError("usage", `--id-property and --secret-property are both ${idProperty}`);
  return { key, idProperty, secretProperty };
}

/** What the database takes where nobody tells it a region (operator facts, 7.1). */
const USUAL_REGION = "us-east-1";

/** Where the bucket is, by the same rules as for `init secret`; only what is missing is asked for. */
export async function bucketAddress(options: ExternalSecretOptions, app: App): Promise<BucketAddress> {
  const { provider = "aws", endpoint: given } = options;
  if (given !== undefined) assertLiteral(given);
  if (options.region !== undefined) assertRegionName(options.region);
  switch (provider) {
    case "aws": {
      const region = options.region ?? (await askForRegionName(app));
      assertRegionName(region);
      return { endpoint: given ?? awsEndpoint(region), region };
    }
    case "gcs":
      return { endpoint: given ?? GOOGLE_ENDPOINT, region: options.region ?? "auto" };
    default: {
      const endpoint = given ?? (await askForEndpoint(provider, app));
      assertLiteral(endpoint);
      return { endpoint, region: options.region ?? USUAL_REGION };
    }
  }
}

/** It becomes part of a template, of which External Secrets carries out what stands between these braces. */
function assertLiteral(endpoint: string): void {
  assertEndpointUrl(endpoint);
  if (endpoint.includes("{{") || endpoint !== printable(endpoint))
    throw new UserError("bad-endpoint", "the endpoint holds characters that no address has");
}

function objectName(name: string, kind: string): string {
  if (isObjectName(name)) return name;
  throw new UserError("bad-name", `"${printable(name)}" cannot be the name of a ${kind}`, {
    hint: "lower-case letters, digits, dashes and dots",
  });
}
