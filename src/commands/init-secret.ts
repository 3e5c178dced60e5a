import { stringify } from "yaml";

import { CHECKS } from "../checks/index.ts";
import { parseCluster } from "../collect/objects.ts";
import { ANTFLY_CLUSTER } from "../domain/resources.ts";
import { ACCESS_KEY_ID } from "../domain/env/static-keys.ts";
import { parseDuration } from "../domain/duration.ts";
import { UserError, type ExitCode } from "../domain/errors.ts";
import type { ClusterFacts, Owner, ReferenceFacts } from "../domain/facts.ts";
import { ownerOf } from "../domain/owner.ts";
import type { Plan } from "../domain/plan.ts";
import type { Report } from "../domain/report.ts";
import type { Sensitive } from "../domain/sensitive.ts";
import { shell } from "../domain/shell.ts";
import { printable } from "../domain/text.ts";
import { asFiles, planInitSecret, type KeyChange } from "../plans/init-secret.ts";
import { KubeError, type App, type Kube, type SecretObject } from "../ports.ts";
import { asUserError, carryOut } from "./carry-out.ts";
import { givenValues, type GivenValues, type ValueOptions } from "./credential-values.ts";
import { print } from "./doctor.ts";
import { judge, lookAt, type Look } from "./judge.ts";
import { kubeSelection, parseOutputs, type ClusterOptions, type OutputOptions } from "./options.ts";
import { orThrow } from "./or-throw.ts";
import { untilSettled } from "./settle.ts";

export interface InitSecretOptions extends ClusterOptions, OutputOptions, ValueOptions {
  readonly secretName?: string;
  readonly overwrite?: boolean;
  readonly managed?: boolean;
  readonly dryRun?: boolean;
  readonly writeTo?: string;
  readonly plaintextInGit?: boolean;
  readonly wait: string;
  readonly yes?: boolean;
  readonly quiet?: boolean;
}

/** Static keys in a Secret that all node groups read: collect → plan → show → ask → apply → look whether it worked. */
export async function initSecret(name: string | undefined, options: InitSecretOptions, app: App): Promise<ExitCode> {
  const outputs = parseOutputs(options, ["human", "json"]);
  const waitMs = parseDuration(options.wait, "--wait");
  const startedAt = app.now().toISOString();
  const kube = await app.kube(kubeSelection(options));
  try {
    const look = await lookAt(app, kube, name);
    const prepared = await prepare(look, kube, options, app);
    const { plan, cluster } = prepared;
    const filesOnly = options.writeTo !== undefined;
    if (filesOnly) await assertMayWrite(plan, options, app);
    const chosen = filesOnly ? asFiles(plan, options.writeTo ?? "", cluster, (object) => stringify(object)) : plan;
    const runId = Buffer.from(app.random(8)).toString("hex");
    const done = await carryOut(chosen, { app, kube, boxes: prepared.boxes, runId }, app, {
      dryRun: options.dryRun ?? false,
      yes: options.yes ?? false,
      filesOnly,
      outputs,
      nothing: "Nothing to change: the Secret holds these values and every node group reads it.\n",
      afterwards: howToApply(chosen, cluster, kube.flags),
    });
    if (!done) return 0;
    const policy = { failOn: "error", allowUnknown: [] } as const;
    const again = async (): Promise<Report> =>
      judge(app, kube, await lookAt(app, kube, prepared.cluster.name), CHECKS, policy);
    const { report, exitCode } = await app.terminal.during("waiting for the pods", () =>
      untilSettled(app, waitMs, again),
    );
    await print(app, { ...report, exitCode }, outputs, { startedAt, quiet: options.quiet ?? false });
    return exitCode;
  } finally {
    await kube.close();
  }
}

interface Prepared {
  readonly plan: Plan;
  readonly cluster: ClusterFacts;
  readonly boxes: ReadonlyMap<string, Sensitive>;
}

async function prepare(
  { collection, target }: Look,
  kube: Kube,
  options: InitSecretOptions,
  app: App,
): Promise<Prepared> {
  orThrow(await collection.get("clusters"));
  const found = orThrow(await collection.get("cluster"));
  // Read once more, and planned from this one read alone: two reads could be of two states.
  const object = await kube
    .get(ANTFLY_CLUSTER, found.namespace, found.name)
    .catch((error: unknown) => Promise.reject(asUserError(error)));
  const cluster = parseCluster(object);
  const references = orThrow(await collection.get("references"));
  const secret = options.secretName ?? secretNameFor(cluster, references);
  const existing = await find(kube, cluster.namespace, secret);
  const given = await givenValues(options, new Set(Object.keys(existing?.data ?? {})), app);
  const keys = changesOf(given, existing);
  refuseIfNeeded(cluster, secret, existing, keys, options);
  const metadata = (existing?.metadata ?? {}) as { uid?: unknown; resourceVersion?: unknown };
  const plan = planInitSecret({
    target,
    cluster,
    nodes: (object["spec"] ?? {}) as Record<string, unknown>,
    secret,
    existing:
      existing === undefined
        ? undefined
        : { uid: String(metadata.uid), resourceVersion: String(metadata.resourceVersion) },
    keys,
  });
  return { plan, cluster, boxes: new Map([...given].map(([key, { value }]) => [key, value])) };
}

/** The first Secret that envFrom names and that is not there; else the one that supplies the keys; else a new one. */
function secretNameFor(cluster: ClusterFacts, references: ReferenceFacts): string {
  const names = cluster.groups
    .flatMap((group) => group.envFrom)
    .filter((source) => source.kind === "Secret")
    .map((source) => source.name);
  const missing = names.find((candidate) => references.secrets[candidate]?.state === "absent");
  const supplying = names.find((candidate) => {
    const fact = references.secrets[candidate];
    return fact?.state === "known" && ACCESS_KEY_ID in fact.value.keys;
  });
  return missing ?? supplying ?? `${cluster.name}-backup-credentials`;
}

async function find(kube: Kube, namespace: string, name: string): Promise<SecretObject | undefined> {
  try {
    return await kube.getSecret(namespace, name);
  } catch (error) {
    if (error instanceof KubeError && error.failure === "not-found") return undefined;
    throw asUserError(error);
  }
}

function changesOf(given: GivenValues, existing: SecretObject | undefined): KeyChange[] {
  return [...given].map(([key, { value, shown }]) => {
    const old = existing?.data[key];
    const change = old === undefined ? "add" : old.equals(value) ? "keep" : "replace";
    return { key, change, bytes: value.reveal().length, shown };
  });
}

function refuseIfNeeded(
  cluster: ClusterFacts,
  secret: string,
  existing: SecretObject | undefined,
  keys: readonly KeyChange[],
  options: InitSecretOptions,
): void {
  const replaced = keys.filter((key) => key.change === "replace").map((key) => key.key);
  const place = `Secret ${cluster.namespace}/${secret}`;
  if (replaced.length > 0 && options.overwrite !== true) {
    throw new UserError("would-overwrite", `${place} already holds other values for ${replaced.join(", ")}`, {
      hint: "pods that run keep the old values; use --secret-name NEW for a new Secret that replaces the pods, or --overwrite",
    });
  }
  const changes = keys.some((key) => key.change !== "keep");
  if (existing?.immutable === true && changes) {
    throw new UserError("immutable", `${place} is immutable`, { hint: "use --secret-name NEW for a new Secret" });
  }
  if (options.managed === true || options.writeTo !== undefined) return;
  const owners: readonly [string, Owner | undefined][] = [
    [`AntflyCluster ${cluster.namespace}/${cluster.name}`, cluster.owner],
    [place, changes && existing !== undefined ? ownerOf(existing.metadata) : undefined],
  ];
  for (const [what, owner] of owners) {
    if (owner === undefined) continue;
    throw new UserError(
      "managed",
      `${what} is managed by ${owner.tool} (${printable(owner.evidence)}), which would undo a change made here`,
      {
        hint: "write the change as files to commit with --write-to DIR, or insist with --managed",
      },
    );
  }
}

async function assertMayWrite(plan: Plan, options: InitSecretOptions, app: App): Promise<void> {
  if (options.plaintextInGit === true || !plan.steps.some((step) => step.do.startsWith("secret."))) return;
  const root = await app.files.gitRoot(options.writeTo ?? ".");
  if (root === undefined) return;
  throw new UserError(
    "plaintext-in-git",
    `${options.writeTo} lies in a Git work tree, and the Secret's file can be read by anyone who gets it`,
    {
      hint: "choose a folder outside, use a sealed or external Secret, or insist with --plaintext-in-git",
    },
  );
}

function howToApply(plan: Plan, cluster: ClusterFacts, flags: readonly string[]): string {
  const lines = plan.steps.map((step) =>
    step.do === "file.secret"
      ? shell`  kubectl apply --server-side -f ${step.with.path} ${flags}\n`
      : step.do === "file.write"
        ? shell`  kubectl patch antflycluster ${cluster.name} -n ${cluster.namespace} --type merge --patch-file ${step.with.path} ${flags}\n`
        : "",
  );
  return `Nothing was changed on the cluster. To apply:\n${lines.join("")}`;
}
