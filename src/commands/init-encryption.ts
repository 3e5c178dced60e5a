import { Collection, type World } from "../collect/collector.ts";
import { CLUSTER_COLLECTORS } from "../collect/cluster-facts.ts";
import { atRest, isConfigured, ownWayOf, platformOf, type EncryptionAtRest, type OwnWay } from "../domain/at-rest.ts";
import { parseEksClusterArn, parseEksServer } from "../domain/aws-arn.ts";
import type { EncryptionResult, EncryptionStep } from "../domain/encryption-step.ts";
import { UserError, type ExitCode } from "../domain/errors.ts";
import { gkeNameIn } from "../domain/gcp/gke-name.ts";
import { valueOf, type Known } from "../domain/known.ts";
import { eksSteps, gkeSteps } from "../plans/encryption-cloud-steps.ts";
import { ownSteps } from "../plans/encryption-steps.ts";
import type { App, Kube } from "../ports.ts";
import { encryptionDocument, inForceText, renderEncryption } from "../report/encryption.ts";
import { cloudRun } from "./cloud.ts";
import { encryptionFiles, writeFiles, type EncryptionFile } from "./encryption-files.ts";
import { assertKey, assertNoFile, assertProvider, type EncryptionOptions } from "./encryption-options.ts";
import { fingerprints } from "./look.ts";
import { kubeSelection } from "./options.ts";
import { parseOutputs, printOutputs } from "./outputs.ts";
import { PLAN_FORMATS } from "./print-report.ts";

/**
 * Encryption of Secrets in etcd: says what is in force, writes the file of a control plane of one's own, and prints the
 * steps. It changes nothing on the cluster or in a cloud.
 */
export async function initEncryption(options: EncryptionOptions, app: App): Promise<ExitCode> {
  const outputs = await parseOutputs(options, PLAN_FORMATS, app);
  assertProvider(options);
  const kube = await app.kube(kubeSelection(options));
  const cloud = cloudRun(options, kube, app);
  try {
    const look = await lookAtRest(app, kube, cloud.world);
    const platform = options.platform ?? look.platform;
    if (platform === undefined) throw untold(look);
    if (options.platform === undefined && look.ownWay !== undefined) throw otherwise(look.ownWay, look);
    if (platform !== "self-managed") assertNoFile(options, platform === "eks" ? "EKS" : "GKE");
    const inForce = { inForce: look.inForce, readInClear: look.readInClear };
    const made: Pick<EncryptionResult, "files" | "steps"> =
      platform === "self-managed"
        ? await onOwn(options, look, kube, app)
        : { files: [], steps: platform === "eks" ? onEks(options, look, kube, app) : onGke(options, look, kube) };
    const result = { platform, ...inForce, ...made, dryRun: options.dryRun ?? false };
    const style = await app.terminal.style("out");
    await printOutputs(app, outputs, (format) =>
      format === "json" ? encryptionDocument(result) : renderEncryption(result, style),
    );
    return 0;
  } finally {
    await Promise.all([kube.close(), cloud.close()]);
  }
}

function untold({ inForce }: AtRestLook): UserError {
  const why = inForce.is === "unknown" && inForce.why !== undefined ? `: ${inForce.why}` : "";
  return new UserError("unknown-platform", `whose control plane this is could not be told${why}`, {
    exit: 5,
    hint: "--platform eks, gke or self-managed says it",
  });
}

/** The steps are for kubeadm's kind, and would be wrong there. */
function otherwise({ name, instead }: OwnWay, look: AtRestLook): UserError {
  return new UserError("own-way", `this control plane is of ${name}, which keeps its EncryptionConfiguration itself`, {
    hint: `${instead}\nin force now: ${inForceText(look)}\n--platform self-managed writes a file all the same`,
  });
}

interface AtRestLook extends Pick<EncryptionResult, "inForce" | "readInClear"> {
  /** Undefined where the API server did not say its version. */
  readonly platform: EncryptionResult["platform"] | undefined;
  readonly facts: EncryptionAtRest | undefined;
  readonly minor: number | undefined;
  readonly ownWay: OwnWay | undefined;
}

/** Nothing that cannot be read stops the command: then it is not told. */
async function lookAtRest(app: App, kube: Kube, cloud: World["cloud"]): Promise<AtRestLook> {
  const { namespace } = kube;
  const fingerprint = fingerprints(app);
  const world = { reader: kube, namespace, cluster: undefined, allNamespaces: false, fingerprint, cloud };
  const collection = new Collection(CLUSTER_COLLECTORS, () => world);
  const fact = await collection.get("encryptionAtRest");
  const version = valueOf(await collection.get("server"));
  const facts = valueOf(fact);
  const told = facts === undefined ? undefined : atRest(facts);
  return {
    platform: facts?.platform ?? (version && platformOf(version.version)),
    inForce: told === undefined || told.is === "unknown" ? { is: "unknown", why: told?.why ?? whyOf(fact) } : told,
    readInClear: facts?.platform === "self-managed" ? (facts.written?.readInClear ?? 0) : 0,
    facts,
    minor: version?.minor,
    ownWay: version && ownWayOf(version.version, kube.server),
  };
}

function whyOf(fact: Known<EncryptionAtRest>): string | undefined {
  const unknowns = fact.state === "unknown" ? [fact] : fact.state === "known" ? (fact.gaps ?? []) : [];
  const rights = unknowns.some(({ why }) => why === "forbidden")
    ? ["antfly-creds permissions --for ANT0806 prints the rights"]
    : [];
  return unknowns.length === 0 ? undefined : [...unknowns.map(({ detail }) => detail), ...rights].join("; ");
}

async function onOwn(
  options: EncryptionOptions,
  look: AtRestLook,
  { flags }: Kube,
  app: App,
): Promise<Pick<EncryptionResult, "files" | "steps">> {
  if (options.key !== undefined)
    throw new UserError("bad-key", "--key is for EKS and GKE; this control plane's key is made here");
  if (options.writeTo === undefined && options.dryRun !== true) {
    throw new UserError("no-folder", "the file has a key in it, which is never printed", {
      hint: `--write-to DIR writes it, with mode 0600; --dry-run shows it without the key\nin force now: ${inForceText(look)}`,
    });
  }
  if (options.rotate === undefined && look.facts !== undefined && isConfigured(look.facts)) {
    app.terminal.err(
      "Nothing was written: the control plane has an EncryptionConfiguration, and with another key what that has encrypted could be read no more. --rotate FILE replaces its key or its provider.\n",
    );
    return { files: [], steps: [] };
  }
  const apiServers = look.facts?.platform === "self-managed" ? look.facts.apiServers : undefined;
  const single = apiServers?.length === 1;
  const { files, resources } = await encryptionFiles(options, single, app);
  const written = options.dryRun === true ? false : await writeFiles(files, options, app);
  const steps = ownSteps({
    folder: options.writeTo ?? ".",
    provider: {
      kind: options.provider === "kms" ? "kms" : "secretbox",
      ...(options.kmsEndpoint === undefined ? {} : { endpoint: options.kmsEndpoint }),
    },
    resources,
    replaces: options.rotate !== undefined,
    single,
    minor: look.minor,
    flags,
  });
  return { files: files.map(({ path, shown }: EncryptionFile) => ({ path, shown, written })), steps };
}

function onEks(options: EncryptionOptions, { facts }: AtRestLook, kube: Kube, app: App): EncryptionStep[] {
  assertKey(options.key, "eks");
  if (facts?.platform === "eks" && facts.key !== undefined) return [];
  const entry = parseEksClusterArn(kube.clusterEntry);
  const region = options.region ?? entry?.region ?? parseEksServer(kube.server)?.region;
  const told = facts?.platform === "eks" ? facts.cluster : undefined;
  return eksSteps({
    cluster: told ?? options.eksCluster ?? entry?.name,
    key: options.key,
    awsFlags: [
      ...(region === undefined ? [] : ["--region", region]),
      ...(options.profile === undefined ? [] : ["--profile", options.profile]),
    ],
    flags: kube.flags,
    now: app.now().toISOString().replace(/\.\d+/, ""),
  });
}

function onGke(options: EncryptionOptions, { facts, inForce }: AtRestLook, kube: Kube): EncryptionStep[] {
  assertKey(options.key, "gke");
  const told = facts?.platform === "gke" ? facts : undefined;
  if (told !== undefined && inForce.is === "encrypted") return [];
  return gkeSteps({
    cluster: gkeNameIn(told?.cluster ?? options.gkeCluster ?? kube.clusterEntry),
    projectNumber: told?.projectNumber,
    key: options.key,
  });
}
