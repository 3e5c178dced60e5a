import type { ApiServerFacts } from "./server-facts.ts";
import { count } from "./text.ts";

/** How Secrets get into etcd, as far as it can be told from outside. */
export type EncryptionAtRest =
  | {
      readonly platform: "eks";
      /** Name of the EKS cluster, where it is known. */
      readonly cluster: string | undefined;
      /** ARN of the KMS key of its `encryptionConfig`; undefined where it has none, or EKS was not asked for want of need. */
      readonly key: string | undefined;
      /** Of Kubernetes 1.x. */
      readonly minor: number;
    }
  | {
      readonly platform: "gke";
      /** `PROJECT/LOCATION/NAME`. */
      readonly cluster: string;
      readonly projectNumber: string | undefined;
      /** `databaseEncryption.currentState`, else its `state`; undefined where the cluster has none. */
      readonly state: string | undefined;
      readonly key: string | undefined;
    }
  | {
      readonly platform: "self-managed";
      /** Undefined where they do not run as pods that can be seen. */
      readonly apiServers: ApiServerFacts | undefined;
      /** Undefined where its counters could not be read. */
      readonly written: SecretWrites | undefined;
    };

/** What the API server that was asked has counted since it started. */
export interface SecretWrites {
  /** Prefixes that it has written Secrets with, as `k8s:enc:secretbox:v1:`; empty for one as it is. */
  readonly prefixes: readonly string[];
  /** Secrets that it has read, and that lay in etcd in clear. */
  readonly readInClear: number;
}

/** What is in force. `how` is the rest of a sentence that begins with "Secrets are". */
export type AtRest =
  | { readonly is: "encrypted"; readonly how: string; readonly weak?: string }
  | { readonly is: "clear"; readonly how: string }
  /** Nothing that can be seen encrypts them; `pods` are the API servers without the flag. */
  | { readonly is: "not-told"; readonly how: string; readonly pods: readonly string[] }
  /** `why` is undefined where it is what could not be read. */
  | { readonly is: "unknown"; readonly why: string | undefined };

/** From this version of Kubernetes on EKS encrypts all objects with a key of AWS (EKS, "Default envelope encryption"). */
export const EKS_ENCRYPTS_FROM = 28;
/** A KMS plugin's name stands in it too: `k8s:enc:kms:v2:vault:`. */
const PREFIX = /^k8s:enc:([a-z]+):(v\d+):(?:(.+):)?$/;

export const WEAK_PROVIDERS: Readonly<Record<string, string>> = {
  aescbc: "can be attacked through its padding, and Kubernetes does not recommend it",
  aesgcm: "breaks after 200,000 writes with one key, unless the keys are replaced by a program",
  "kms v1": "is deprecated, and off by default since Kubernetes 1.29",
};

/** Which kind of control plane it is, by the version that the API server gives. EKS Distro (`-eks-1-33-7`) is one's own. */
export function platformOf(gitVersion: string): EncryptionAtRest["platform"] {
  if (/-eks-[0-9a-f]{7,}$/.test(gitVersion)) return "eks";
  return /-gke\./.test(gitVersion) ? "gke" : "self-managed";
}

/** A control plane that keeps its EncryptionConfiguration itself. */
export interface OwnWay {
  readonly name: string;
  /** What turns encryption on there, and says whether it is. */
  readonly instead: string;
}

/** By the version that the API server gives, and its address (`https://NAME.hcp.REGION.azmk8s.io:443`). */
export function ownWayOf(gitVersion: string, server: string): OwnWay | undefined {
  if (/\+k3s\d/.test(gitVersion))
    return {
      name: "k3s",
      instead: "k3s server --secrets-encryption; k3s secrets-encrypt status says what is in force",
    };
  if (/\+rke2r\d/.test(gitVersion))
    return { name: "RKE2", instead: "it encrypts by itself; rke2 secrets-encrypt status says what is in force" };
  return /\.azmk8s\.io(:\d+)?\/?$/.test(server)
    ? { name: "AKS", instead: "az aks update --enable-azure-keyvault-kms, with a key of Azure Key Vault" }
    : undefined;
}

/** What is in force, judged by nothing but what was seen. */
export function atRest(facts: EncryptionAtRest): AtRest {
  switch (facts.platform) {
    case "eks":
      return onEks(facts);
    case "gke":
      return onGke(facts);
    default:
      return onOwn(facts);
  }
}

/**
 * An API server of one's own runs with an EncryptionConfiguration, as far as can be seen: what that has encrypted, another
 * one with another key could not read.
 */
export function isConfigured(facts: EncryptionAtRest): boolean {
  if (facts.platform !== "self-managed") return false;
  const { apiServers = [], written } = facts;
  return (
    apiServers.some(({ encryption }) => encryption) ||
    (written !== undefined && (written.prefixes.length > 0 || written.readInClear > 0))
  );
}

function onEks({ cluster, key, minor }: Extract<EncryptionAtRest, { platform: "eks" }>): AtRest {
  if (key !== undefined) return { is: "encrypted", how: `encrypted by EKS with your key ${key}` };
  if (minor >= EKS_ENCRYPTS_FROM)
    return {
      is: "encrypted",
      how: `encrypted by EKS, as all objects are from Kubernetes 1.${EKS_ENCRYPTS_FROM} on, with a key of AWS unless the cluster has one of yours`,
    };
  const name = cluster === undefined ? "the EKS cluster" : `EKS cluster ${cluster}`;
  return {
    is: "not-told",
    how: `encrypted by nothing that can be seen: ${name} has no encryptionConfig, and EKS encrypts by itself only from Kubernetes 1.${EKS_ENCRYPTS_FROM} on`,
    pods: [],
  };
}

function onGke({ cluster, state, key }: Extract<EncryptionAtRest, { platform: "gke" }>): AtRest {
  if (/^(CURRENT_STATE_)?(ENCRYPTED|ALL_OBJECTS_ENCRYPTION_ENABLED)$/.test(state ?? ""))
    return { is: "encrypted", how: `encrypted by GKE with ${key === undefined ? "a key of Cloud KMS" : `key ${key}`}` };
  return {
    is: "not-told",
    how: `encrypted by the disks of Google alone: GKE cluster ${cluster} has databaseEncryption ${state ?? "not set"}`,
    pods: [],
  };
}

function onOwn({ apiServers, written }: Extract<EncryptionAtRest, { platform: "self-managed" }>): AtRest {
  const [prefix, ...others] = written?.prefixes ?? [];
  const without = (apiServers ?? []).filter(({ encryption }) => !encryption).map(({ pod }) => pod);
  if (without.length > 0)
    return {
      is: "not-told",
      how: `encrypted by ${prefix === undefined ? "nothing that can be seen" : "some of the API servers alone"}: kube-apiserver (${count(without.length, "pod")} ${without.join(", ")}) runs without --encryption-provider-config`,
      pods: without,
    };
  if (prefix === undefined) return { is: "unknown", why: written === undefined ? undefined : untold(apiServers) };
  if (others.length > 0)
    return {
      is: "unknown",
      why: `since it started, the API server has written Secrets in several ways (${[prefix, ...others].map((one) => providerOf(one).provider).join(", ")}), and which is the newest does not show: it counts anew once it is restarted`,
    };
  if (prefix === "") return { is: "clear", how: "written into etcd as they are: the first provider is identity" };
  const { provider, plugin } = providerOf(prefix);
  const weak = WEAK_PROVIDERS[provider];
  const through = plugin === undefined ? "" : ` (plugin ${plugin})`;
  return {
    is: "encrypted",
    how: `encrypted with ${provider}${through}, as the API server that was asked counts what it writes`,
    ...(weak === undefined ? {} : { weak: `${provider} ${weak}` }),
  };
}

function untold(apiServers: ApiServerFacts | undefined): string {
  return apiServers === undefined
    ? "the API server's flags cannot be seen from here, and since it started it has counted no Secret that went through an encryption provider"
    : "kube-apiserver runs with --encryption-provider-config, and has written no Secret since it started: which provider comes first shows with the first one that it writes";
}

/** `secretbox`, `kms v2`, `identity`. */
function providerOf(prefix: string): { readonly provider: string; readonly plugin: string | undefined } {
  const [, name = prefix === "" ? "identity" : prefix, version = "", plugin] = PREFIX.exec(prefix) ?? [];
  return { provider: name === "kms" ? `${name} ${version}` : name, plugin };
}
