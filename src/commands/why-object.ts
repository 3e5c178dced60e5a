import { CHECKS } from "../checks/index.ts";
import { toKnown } from "../collect/collector.ts";
import { parseBackup } from "../collect/objects/backup.ts";
import { parseFailures, parsePodSymptoms, parseWarning, type PodSymptoms } from "../collect/objects/pod-symptoms.ts";
import { UserError } from "../domain/errors.ts";
import type { BackupFacts, ClusterFacts } from "../domain/facts.ts";
import { aimedAt, describeRef, type Finding, type Ignorance, type Ref } from "../domain/finding.ts";
import type { Grant } from "../domain/grant.ts";
import { WHY } from "../domain/grants.ts";
import { known, valueOf, type Known } from "../domain/known.ts";
import { allResults, isUndecided, type Result } from "../domain/report.ts";
import { ANTFLY_BACKUP, ANTFLY_RESTORE, EVENT, JOB, POD, type ResourceType } from "../domain/resources.ts";
import { shell } from "../domain/shell.ts";
import { printable } from "../domain/text.ts";
import { concerns, isAbout, isNamedIn, type Asked } from "../domain/why/concern.ts";
import { candidatesFor } from "../domain/why/match.ts";
import { ranked, type Explained, type Verdict } from "../domain/why/verdict.ts";
import type { App, Kube, KubeObject } from "../ports.ts";
import type { Area } from "../checks/define.ts";
import { judge } from "./judge.ts";
import { liveSource, lookAt } from "./look.ts";
import { kubeSelection, type ClusterOptions } from "./options.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";
import { withCode } from "./why.ts";

/** Checks that can explain a pod or a backup that fails. */
const TELLING: ReadonlySet<Area> = new Set(["access", "references", "values", "aws", "external-secrets", "rollout"]);

interface Kind {
  readonly type: ResourceType;
  readonly names: readonly string[];
}

const KINDS: readonly Kind[] = [
  { type: POD, names: ["pod", "pods", "po"] },
  { type: ANTFLY_BACKUP, names: ["backup", "backups", "antflybackup", "antflybackups"] },
  { type: ANTFLY_RESTORE, names: ["restore", "restores", "antflyrestore", "antflyrestores"] },
];

/** What the object says of itself, and whose it is. */
interface Story {
  readonly subject: Ref;
  readonly texts: readonly string[];
  readonly cluster: BackupFacts["cluster"] | undefined;
  readonly asked: Asked;
  readonly fails: boolean;
  readonly unknown: readonly Ignorance[];
}

/**
 * Explains `pod/NAME`, `backup/NAME` or `restore/NAME`: by what it says of itself, and by the checks of its cluster.
 * @throws UserError for another kind, and for an object that is not there or may not be read
 */
export async function explainObject(text: string, options: ClusterOptions, app: App): Promise<Verdict> {
  const [word = "", name = "", ...rest] = text.split("/");
  const kind = KINDS.find(({ names }) => names.includes(word.toLowerCase()));
  if (kind === undefined || name === "" || rest.length > 0) {
    throw new UserError("usage", `"${printable(text)}" is no pod, backup or restore`, {
      hint: "antfly-creds why pod/NAME, why backup/NAME, why restore/NAME, or why --error TEXT",
    });
  }
  const kube = await app.kube(kubeSelection(options));
  try {
    const story = kind.type === POD ? await storyOfPod(kube, name) : await storyOfBackup(kube, kind.type, name);
    const { candidates, unknown, results } = await fromChecks(app, kube, options, story);
    const told = story.texts.flatMap((one) => candidatesFor(one, kube.namespace)).map(withCode);
    const all = ranked(
      candidates,
      told.filter((one) => !isRefuted(one, results)),
    );
    const unread = [...story.unknown, ...unknown];
    return {
      subject: describeRef(story.subject),
      candidates: all,
      healthy: !story.fails && all.length === 0 && unread.length === 0,
      unknown: unread,
      hint: hintFor(kind.type, name, story.cluster?.namespace ?? kube.namespace, kube.flags),
    };
  } finally {
    await kube.close();
  }
}

/** Where to read on: in the log of the pod, or of the nodes that do a backup's work. */
function hintFor(type: ResourceType, name: string, namespace: string, flags: readonly string[]): string {
  const logs =
    type === POD
      ? shell`kubectl logs ${name} -n ${namespace} ${flags}`
      : shell`kubectl logs -n ${namespace} -l app.kubernetes.io/name=antfly-database --tail 200 ${flags}`;
  const why = type === POD ? "its log may say more" : "the nodes do the work, and their logs say why it failed";
  return `${why}: ${logs} | antfly-creds why --error - -n ${namespace}`;
}

async function storyOfPod(kube: Kube, name: string): Promise<Story> {
  const { namespace } = kube;
  const subject = { kind: "Pod", namespace, name };
  const [pod, events] = await Promise.all([
    read(describeRef(subject), grantFor("get", "pods"), async () =>
      parsePodSymptoms(await kube.get(POD, namespace, name)),
    ),
    warningsOf(kube, name),
  ]);
  const { labels, well, texts } = orThrow(pod, permissionsIn(kube, "--why"));
  const ofDatabase = labels["app.kubernetes.io/name"] === "antfly-database";
  const instance = labels["app.kubernetes.io/instance"];
  const owner = labels["antfly.io/backup"] ?? labels["antfly.io/restore"];
  return {
    subject,
    texts: [...texts, ...(valueOf(events) ?? [])],
    cluster: instance === undefined || !ofDatabase ? undefined : { namespace, name: instance },
    asked: {
      names: [name, ...(owner === undefined ? [] : [owner])],
      group: labels["app.kubernetes.io/component"],
      secret: undefined,
    },
    fails: !well,
    unknown: ignorance(events),
  };
}

async function storyOfBackup(kube: Kube, type: ResourceType, name: string): Promise<Story> {
  const { namespace } = kube;
  const isBackup = type === ANTFLY_BACKUP;
  const kind = isBackup ? "AntflyBackup" : "AntflyRestore";
  const subject = { kind, namespace, name };
  const label = `${isBackup ? "antfly.io/backup" : "antfly.io/restore"}=${name}`;
  const [object, jobs, pods] = await Promise.all([
    read(describeRef(subject), grantFor("get", type.resource), () => kube.get(type, namespace, name)),
    read("its Jobs", grantFor("list", "jobs"), () => kube.list(JOB, namespace, { labelSelector: label })),
    read("its pods", grantFor("list", "pods"), async () => {
      const list = await kube.list(POD, namespace, { labelSelector: label });
      return list.map(parsePodSymptoms);
    }),
  ]);
  const found: KubeObject = orThrow(object, permissionsIn(kube, "--why"));
  const { cluster, credentialsSecret } = parseBackup(found, kind);
  const failures = [...parseFailures(found), ...(valueOf(jobs) ?? []).flatMap(parseFailures)];
  const broken: readonly PodSymptoms[] = (valueOf(pods) ?? []).filter((pod) => pod.texts.length > 0);
  return {
    subject,
    texts: [...failures, ...broken.flatMap((pod) => pod.texts)],
    cluster,
    asked: { names: [name], group: undefined, secret: credentialsSecret },
    fails: failures.length > 0 || broken.some((pod) => !pod.well),
    unknown: [...ignorance(jobs), ...ignorance(pods)],
  };
}

interface Judged {
  readonly candidates: readonly Explained[];
  readonly unknown: readonly Ignorance[];
  readonly results: readonly Result[];
}

/** Findings that may explain it, from the checks of its cluster; nothing for a pod that is no database's. */
async function fromChecks(app: App, kube: Kube, options: ClusterOptions, story: Story): Promise<Judged> {
  const { cluster } = story;
  if (cluster === undefined) return { candidates: [], unknown: [], results: [] };
  if (cluster.namespace === kube.namespace) return judgeCluster(app, kube, cluster.name, story);
  // An AntflyBackup may belong to a cluster of another namespace.
  const there = await app.kube(kubeSelection({ ...options, namespace: cluster.namespace }));
  try {
    return await judgeCluster(app, there, cluster.name, story);
  } finally {
    await there.close();
  }
}

async function judgeCluster(app: App, kube: Kube, cluster: string, { subject, asked, fails }: Story): Promise<Judged> {
  const checks = CHECKS.filter((check) => TELLING.has(check.area) && check.thorough !== true);
  const look = await lookAt(app, kube, cluster).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    const { code, message, hint, exit } = error;
    const whose = `${describeRef(subject)} names AntflyCluster ${printable(cluster)}, and ${message}`;
    throw new UserError(code, whose, { exit, ...(hint === undefined ? {} : { hint }) });
  });
  const report = await judge(app, [look], {
    chosen: { asked: checks, leftOut: [], deferred: [] },
    policy: { failOn: "error", allowUnknown: [] },
    source: liveSource(kube),
    calls: () => ({ kubernetes: kube.calls() }),
  });
  const facts = valueOf(await look.collection.get("cluster"));
  const results = allResults(report);
  const candidates = results.flatMap((result) =>
    [
      ...result.findings,
      ...(fails ? suppressedIn(result).map((found) => aimedAt({ kube: kube.flags, aws: [] }, found)) : []),
    ]
      .filter((found) => found.status === "fail" || (found.status === "warn" && isAbout(found, asked)))
      .map((found) => toCandidate(result, found, asked, facts)),
  );
  return {
    candidates,
    results,
    unknown: results.filter((one) => one.required && isUndecided(one)).flatMap((one) => one.unknown),
  };
}

/** What somebody said does not count is still why something fails. */
function suppressedIn({ suppressed }: Result): Finding[] {
  return suppressed.map(({ finding }) => finding);
}

/** The check that decides it has looked, and found something else or nothing: the text is of yesterday. */
function isRefuted({ code, cause }: Explained, results: readonly Result[]): boolean {
  const result = results.find((one) => one.code === code);
  if (result === undefined || isUndecided(result) || result.status === "skip") return false;
  return ![...result.findings, ...suppressedIn(result)].some((found) => found.cause === cause);
}

function toCandidate(result: Result, found: Finding, asked: Asked, cluster: ClusterFacts | undefined): Explained {
  const sure = found.status === "fail" && (result.rootCause || isAbout(found, asked));
  const commands = found.fixes.filter((fix) => fix.kind === "command");
  const next = commands.find(({ text }) => isNamedIn(text, asked)) ?? commands[0] ?? found.fixes[0];
  return {
    cause: found.cause,
    code: result.code,
    confidence: !concerns(found, cluster, asked) ? "low" : sure ? "high" : "medium",
    because: found.message,
    next: next?.text ?? `antfly-creds explain ${result.code}`,
  };
}

function warningsOf(kube: Kube, name: string): Promise<Known<string[]>> {
  return read("its events", grantFor("list", "events"), async () => {
    const list = await kube.list(EVENT, kube.namespace, { fieldSelector: `involvedObject.name=${name}` });
    return list.map(parseWarning).filter((text) => text !== undefined);
  });
}

function read<T>(ref: string, grant: Grant | undefined, ask: () => Promise<T>): Promise<Known<T>> {
  return toKnown(ref, grant, async () => known(await ask(), { via: "kube", ref }));
}

function grantFor(verb: string, resource: string): Grant | undefined {
  return WHY.find((grant) => grant.verb === verb && grant.resource === resource);
}

function ignorance(fact: Known<unknown>): Ignorance[] {
  if (fact.state !== "unknown") return [];
  return [{ what: fact.origin.ref, why: fact.detail, ...(fact.grant === undefined ? {} : { grant: fact.grant }) }];
}
