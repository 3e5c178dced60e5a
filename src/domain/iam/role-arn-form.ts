import { parseRoleArn } from "../aws-arn.ts";
import { printable } from "../text.ts";

/** What is wrong with a text that is to be the ARN of a role. */
export interface RoleArnProblem {
  /** Goes on after the text: `is a policy, and no role`. */
  readonly problem: string;
  /** The ARN that was meant, where that is certain. */
  readonly meant: string | undefined;
  /** The role's name, where that is all that the text tells. */
  readonly name: string | undefined;
}

/** Undefined for an ARN that STS takes. */
export function roleArnProblem(text: string): RoleArnProblem | undefined {
  if (parseRoleArn(text) !== undefined) return undefined;
  return around(text) ?? bareName(text) ?? otherThing(text) ?? misspelt(text) ?? told("is no ARN of a role");
}

/** Quotes and blanks that came along from a shell or a YAML file. */
function around(text: string): RoleArnProblem | undefined {
  const inner = text.trim().replace(/^(["'`])(.*)\1$/s, "$2");
  if (inner === text) return undefined;
  const what = inner === text.trim() ? "a space or a line break" : "quotes";
  return parseRoleArn(inner.trim()) === undefined ? undefined : told(`has ${what} around it`, inner.trim());
}

function bareName(text: string): RoleArnProblem | undefined {
  if (!/^[\w+=,.@-]{1,64}$/.test(text)) return undefined;
  return { problem: "is the name of a role, and not its ARN", meant: undefined, name: text };
}

const OTHERS: Readonly<Record<string, string>> = {
  policy: "is a policy, and no role",
  "instance-profile": "is an instance profile, and no role",
  user: "is a user, and no role",
  group: "is a group, and no role",
  "oidc-provider": "is an OIDC provider, and no role",
};

function otherThing(text: string): RoleArnProblem | undefined {
  const session = /^arn:(aws[a-z0-9-]*):sts::(\d{12}):assumed-role\/([\w+=,.@-]+)(?:\/.*)?$/.exec(text);
  if (session !== null) {
    // A role with a path has another ARN than this, and the session does not tell it.
    return { problem: "is a session of a role, and not the role", meant: undefined, name: session[3] };
  }
  const kind = /^arn:aws[a-z0-9-]*:iam::\d{12}:([a-z-]+)\//.exec(text)?.[1];
  const problem = kind === undefined ? undefined : OTHERS[kind];
  return problem === undefined ? undefined : told(problem);
}

function misspelt(text: string): RoleArnProblem | undefined {
  const [, start = "", partition = "", colons = "", account = "", rest = ""] =
    /^([a-z]*):(aws[a-z0-9-]*):iam(:*)(\d+):(role\/.+)$/i.exec(text) ?? [];
  if (account === "") return undefined;
  if (account.length !== 12) return told(`has an account of ${account.length} digits, and accounts have 12`);
  if (start !== "arn") return told(`begins with ${printable(start) || "nothing"} in place of arn`, whole());
  if (colons !== "::") return told(`has ${colons.length} colons before the account in place of two`, whole());
  return told("has characters that no role's name has");

  function whole(): string {
    return `arn:${partition}:iam::${account}:${rest}`;
  }
}

function told(problem: string, meant?: string): RoleArnProblem {
  const sure = meant !== undefined && parseRoleArn(meant) !== undefined ? meant : undefined;
  return { problem, meant: sure, name: undefined };
}
