import { stringify } from "yaml";

import { parseCluster } from "../collect/objects/cluster.ts";
import { ANTFLY_CLUSTER } from "../domain/resources.ts";
import { parseDuration } from "../domain/duration.ts";
import { isOverridden } from "../domain/env/winners.ts";
import { UserError, type ExitCode } from "../domain/errors.ts";
import type { ClusterFacts, Owner } from "../domain/facts.ts";
import { ownerOf } from "../domain/owner.ts";
import type { Plan } from "../domain/plan.ts";
import type { Sensitive } from "../domain/sensitive.ts";
import { shell } from "../domain/shell.ts";
import { printable } from "../domain/text.ts";
import { asFiles, planInitSecret, type KeyChange } from "../plans/init-secret.ts";
import { KubeError, type App, type Kube, type SecretObject } from "../ports.ts";
import { asUserError, carryOut } from "./carry-out.ts";
import { wantedValues, type WantedValues } from "./credential-values.ts";
import { lookAgain } from "./look-again.ts";
import { lookAt, type LiveLook } from "./look.ts";
import { kubeSelection, type ClusterOptions } from "./options.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";
import { parseOutputs, type OutputOptions } from "./outputs.ts";
import { PLAN_FORMATS, REPORT_FORMATS, type ReportFormat } from "./print-report.ts";
import { keysIn, targetSecret } from "./target-secret.ts";
import type { ValueOptions } from "./value-sources.ts";

export interface InitSecretOptions extends ClusterOptions, OutputOptions, ValueOptions {
  readonly secretName?: string;
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
  const planOnly = options.dryRun === true || options.writeTo !== undefined;
  const outputs = await parseOutputs<ReportFormat>(options, planOnly ? PLAN_FORMATS : REPORT_FORMATS, app);
  const waitMs = parseDuration(options.wait, "--wait");
  const startedAt = app.now().toISOString();
  const kube = await app.kube(kubeSelection(options));
  try {
    const { plan, cluster, secret, boxes } = await prepare(await lookAt(app, kube, name), kube, options, app);
    const filesOnly = options.writeTo !== undefined;
    if (filesOnly) await assertMayWrite(plan, options, app);
    const chosen = filesOnly ? filesOf(plan, options.writeTo ?? "", cluster, boxes) : plan;
    const runId = Buffer.from(app.random(8)).toString("hex");
    const shop = { app, kube, boxes, runId, replaceFiles: options.overwrite ?? false };
    const done = await carryOut(chosen, shop, app, {
      dryRun: options.dryRun ?? false,
      yes: options.yes ?? false,
      filesOnly,
      outputs,
      nothing: `Nothing to change: Secret ${secret.name} holds these values and every node group reads it.\n`,
      afterwards: howToApply(chosen, cluster, secret.exists, kube.flags),
    });
    if (!done) return 0;
    const quiet = options.quiet ?? false;
    return await lookAgain(app, kube, { cluster: cluster.name, waitMs, outputs, startedAt, quiet });
  } finally {
    await kube.close();
  }
}

interface Prepared {
  readonly plan: Plan;
  readonly cluster: ClusterFacts;
  readonly secret: { readonly name: string; readonly exists: boolean };
  /** Every value that the Secret holds in the end. */
  readonly boxes: ReadonlyMap<string, Sensitive>;
}

async function prepare(
  { collection, target }: LiveLook,
  kube: Kube,
  options: InitSecretOptions,
  app: App,
): Promise<Prepared> {
  const printedBy = permissionsIn(kube);
  orThrow(await collection.get("clusters"), printedBy);
  const found = orThrow(await collection.get("cluster"), printedBy);
  // Read once more, and planned from this one read alone: two reads could be of two states.
  const object = await kube
    .get(ANTFLY_CLUSTER, found.namespace, found.name)
    .catch((error: unknown) => Promise.reject(asUserError(error)));
  const cluster = parseCluster(object);
  const references = orThrow(await collection.get("references"), printedBy);
  const secret = targetSecret(cluster, references, { named: options.secretName, printedBy });
  const existing = await find(kube, cluster.namespace, secret);
  const wanted = await wantedValues(options, existing?.data ?? {}, app);
  const keys = changesOf(wanted, existing);
  refuseIfNeeded(cluster, secret, existing, keys, options);
  const metadata = (existing?.metadata ?? {}) as { uid?: unknown; resourceVersion?: unknown };
  const names = keys.filter((key) => key.change !== "remove").map((key) => key.key);
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
    overridden: cluster.groups
      .filter((group) => isOverridden(secret, names, group.envFrom, keysIn(references)))
      .map((group) => group.name),
  });
  const boxes = new Map(Object.entries(existing?.data ?? {}));
  for (const [key, { value }] of wanted.given) boxes.set(key, value);
  for (const key of wanted.remove) boxes.delete(key);
  return { plan, cluster, secret: { name: secret, exists: existing !== undefined }, boxes };
}

async function find(kube: Kube, namespace: string, name: string): Promise<SecretObject | undefined> {
  try {
    return await kube.getSecret(namespace, name);
  } catch (error) {
    if (error instanceof KubeError && error.failure === "not-found") return undefined;
    throw asUserError(error);
  }
}

function changesOf({ given, remove }: WantedValues, existing: SecretObject | undefined): KeyChange[] {
  const changes = [...given].map(([key, { value, shown }]): KeyChange => {
    const old = existing?.data[key];
    const change = old === undefined ? "add" : old.equals(value) ? "keep" : "replace";
    return { key, change, bytes: value.reveal().length, shown };
  });
  return [...changes, ...remove.map((key): KeyChange => ({ key, change: "remove", bytes: 0, shown: undefined }))];
}

function refuseIfNeeded(
  cluster: ClusterFacts,
  secret: string,
  existing: SecretObject | undefined,
  keys: readonly KeyChange[],
  options: InitSecretOptions,
): void {
  const lost = keys.filter((key) => key.change === "replace" || key.change === "remove").map((key) => key.key);
  const place = `Secret ${cluster.namespace}/${secret}`;
  if (lost.length > 0 && options.overwrite !== true) {
    throw new UserError("would-overwrite", `${place} already holds other values for ${lost.join(", ")}`, {
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

/** The files hold the whole Secret: applied or committed, one with the changed keys alone would lose the others. */
function filesOf(plan: Plan, folder: string, cluster: ClusterFacts, boxes: ReadonlyMap<string, Sensitive>): Plan {
  return asFiles(plan, { folder, cluster: cluster.name, keys: [...boxes.keys()] }, (object) => stringify(object));
}

function howToApply(plan: Plan, cluster: ClusterFacts, exists: boolean, flags: readonly string[]): string {
  // Who wrote the keys that are there owns them, and is asked for nothing by this command.
  const force = exists ? ["--force-conflicts"] : [];
  const lines = plan.steps.map((step) =>
    step.do === "file.secret"
      ? shell`  kubectl apply --server-side ${force} -f ${step.with.path} ${flags}\n`
      : step.do === "file.write"
        ? shell`  kubectl patch antflycluster ${cluster.name} -n ${cluster.namespace} --type merge --patch-file ${step.with.path} ${flags}\n`
        : "",
  );
  return `Nothing was changed on the cluster. To apply:\n${lines.join("")}`;
}
