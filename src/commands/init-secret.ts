import { stringify } from "yaml";

import { parseCluster } from "../collect/objects/cluster.ts";
import { ANTFLY_CLUSTER } from "../domain/resources.ts";
import { parseDuration } from "../domain/duration.ts";
import { isOverridden } from "../domain/env/winners.ts";
import { UserError, type ExitCode } from "../domain/errors.ts";
import type { ClusterFacts } from "../domain/facts.ts";
import { valueOf } from "../domain/known.ts";
import type { Plan } from "../domain/plan.ts";
import type { Sensitive } from "../domain/sensitive.ts";
import { shell } from "../domain/shell.ts";
import { asFiles, planInitSecret, type KeyChange } from "../plans/init-secret.ts";
import type { HmacInput } from "../plans/hmac-steps.ts";
import { noteName } from "../plans/journal-note.ts";
import { KubeError, type App, type Google, type Kube, type SecretObject } from "../ports.ts";
import { asUserError, carryOut } from "./carry-out.ts";
import { wantedValues, type WantedValues } from "./credential-values.ts";
import { cloudRun, type CloudRun } from "./cloud.ts";
import { tellEarlierRun, readNote } from "./earlier-run.ts";
import { assertHmacOptions, readForHmac, type HmacOptions } from "./hmac-key.ts";
import { hmacLeftBy } from "./hmac-left.ts";
import { makesHmac } from "./hmac-slots.ts";
import { lookAt, type LiveLook } from "./look.ts";
import { kubeSelection, type ClusterOptions } from "./options.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";
import { parseOutputs, type OutputOptions } from "./outputs.ts";
import { PLAN_FORMATS, printReport, REPORT_FORMATS, type ReportFormat } from "./print-report.ts";
import { lookWhetherItWorks } from "./secret-proof.ts";
import { assertMayWrite, refuseIfNeeded } from "./secret-refusals.ts";
import { keysIn, targetSecret } from "./target-secret.ts";

export interface InitSecretOptions extends ClusterOptions, OutputOptions, HmacOptions {
  readonly secretName?: string;
  readonly managed?: boolean;
  readonly dryRun?: boolean;
  readonly plaintextInGit?: boolean;
  readonly wait: string;
  readonly yes?: boolean;
  readonly quiet?: boolean;
}

/** Static keys in a Secret that all node groups read: collect → plan → show → ask → apply → look whether it worked. */
export async function initSecret(name: string | undefined, options: InitSecretOptions, app: App): Promise<ExitCode> {
  assertHmacOptions(options);
  const planOnly = options.dryRun === true || options.writeTo !== undefined;
  const outputs = await parseOutputs<ReportFormat>(options, planOnly ? PLAN_FORMATS : REPORT_FORMATS, app);
  parseDuration(options.wait, "--wait");
  const startedAt = app.now().toISOString();
  const kube = await app.kube(kubeSelection(options));
  const cloud = cloudRun({ timeout: options.timeout, cloud: options.createHmac !== undefined }, kube, app);
  try {
    const google = await googleFor(options, cloud);
    const { plan, cluster, secret, boxes } = await prepare(
      await lookAt(app, kube, name),
      { kube, google },
      options,
      app,
    );
    const filesOnly = options.writeTo !== undefined;
    if (filesOnly) await assertMayWrite(plan, options, app);
    const chosen = filesOnly ? filesOf(plan, options.writeTo ?? "", cluster, boxes) : plan;
    const runId = Buffer.from(app.random(8)).toString("hex");
    const shop = {
      app,
      kube,
      // A key that nobody wrote down is one that only a note tells of.
      ...(google === undefined ? {} : { google, ...(isNoted(chosen) ? { journal: noteName(cluster.name) } : {}) }),
      boxes,
      runId,
      replaceFiles: options.overwrite ?? false,
    };
    const done = await carryOut(chosen, shop, app, {
      dryRun: options.dryRun ?? false,
      yes: options.yes ?? false,
      filesOnly,
      outputs,
      nothing: `Nothing to change: Secret ${secret.name} holds these values and every node group reads it.\n`,
      afterwards: howToApply(chosen, cluster, secret.exists, kube.flags),
      ...(google === undefined
        ? {}
        : {
            checked: "the API server accepts its steps, and Google Cloud can only be asked by doing it",
            printedBy: permissionsIn(kube, cluster.name, "--init-hmac", "--secret", secret.name),
          }),
    });
    if (!done) return 0;
    const { report, exitCode } = await lookWhetherItWorks(app, kube, cluster.name, {
      waitMs: parseDuration(options.wait, "--wait"),
      cloud: google === undefined ? undefined : cloud,
      changed: plan.steps.length > 0,
    });
    await printReport(app, { ...report, exitCode }, outputs, { startedAt, quiet: options.quiet ?? false });
    return exitCode;
  } finally {
    await Promise.all([kube.close(), cloud.close()]);
  }
}

/** A note that is removed needs none. */
function isNoted({ steps }: Plan): boolean {
  return steps.some((step) => step.do !== "journal.remove");
}

/** Google Cloud, where a key is to be made there. */
async function googleFor({ createHmac }: InitSecretOptions, { world }: CloudRun): Promise<Google | undefined> {
  if (createHmac === undefined) return undefined;
  if ("off" in world) throw new UserError("no-cloud", `--create-hmac works in Google Cloud, and ${world.off}`);
  return world.google().catch((error: unknown) => Promise.reject(asUserError(error)));
}

interface Prepared {
  readonly plan: Plan;
  readonly cluster: ClusterFacts;
  readonly secret: { readonly name: string; readonly exists: boolean };
  /** Every value that the Secret holds in the end. */
  readonly boxes: Map<string, Sensitive>;
}

async function prepare(
  { collection, target }: LiveLook,
  { kube, google }: { readonly kube: Kube; readonly google: Google | undefined },
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
  const held = existing?.data ?? {};
  const note =
    google === undefined ? undefined : await readNote(kube, cluster.namespace, noteName(cluster.name), "--init-hmac");
  const hmac = await hmacFor(options, { google, collection, held, secret, kube, app });
  const plan = planInitSecret({
    hmac,
    note,
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
  if (google !== undefined) await tellEarlierRun(note, plan, hmacLeftBy(google, held), app);
  const boxes = new Map(Object.entries(held));
  for (const [key, { value }] of wanted.given) boxes.set(key, value);
  for (const key of wanted.remove) boxes.delete(key);
  return { plan, cluster, secret: { name: secret, exists: existing !== undefined }, boxes };
}

interface HmacLook {
  readonly google: Google | undefined;
  readonly collection: LiveLook["collection"];
  readonly held: SecretObject["data"];
  readonly secret: string;
  readonly kube: Kube;
  readonly app: App;
}

/** The key that is to be made, if any; says what a person should know of it. */
async function hmacFor(
  options: InitSecretOptions,
  { google, collection, held, secret, kube, app }: HmacLook,
): Promise<HmacInput | undefined> {
  if (google === undefined) return undefined;
  if (!makesHmac(options, held)) {
    app.terminal.err(`note: Secret ${secret} has an HMAC key already, and none is made; --overwrite replaces it\n`);
    return undefined;
  }
  const printedBy = permissionsIn(kube, "--init-hmac");
  const aims = valueOf(await collection.get("aims")) ?? [];
  const { input, notes } = await readForHmac(options, google, aims).catch((error: unknown) =>
    Promise.reject(asUserError(error, printedBy)),
  );
  for (const note of notes) app.terminal.err(`note: ${note}\n`);
  return input;
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
