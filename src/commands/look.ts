import { createHmac } from "node:crypto";

import { Collection, type World } from "../collect/collector.ts";
import { CLUSTER_COLLECTORS } from "../collect/cluster-facts.ts";
import { UserError } from "../domain/errors.ts";
import type { ClusterFacts, FactKey, Facts } from "../domain/facts.ts";
import type { FileSpan, Finding } from "../domain/finding.ts";
import type { Scope, Source, Target } from "../domain/report.ts";
import type { Unknown } from "../domain/known.ts";
import { NAMESPACE } from "../domain/resources.ts";
import type { SuppressionEntry } from "../domain/suppression.ts";
import { nearest, printable } from "../domain/text.ts";
import { KubeError, type App, type Kube, type Reader } from "../ports.ts";

/** One thing to judge: its facts, read once, and what it is. */
export interface Look {
  readonly target: Target;
  /** Questions that are asked of it. What is asked of the input as such is asked once a run. */
  readonly answers: readonly Scope[];
  /** Facts that were asked for; each is read once. */
  facts(keys: readonly FactKey[]): Promise<Facts>;
  /** Suppressions on the objects that are judged, where no fact holds these. */
  readonly written?: readonly SuppressionEntry[];
  /** Those of them that are judged here, and with no AntflyCluster. */
  readonly judgesWritten?: readonly SuppressionEntry[];
  /** Flags that choose the same cluster again. */
  readonly flags: readonly string[];
  /** Flags that choose the same identity on AWS again. */
  readonly awsFlags?: readonly string[];
  /** When the facts were read, if that is not now. */
  readonly now?: Date;
  /** Where a finding stands in the files; undefined for what came from a cluster. */
  locate?(found: Finding): { readonly location: FileSpan; readonly ofSubject: boolean } | undefined;
}

export interface LiveLook extends Look {
  readonly collection: Collection;
}

const NO_FILES: Unknown = {
  state: "unknown",
  why: "not-given",
  detail: "no files are judged here; antfly-creds validate PATH looks at them",
  origin: { via: "file", ref: "files" },
};

const NO_CLOUD: World["cloud"] = { off: "this command asks no cloud; antfly-creds doctor does" };

/** A keyed hash of values, comparable within this run alone. */
export function fingerprints(app: App): (bytes: Uint8Array) => string {
  const salt = app.random(32);
  return (bytes) => createHmac("sha256", salt).update(bytes).digest("hex").slice(0, 16);
}

/**
 * Chooses the AntflyCluster: the named one, or the only one of the namespace. When the clusters cannot be listed at all
 * the look has none, and the checks say why.
 * @throws UserError when there is none, several, or none of that name
 */
export async function lookAt(
  app: App,
  kube: Kube,
  name: string | undefined,
  cloud: World["cloud"] = NO_CLOUD,
): Promise<LiveLook> {
  const { namespace, context, flags } = kube;
  const reader: Reader = kube;
  const fingerprint = fingerprints(app);
  let cluster = name;
  const world = (): World => ({ reader, namespace, cluster, allNamespaces: false, fingerprint, cloud });
  const collection = new Collection(CLUSTER_COLLECTORS, world, { inputs: NO_FILES });
  const clusters = await collection.get("clusters");
  if (clusters.state === "known") for (const { name: known } of clusters.value) app.redactor.allow(known);
  if (clusters.state === "known") cluster = (await choose(clusters.value, name, kube)).name;
  return {
    collection,
    flags,
    awsFlags: "off" in cloud ? [] : cloud.flags,
    answers: ["cluster", "inputs"],
    facts: (keys) => collection.all(keys),
    target: {
      id: "t1",
      scope: "cluster",
      context,
      namespace,
      cluster: clusters.state === "known" ? cluster : undefined,
    },
  };
}

async function choose(clusters: readonly ClusterFacts[], name: string | undefined, kube: Kube): Promise<ClusterFacts> {
  const { namespace } = kube;
  if (clusters.length === 0) {
    await assertNamespace(kube);
    throw new UserError("no-cluster", `there is no AntflyCluster in namespace ${namespace}`, {
      hint: "choose another namespace with -n; kubectl get antflyclusters -A lists all",
    });
  }
  const names = clusters.map((cluster) => printable(cluster.name));
  if (name === undefined) {
    const [only] = clusters;
    if (only !== undefined && clusters.length === 1) return only;
    throw new UserError(
      "several-clusters",
      `namespace ${namespace} has ${clusters.length} AntflyClusters: ${names.join(", ")}`,
      {
        hint: `name one, for example: antfly-creds doctor ${names[0]} -n ${namespace}`,
      },
    );
  }
  const found = clusters.find((cluster) => cluster.name === name);
  if (found !== undefined) return found;
  const near = nearest(name, names);
  throw new UserError("unknown-cluster", `there is no AntflyCluster ${printable(name)} in namespace ${namespace}`, {
    hint: near === undefined ? `there are: ${names.join(", ")}` : `did you mean ${near}?`,
  });
}

/** An empty list is also what a namespace that does not exist gives. */
async function assertNamespace(kube: Kube): Promise<void> {
  try {
    await kube.get(NAMESPACE, undefined, kube.namespace);
  } catch (error) {
    if (error instanceof KubeError && error.failure === "not-found") {
      throw new UserError(
        "unknown-namespace",
        `there is no namespace ${printable(kube.namespace)} (context ${kube.context})`,
        {
          hint: "kubectl get namespaces lists them",
        },
      );
    }
    if (!(error instanceof KubeError)) throw error;
  }
}

export function liveSource({ context }: Pick<Kube, "context">): Source {
  return { mode: "live", context, paths: [], takenAt: undefined };
}
