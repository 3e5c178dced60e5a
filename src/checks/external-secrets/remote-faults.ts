import { editExternalSecret, forceSync } from "../../domain/external-secrets.ts";
import type { ExternalSecretFacts, MappedKey, SecretStoreFacts } from "../../domain/external-secrets-facts.ts";
import {
  edit,
  finding,
  safeAwsCommand,
  safeGcloudCommand,
  type Evidence,
  type Finding,
  type Fix,
} from "../../domain/finding.ts";
import { shell } from "../../domain/shell.ts";
import { outcomeOf, severityOf, subjectOf, syncEvidence, type Sync } from "./sync.ts";

/** What is in the way lies at the provider: the entry is not there, or may not be read. */
export function remoteFault(sync: Sync): Finding[] | undefined {
  const [cause] = sync.said;
  if (cause !== "eso.remote-missing" && cause !== "eso.remote-denied") return undefined;
  const { one, stores } = sync;
  const place = placeOf(sync);
  const what = place === undefined ? "entry of that name" : `entry ${place.key}`;
  const provider = PROVIDERS[stores[0]?.provider ?? ""] ?? "the provider";
  const evidence: Evidence[] = [...(place === undefined ? [] : [place.evidence]), ...syncEvidence(sync)];
  const transient = true;
  if (cause === "eso.remote-denied") {
    const message = `${provider} does not let External Secrets read ${place === undefined ? "an entry" : what}: ${outcomeOf(sync)}`;
    const fixes = [...grantFor(stores[0], place?.key), forceSync(one)];
    return [finding(cause, severityOf(sync), subjectOf(sync), message, { evidence, fixes, transient })];
  }
  const property = propertyIn(sync);
  const message =
    property === undefined
      ? `${provider} has no ${what}, which ExternalSecret ${one.name} asks for: ${outcomeOf(sync)}`
      : `${property.message}: ${outcomeOf(sync)}`;
  const fixes = [...lookFor(stores[0], place?.key), ...correct(one, property !== undefined), forceSync(one)];
  return [finding(cause, severityOf(sync), subjectOf(sync), message, { evidence, fixes, transient })];
}

const PROVIDERS: Readonly<Record<string, string>> = {
  aws: "AWS",
  gcpsm: "Google Secret Manager",
  vault: "Vault",
  azurekv: "Azure Key Vault",
};

interface Place {
  readonly key: string;
  readonly evidence: Evidence;
}

/** ESO names the entry that it was at: `error processing spec.data[1] (key: antfly/keys), err: …`. */
function placeOf({ one, event }: Sync): Place | undefined {
  const [, list, digits] = /processing spec\.(data|dataFrom)\[(\d+)\]/.exec(event?.message ?? "") ?? [];
  if (list === undefined) return undefined;
  const index = Number(digits);
  const key = list === "data" ? one.data[index]?.remoteKey : one.dataFrom[index]?.remoteKey;
  if (key === undefined) return undefined;
  const path = list === "data" ? `/spec/data/${index}/remoteRef/key` : `/spec/dataFrom/${index}/extract/key`;
  return { key, evidence: { label: `spec.${list}[${index}]`, has: key, path } };
}

/** `key secret_access_key does not exist in secret antfly/keys`; of Vault and Azure in words of their own. */
function propertyIn({ one, event }: Sync): { readonly message: string } | undefined {
  const text = event?.message ?? "";
  const [, name, entry] =
    /key (\S+) does not exist in secret (\S+?)[.,]?(?:\s|$)/.exec(text) ??
    /property (\S+) does not exist in key (\S+?)[.,]?(?:\s|$)/.exec(text) ??
    [];
  if (name !== undefined && entry !== undefined)
    return { message: `The entry ${entry} has no property ${name}, which ExternalSecret ${one.name} asks for` };
  const vault = /cannot find secret data for key: "([^"]+)"/.exec(text)?.[1];
  if (vault === undefined) return undefined;
  const entryOf = one.data.find(({ property, remoteKey }: MappedKey) => (property ?? remoteKey) === vault)?.remoteKey;
  return {
    message: `The entry ${entryOf ?? "in Vault"} has no key ${vault}, which ExternalSecret ${one.name} asks for`,
  };
}

/** Commands that only look, with the names of the store. */
function lookFor(store: SecretStoreFacts | undefined, key: string | undefined): Fix[] {
  // A key is any text, and a tool would take this one for a flag of its own.
  if (store === undefined || key === undefined || key.startsWith("-")) return [];
  const { provider, service, region, project, mount, vaultUrl } = store;
  const where = region === undefined ? [] : ["--region", region];
  switch (provider) {
    case "aws":
      return service === "ParameterStore"
        ? [safeAwsCommand`aws ssm get-parameter --name ${key} ${where} --query Parameter.LastModifiedDate`]
        : [safeAwsCommand`aws secretsmanager describe-secret --secret-id ${key} ${where}`];
    case "gcpsm":
      return [safeGcloudCommand`gcloud secrets versions list ${key} --project ${project ?? "PROJECT"}`];
    case "vault": {
      const list = shell`vault kv list ${mount === undefined ? [] : [`-mount=${mount}`]} ${parent(key)}`;
      return [edit(`see what Vault has: ${list} (the path of a KV store of version 2 is written without data/)`)];
    }
    case "azurekv":
      return [edit(`see what the vault has: ${shell`az keyvault secret list --id ${vaultUrl ?? "VAULT_URL"}`}`)];
    default:
      return [];
  }
}

function parent(key: string): string {
  return key.includes("/") ? key.slice(0, key.lastIndexOf("/") + 1) : "/";
}

function correct(one: ExternalSecretFacts, isProperty: boolean): Fix[] {
  const what = isProperty
    ? "put the property into the entry, or correct remoteRef.property"
    : "make the entry at the provider, or correct remoteRef.key";
  return editExternalSecret(one, what).slice(0, 1);
}

/** The least that lets it be read. */
function grantFor(store: SecretStoreFacts | undefined, key: string | undefined): Fix[] {
  const entry = key ?? "the entry";
  switch (store?.provider) {
    case "aws":
      return [
        edit(
          store.service === "ParameterStore"
            ? `allow the store's identity ssm:GetParameter* on parameter ${entry}, and kms:Decrypt on its key if it has one of its own`
            : `allow the store's identity secretsmanager:GetSecretValue and DescribeSecret on ${entry}, and kms:Decrypt on its key if it has one of its own`,
        ),
        ...lookFor(store, key),
      ];
    case "gcpsm":
      return [
        edit(`give the store's identity roles/secretmanager.secretAccessor on secret ${entry}`),
        ...(key === undefined || key.startsWith("-")
          ? []
          : [safeGcloudCommand`gcloud secrets get-iam-policy ${key} --project ${store.project ?? "PROJECT"}`]),
      ];
    case "vault":
      return [edit(`let a policy of the store's role read ${store.mount ?? "MOUNT"}/data/${entry} (KV version 2)`)];
    case "azurekv":
      return [edit(`give the store's identity "Key Vault Secrets User" on ${store.vaultUrl ?? "the vault"}`)];
    default:
      return [edit(`let the store's identity read ${entry} at the provider`)];
  }
}
