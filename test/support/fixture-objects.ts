import type { Policy } from "../../src/domain/policy.ts";
import type { SuppressionEntry } from "../../src/domain/suppression.ts";
import { CANARY_SECRET } from "./canaries.ts";
import { crdsOf } from "./crds/crds.ts";
import { externalSecretsCrds } from "./crds/external-secrets.ts";
import type { AwsFault } from "./aws-server/faults.ts";
import type { AwsServerOptions } from "./aws-server/index.ts";
import type { GoogleFault } from "./google-server/faults.ts";
import type { AwsSeed } from "./test-cloud.ts";
import type { AnyObject } from "./follow.ts";
import { apiVersionOf, BUILT_IN } from "./kube-server/kinds.ts";
import type { PolicyRule } from "./test-cluster.ts";
import type { GoogleSeed } from "./test-google.ts";

/** What a file holds: text, bytes that are no text, or so many zeros that nobody wants them in a fixture. */
export type FileContent = string | { readonly base64: string } | { readonly mebibytes: number };

/** What a check comes to. */
export interface Outcome {
  readonly finds?: readonly string[];
  readonly is?: string;
}

/** One case of a check's fixture. */
export interface FixtureCase {
  readonly name: string;
  /** Objects on the API server; see `fixtureObjects` for what is filled in. */
  readonly objects?: readonly AnyObject[];
  /** Generation of the operator whose CRDs and conditions are there; 2 unless said otherwise. */
  readonly generation?: 1 | 2 | 3 | "none";
  /** Versions of External Secrets that are served; v1 where an object is of it, unless said otherwise, and none for []. */
  readonly externalSecrets?: readonly string[];
  /** Version of Kubernetes, e.g. `v1.31.0`. */
  readonly kubernetes?: string;
  /** Lines of the API server's metrics. */
  readonly metrics?: readonly string[];
  /** Resources that the caller may not read. */
  readonly forbidden?: readonly string[];
  /** Checks that run beside the one under test and those it comes after. */
  readonly also?: readonly string[];
  /** The caller's Role; without it the caller may do everything. */
  readonly rights?: readonly PolicyRule[];
  /** `status cause Kind name` of each finding; none means that the check passes. */
  readonly finds?: readonly string[];
  /** The outcome, where it does not follow from `finds`. */
  readonly is?: string;
  /** Words that the result has to hold. */
  readonly says?: readonly string[];
  /** What the same objects come to as manifests, where that is something else; false: they say nothing as manifests. */
  readonly offline?: false | Outcome;
  /** What they come to as manifests over a cluster that has them, where that is something else. */
  readonly overlay?: Outcome;
  /** Files to judge, by name; then there is no cluster at all. */
  readonly files?: Readonly<Record<string, FileContent>>;
  /** The files lie in a Git work tree, and Git keeps all that a `.gitignore` among them does not name. */
  readonly git?: boolean;
  /** What the configuration asks of checks. */
  readonly policy?: Partial<Policy>;
  /** Suppressions of the configuration. */
  readonly suppressions?: readonly SuppressionEntry[];
  /** Time at which the case is judged. */
  readonly now?: string;
  /** What is there on AWS; then AWS is asked. Without it no cloud is. */
  readonly aws?: AwsSeed;
  /** What is there in Google Cloud; then Google is asked. The cluster is the first of its `clusters`, if it has any. */
  readonly google?: GoogleSeed;
  /** With `aws` or `google`: how the run is told to ask. */
  readonly asks?: FixtureAsks;
  /** Calls that AWS gets. */
  readonly awsCalls?: number;
  /** Calls that Google gets. */
  readonly googleCalls?: number;
}

/** Flags of the run and the surroundings that it finds. */
export interface FixtureAsks {
  readonly prove?: boolean;
  readonly bucket?: string;
  readonly eksCluster?: string;
  readonly gkeCluster?: string;
  /**
   * Name of the kubeconfig's cluster entry, e.g. the ARN of an EKS cluster; with `google`, it is the name that gcloud gives
   * the first of the clusters unless told.
   */
  readonly clusterEntry?: string;
  /** Issuer of the cluster's tokens, where that is not one of EKS or, with `google`, the cluster's own. */
  readonly issuer?: string;
  /** What the store is like; AWS's own S3 unless told. */
  readonly store?: AwsServerOptions["store"];
  /**
   * `--endpoint`: where this AWS listens; the same with https; a port that nobody listens at; a server with a certificate
   * that is not trusted, and the same with http.
   */
  readonly endpoint?: "HERE" | "TLS" | "NOBODY" | "UNTRUSTED" | "PLAIN-TO-TLS";
  /** Calls that go wrong. */
  readonly fails?: readonly AwsFault[];
  /** Calls to Google that go wrong. */
  readonly googleFails?: readonly GoogleFault[];
  /** The tool finds no credentials of its own. */
  readonly credentials?: "none";
}

const CREATED = "2026-08-01T10:00:00Z";
const READY = {
  1: { type: "SecretsReady", status: "True", reason: "AllSecretsFound", message: "All referenced secrets exist" },
  2: {
    type: "SecretsReady",
    status: "Unknown",
    reason: "AllSecretsFound",
    message: "Secret references are delegated to Kubernetes and are not read by the operator",
  },
} as const;

/**
 * A value of a Secret's `stringData` or a ConfigMap: text, `s` for a secret that must not show anywhere, or one that is
 * too long to be written out.
 */
type FixtureValue = string | { readonly repeat: string; readonly times: number };

/**
 * The objects of a case as the server holds them. A fixture says what matters: API versions, namespaces (`production`), the
 * operator's conditions, a minimal spec, base64 of `stringData` and managedFields of a Secret, and the time of a Lease
 * that was `renewedAgo` seconds (the server's clock is the real one) are filled in.
 */
export function fixtureObjects({ objects = [], generation = 2, externalSecrets }: FixtureCase): AnyObject[] {
  const crds = generation === "none" ? [] : crdsOf(generation);
  const versions = externalSecrets ?? (objects.some((object) => SYNCING.has(object.kind)) ? ["v1"] : []);
  const served = versions.length === 0 ? [] : externalSecretsCrds(versions);
  return [...crds, ...served, ...objects.map((object) => filledIn(object, generation, versions[0] ?? "v1"))];
}

/** Kinds of External Secrets. */
const SYNCING = new Set(["ExternalSecret", "SecretStore", "ClusterSecretStore"]);

function filledIn(object: AnyObject, generation: 1 | 2 | 3 | "none", version: string): AnyObject {
  const kind = BUILT_IN.find((one) => one.kind === object.kind);
  const isOfCluster = kind?.namespaced === false || object.kind === "ClusterSecretStore";
  const place = isOfCluster ? {} : { namespace: "production" };
  const metadata = { ...place, creationTimestamp: CREATED, ...object.metadata };
  if (object.kind === "AntflyCluster") {
    const nodes = { replicas: 3, resources: { limits: {} } };
    const { metadataNodes, dataNodes, ...spec } = object.spec ?? {};
    const conditions = generation === "none" ? [] : [READY[generation === 3 ? 2 : generation]];
    return {
      apiVersion: "antfly.io/v1",
      status: { conditions },
      ...object,
      metadata,
      spec: {
        image: "ghcr.io/antflydb/antfly:latest",
        config: "{}",
        storage: {},
        ...(spec.mode === "Swarm"
          ? {
              ...(metadataNodes === undefined ? {} : { metadataNodes }),
              ...(dataNodes === undefined ? {} : { dataNodes }),
            }
          : {
              metadataNodes: {
                ...nodes,
                ...metadataNodes,
              },
              dataNodes: {
                ...nodes,
                ...dataNodes,
              },
            }),
        ...spec,
      },
    };
  }
  if (SYNCING.has(object.kind)) return { apiVersion: `external-secrets.io/${version}`, ...object, metadata };
  if (object.kind === "AntflyBackup") return { apiVersion: "antfly.io/v1", ...object, metadata };
  const apiVersion = kind === undefined ? "v1" : apiVersionOf(kind);
  if (object.kind === "Lease") {
    const { renewedAgo, ...rest } = object;
    const renewTime = new Date(Date.now() - renewedAgo * 1000).toISOString().replace("Z", "000Z");
    return { apiVersion, spec: { holderIdentity: metadata.name, renewTime }, ...rest, metadata };
  }
  if (object.kind === "ConfigMap") return { apiVersion, ...object, data: texts(object.data), metadata };
  if (object.kind !== "Secret") return { apiVersion, ...object, metadata };
  const data = Object.fromEntries(
    Object.entries(texts(object.stringData)).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
  );
  const time = object.dataChangedAt ?? metadata.creationTimestamp;
  const managedFields = [
    {
      manager: "kubectl",
      operation: "Update",
      apiVersion: "v1",
      time,
      fieldsType: "FieldsV1",
      fieldsV1: { "f:data": {} },
    },
  ];
  const { stringData: _, dataChangedAt: __, ...rest } = object;
  return { apiVersion: "v1", type: "Opaque", data, ...rest, metadata: { managedFields, ...metadata } };
}

function texts(values: Readonly<Record<string, FixtureValue>> | undefined): Record<string, string> {
  const text = (value: FixtureValue): string => {
    if (typeof value === "object" && "repeat" in value) return value.repeat.repeat(value.times);
    return value === "s" ? CANARY_SECRET : value;
  };
  return Object.fromEntries(Object.entries(values ?? {}).map(([key, value]) => [key, text(value)]));
}

/** Kinds that nobody writes into a manifest. */
const OF_THE_SERVER = new Set([
  "CustomResourceDefinition",
  "Pod",
  "StatefulSet",
  "ControllerRevision",
  "Lease",
  "Node",
  "Event",
  "EndpointSlice",
  "ValidatingWebhookConfiguration",
]);

/** Its controller has made it, and nobody writes it into a manifest. */
function isMade({ metadata }: AnyObject): boolean {
  return (metadata.ownerReferences ?? []).some((owner: AnyObject) => owner.kind === "ExternalSecret");
}

/** The objects of a case as the manifests that they could have been applied from. */
export function fixtureManifests(one: FixtureCase): AnyObject[] {
  return fixtureObjects(one)
    .filter((object) => !OF_THE_SERVER.has(object.kind) && !isMade(object))
    .map(({ status: _, ...object }) => {
      const { managedFields: __, creationTimestamp: ___, uid: ____, ...metadata } = object["metadata"];
      return { ...object, metadata };
    });
}
