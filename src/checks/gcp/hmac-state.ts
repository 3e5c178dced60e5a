import type { StaticKeyFacts } from "../../domain/aws-facts.ts";
import { isAboutKey, isDenied, type Refused } from "../../domain/call-outcome.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import {
  command,
  edit,
  gcloudCommand,
  safeGcloudCommand,
  type Evidence,
  type Fix,
  type Severity,
} from "../../domain/finding.ts";
import type { HmacKeyFacts } from "../../domain/google-facts.ts";
import { sentenceList } from "../../domain/text.ts";

export interface HmacFault {
  readonly cause: string;
  readonly severity: Severity;
  /** Goes on after the key: `which is inactive`. */
  readonly what: string;
  readonly evidence: readonly Evidence[];
  readonly fixes: readonly Fix[];
}

export interface HmacCase {
  readonly key: HmacKeyFacts;
  /** The same key as its store answered to it, where it was asked. */
  readonly live: StaticKeyFacts | undefined;
  readonly cluster: ClusterFacts;
}

/** What is wrong with the key itself; undefined where nothing is, and where that cannot be told. */
export function hmacFault(one: HmacCase): HmacFault | undefined {
  return forbidden(one) ?? ofState(one) ?? unknownHere(one) ?? ofPerson(one);
}

function refusalsOf(live: StaticKeyFacts | undefined): Refused[] {
  return (live?.stores ?? []).flatMap(({ list }) => (list.state === "refused" ? [list] : []));
}

/** Said to the requests that are signed with it; the key itself is in good order. */
function forbidden({ live, key }: HmacCase): HmacFault | undefined {
  const said = refusalsOf(live).find(({ message }) => /storage\.restrictAuthTypes/i.test(message));
  if (said === undefined) return undefined;
  const project = key.key.state === "known" ? ["--project", key.key.value.project] : [];
  return {
    cause: "gke.hmac-forbidden",
    severity: "critical",
    what: "and an organisation policy forbids requests that are signed with one",
    evidence: [{ label: "Google said", has: `${said.code}: ${said.message}` }],
    fixes: [
      edit(
        "ask who looks after the organisation's policies for an exception, or let generation 3 use gs:// without a key",
      ),
      safeGcloudCommand`gcloud org-policies describe storage.restrictAuthTypes --effective ${project}`,
    ],
  };
}

function ofState(one: HmacCase): HmacFault | undefined {
  const { key } = one.key;
  if (key.state !== "known" || key.value.state === "ACTIVE") return undefined;
  const { account, project, state } = key.value;
  const evidence = [{ label: "state", want: "ACTIVE", has: state }];
  if (state === "DELETED")
    return {
      cause: "gke.hmac-deleted",
      severity: "critical",
      what: `which was deleted: it was one of ${account}`,
      evidence,
      fixes: [anew(one, account)],
    };
  return {
    cause: "gke.hmac-inactive",
    severity: "critical",
    what: `which is inactive: it is one of ${account}`,
    evidence,
    fixes: [activate(account, project), edit("if it was deactivated on purpose, make a new one:"), anew(one, account)],
  };
}

/** The id is looked up where it is needed: it is not printed. */
function activate(account: string, project: string): Fix {
  const list = safeGcloudCommand`gcloud storage hmac list --service-account ${account} --project ${project} --filter state=INACTIVE ${"--format=value(accessId)"}`;
  const fix = gcloudCommand`gcloud storage hmac update --activate --project ${project}`;
  return { ...fix, text: `${fix.text} "$(${list.text})"` };
}

/** Some projects do not know it, and the store that all of them share knows no better. */
function unknownHere(one: HmacCase): HmacFault | undefined {
  const { key, live } = one;
  if (key.key.state !== "absent") return undefined;
  const lists = (live?.stores ?? []).map(({ list }) => list);
  if (lists.some((list) => list.state === "ok" || isDenied(list))) return undefined;
  const said = refusalsOf(live).find((answer) => isAboutKey(answer));
  if (said === undefined && lists.length > 0) return undefined;
  const asked = sentenceList(key.askedIn);
  return {
    cause: "gke.hmac-unknown",
    severity: said === undefined ? "warning" : "critical",
    what:
      said === undefined
        ? `which project ${asked} does not have: it was deleted long ago, or is of another project`
        : `which neither project ${asked} nor Cloud Storage knows: it was deleted, or never was one`,
    evidence: [
      { label: "asked in", has: asked },
      ...(said === undefined ? [] : [{ label: "store said", has: `${said.code}: ${said.message}` }]),
    ],
    fixes: [anew(one, undefined)],
  };
}

function ofPerson(one: HmacCase): HmacFault | undefined {
  if (!one.key.ofPerson) return undefined;
  return {
    cause: "gke.hmac-user-account",
    severity: "warning",
    what: "which is tied to a person: backups end when that person leaves",
    evidence: [{ label: "length of the id", want: "61 characters", has: "24 characters" }],
    fixes: [anew(one, undefined)],
  };
}

/** A key of a service account in the place of this one. */
function anew({ key, cluster: { namespace, name } }: HmacCase, account: string | undefined): Fix {
  const secret = key.secret === undefined ? [] : ["--secret-name", key.secret, "--overwrite"];
  return command`antfly-creds init secret ${name} -n ${namespace} --provider gcs --create-hmac ${account ?? "ACCOUNT@PROJECT.iam.gserviceaccount.com"} ${secret}`;
}
