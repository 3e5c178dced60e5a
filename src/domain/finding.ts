import type { AwsGrant, GoogleGrant, Grant } from "./grant.ts";
import { shell, shellWords } from "./shell.ts";

export type Code = `ANT${number}`;
export type Severity = "critical" | "error" | "warning" | "info";

/** The object a finding is about. */
export interface Ref {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** One observation: what was wanted, what is there. */
export interface Evidence {
  readonly label: string;
  readonly want?: string;
  readonly has?: string;
  /** JSON pointer into the object; `#` goes on inside a string that is JSON itself. */
  readonly path?: string;
  /** The object that `path` is in, where it is not the finding's own. */
  readonly of?: Ref;
}

export interface FileSpan {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A way out: a command that can be pasted, or a change to make by hand. Safe ones cannot make anything worse. */
export interface Fix {
  readonly kind: "command" | "edit";
  readonly text: string;
  readonly safe: boolean;
  /** Whom a command asks, where that is not the cluster. */
  readonly to?: "aws" | "google";
}

export interface Finding {
  /** Id of the failure catalogue, e.g. `k8s.secret-missing`. */
  readonly cause: string;
  readonly status: "fail" | "warn" | "info";
  readonly severity: Severity;
  readonly subject: Ref;
  readonly message: string;
  readonly evidence: readonly Evidence[];
  readonly fixes: readonly Fix[];
  readonly location?: FileSpan;
  /** Waiting may mend it: something is still starting, or another controller is at work. */
  readonly transient?: boolean;
  /** Checks whose failure is the cause of this one: where one of them failed, it is not told once more. */
  readonly explainedBy?: readonly Code[];
  /** What is no failure goes unsaid where one of these warns: it says the same, and how to mend it. */
  readonly toldBy?: readonly Code[];
}

const STATUS: Record<Severity, Finding["status"]> = { critical: "fail", error: "fail", warning: "warn", info: "info" };

/** A finding; its status follows from its severity. */
export function finding(
  cause: string,
  severity: Severity,
  subject: Ref,
  message: string,
  more: {
    evidence?: readonly Evidence[];
    fixes?: readonly Fix[];
    transient?: boolean;
    explainedBy?: readonly Code[];
    toldBy?: readonly Code[];
  } = {},
): Finding {
  return {
    cause,
    status: STATUS[severity],
    severity,
    subject,
    message,
    evidence: more.evidence ?? [],
    fixes: more.fixes ?? [],
    ...(more.transient === true ? { transient: true } : {}),
    ...(more.explainedBy === undefined ? {} : { explainedBy: more.explainedBy }),
    ...(more.toldBy === undefined ? {} : { toldBy: more.toldBy }),
  };
}

/** A command that changes something; holes are quoted as `shell` does. */
export function command(...line: Parameters<typeof shell>): Fix {
  return { kind: "command", text: shell(...line), safe: false };
}

/** A command that only looks. */
export function safeCommand(...line: Parameters<typeof shell>): Fix {
  return { kind: "command", text: shell(...line), safe: true };
}

/** A command of the AWS CLI that changes something. */
export function awsCommand(...line: Parameters<typeof shell>): Fix {
  return { ...command(...line), to: "aws" };
}

/** A command of the AWS CLI that only looks. */
export function safeAwsCommand(...line: Parameters<typeof shell>): Fix {
  return { ...safeCommand(...line), to: "aws" };
}

/** A command of gcloud that changes something; it names its project itself. */
export function gcloudCommand(...line: Parameters<typeof shell>): Fix {
  return { ...command(...line), to: "google" };
}

/** A command of gcloud that only looks. */
export function safeGcloudCommand(...line: Parameters<typeof shell>): Fix {
  return { ...safeCommand(...line), to: "google" };
}

/** Flags that choose the same cluster, and the same identity in the cloud, again. */
export interface AimFlags {
  readonly kube: readonly string[];
  readonly aws: readonly string[];
}

/** The finding with commands that go to what was looked at, whichever context and profile are current when they are pasted. */
export function aimedAt(flags: AimFlags, found: Finding): Finding {
  return { ...found, fixes: found.fixes.map((fix) => aimedFix(flags, fix)) };
}

export function aimedFix({ kube, aws }: AimFlags, fix: Fix): Fix {
  const flags = fix.to === "aws" ? aws : kube;
  if (fix.kind === "edit" || fix.to === "google" || flags.length === 0) return fix;
  const words = shellWords(flags);
  // A command within it asks the same account.
  const text = fix.to === "aws" ? fix.text.replaceAll("$(aws ", `$(aws ${words} `) : fix.text;
  return { ...fix, text: `${text} ${words}` };
}

export function edit(text: string): Fix {
  return { kind: "edit", text, safe: false };
}

/** `Secret production/backup-credentials`; the kind alone of what has no name. */
export function describeRef(ref: Ref): string {
  if (ref.name === "") return ref.kind;
  return ref.namespace === undefined ? `${ref.kind} ${ref.name}` : `${ref.kind} ${ref.namespace}/${ref.name}`;
}

/** Why something could not be judged: the fact, the reason in words, and the missing permission if that is it. */
export interface Ignorance {
  readonly what: string;
  readonly why: string;
  readonly grant?: Grant | AwsGrant | GoogleGrant;
  /** How to get the permission. */
  readonly fix?: Fix;
}
