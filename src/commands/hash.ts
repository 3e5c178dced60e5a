import type { ExitCode } from "../domain/errors.ts";
import type { GroupHash } from "../collect/manifest-hashes.ts";
import { valueOf } from "../domain/known.ts";
import { matchHash, matchNothing, type HashMatch } from "../domain/operator/envfrom-hash.ts";
import { printable } from "../domain/text.ts";
import type { App } from "../ports.ts";
import { kubeSelection, type ClusterOptions } from "./options.ts";
import { parseOutputs, printOutputs, type OutputOptions } from "./outputs.ts";

export interface HashOptions extends ClusterOptions, OutputOptions {
  readonly filename?: readonly string[];
  readonly assumeAbsent?: boolean;
}

/** Prints both generations' hash of each node group, live or from manifests, and which one the live annotation equals. */
export async function hash(name: string | undefined, options: HashOptions, app: App): Promise<ExitCode> {
  const outputs = await parseOutputs(options, ["human", "json"], app);
  let groups: GroupHash[];
  let unread = false;
  if (options.filename !== undefined && options.filename.length > 0) {
    const { hashesOfManifests } = await import("../collect/manifest-hashes.ts");
    groups = await hashesOfManifests(app, options.filename, {
      cluster: name,
      namespace: options.namespace,
      assumeAbsent: options.assumeAbsent ?? false,
    });
  } else {
    ({ groups, unread } = await liveHashes(name, options, app));
  }
  const exitCode: ExitCode = unread ? 5 : 0;
  await printOutputs(app, outputs, (format) =>
    format === "json" ? { schema: "antfly-creds.hash/v1", groups, exitCode } : renderTable(groups),
  );
  return exitCode;
}

async function liveHashes(
  name: string | undefined,
  options: HashOptions,
  app: App,
): Promise<{ groups: GroupHash[]; unread: boolean }> {
  const { lookAt } = await import("./look.ts");
  const { orThrow, permissionsIn } = await import("./or-throw.ts");
  const kube = await app.kube(kubeSelection(options));
  try {
    const { collection } = await lookAt(app, kube, name);
    const [chosen, referred, statefulSets] = await Promise.all([
      collection.get("cluster"),
      collection.get("references"),
      collection.get("statefulSets"),
    ]);
    const cluster = orThrow(chosen, permissionsIn(kube));
    const references = orThrow(referred, permissionsIn(kube));
    const groups = cluster.groups.map(({ name: group, statefulSet, envFrom }): GroupHash => {
      const hashes = references.hashes[group] ?? { content: undefined, reference: undefined };
      const live = valueOf(statefulSets)?.find((set) => set.name === statefulSet)?.envFromHash;
      return {
        namespace: cluster.namespace,
        cluster: cluster.name,
        group,
        content: hashes.content ?? null,
        reference: hashes.reference ?? null,
        live: live ?? null,
        matches: envFrom.length === 0 ? matchNothing(live) : matchHash(live, hashes),
      };
    });
    // Something could not be read: what matches is then not known either.
    const sources = [...Object.values(references.secrets), ...Object.values(references.configMaps)];
    const refused = sources.some((fact) => fact.state === "unknown");
    return { groups, unread: refused || statefulSets.state === "unknown" };
  } finally {
    await kube.close();
  }
}

const MEANING: Record<HashMatch, string> = {
  content: "live is the content hash (generation 1)",
  reference: "live is the reference hash (generation 2 or later)",
  both: "live is both (no Secret among the sources)",
  neither: "live is neither",
  unknown: "",
};

function renderTable(groups: readonly GroupHash[]): string {
  const rows = [
    ["CLUSTER", "GROUP", "CONTENT", "REFERENCE", "LIVE", ""],
    ...groups.map((group) => [
      printable(`${group.namespace}/${group.cluster}`),
      group.group,
      group.content ?? "-",
      group.reference ?? "-",
      group.live ?? "-",
      MEANING[group.matches],
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
