import type { Session, State, User } from "./state.ts";

/** Who asks: a user, a session of a role, the account's root, or nobody. */
export interface Caller {
  readonly kind: "user" | "session" | "root" | "anonymous";
  readonly arn: string;
  readonly account: string;
  readonly userId: string;
  readonly keyId: string;
  /** Documents of its identity, inline and attached. */
  readonly policies: readonly string[];
  readonly boundary: string | undefined;
  /** Of a session. */
  readonly sessionPolicy: string | undefined;
  readonly roleArn: string | undefined;
  /** Keys of a policy's conditions, in small letters. */
  readonly context: ReadonlyMap<string, readonly string[]>;
  /** It is the tool's own identity, which may do everything that is not denied to it. */
  readonly own: boolean;
}

export const OWN_USER = "platform";

export const ANONYMOUS: Caller = {
  kind: "anonymous",
  arn: "anonymous",
  account: "",
  userId: "anonymous",
  keyId: "",
  policies: [],
  boundary: undefined,
  sessionPolicy: undefined,
  roleArn: undefined,
  context: new Map(),
  own: false,
};

const EVERYTHING = JSON.stringify({ Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });
const S3_EVERYTHING = JSON.stringify({ Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] });
const ALL_BUT_IAM = JSON.stringify({ Statement: [{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }] });
const IAM_EVERYTHING = JSON.stringify({ Statement: [{ Effect: "Allow", Action: "iam:*", Resource: "*" }] });
const S3_READ = JSON.stringify({
  Statement: [{ Effect: "Allow", Action: ["s3:Get*", "s3:List*", "s3:Describe*"], Resource: "*" }],
});

/** The managed policies of AWS that the tests name. */
export const OF_AWS: ReadonlyMap<string, string> = new Map([
  ["AdministratorAccess", EVERYTHING],
  ["AmazonS3FullAccess", S3_EVERYTHING],
  ["IAMFullAccess", IAM_EVERYTHING],
  ["PowerUserAccess", ALL_BUT_IAM],
  ["AmazonS3ReadOnlyAccess", S3_READ],
]);

export function userCaller(state: State, user: User, keyId: string): Caller {
  const root = user.name === "root";
  const { account } = user;
  const arn = `arn:aws:iam::${account}:${root ? "root" : `user/${user.name}`}`;
  return {
    kind: root ? "root" : "user",
    arn,
    account,
    userId: root ? account : user.id,
    keyId,
    policies: root || user.name === OWN_USER ? [EVERYTHING] : documents(state, user),
    boundary: undefined,
    sessionPolicy: undefined,
    roleArn: undefined,
    context: contextOf({
      "aws:PrincipalArn": arn,
      "aws:PrincipalAccount": account,
      "aws:PrincipalType": root ? "Account" : "User",
      "aws:userid": root ? account : user.id,
      ...(root ? {} : { "aws:username": user.name }),
    }),
    own: user.name === OWN_USER,
  };
}

export function sessionCaller(state: State, session: Session): Caller | undefined {
  const role = state.seen.roles.get(session.role);
  if (role === undefined) return undefined;
  const userId = `${role.id}:${session.sessionName}`;
  const roleArn = state.roleArn(role);
  return {
    kind: "session",
    arn: `arn:aws:sts::${state.account}:assumed-role/${role.name}/${session.sessionName}`,
    account: state.account,
    userId,
    keyId: session.id,
    policies: documents(state, role),
    boundary: role.boundary === undefined ? undefined : (managed(state, role.boundary) ?? "{}"),
    sessionPolicy: session.policy,
    roleArn,
    context: contextOf({
      ...session.context,
      "aws:PrincipalArn": roleArn,
      "aws:PrincipalAccount": state.account,
      "aws:PrincipalType": "AssumedRole",
      "aws:userid": userId,
    }),
    own: false,
  };
}

/** Keys in small letters, each with one value. */
export function contextOf(keys: Readonly<Record<string, string>>): Map<string, readonly string[]> {
  return new Map(Object.entries(keys).map(([key, value]) => [key.toLowerCase(), [value]]));
}

function documents(
  state: State,
  { inline, attached }: { readonly inline: ReadonlyMap<string, string>; readonly attached: readonly string[] },
): string[] {
  return [...inline.values(), ...attached.flatMap((arn) => managed(state, arn) ?? [])];
}

/** The document of a managed policy, of the account or of AWS. */
export function managed(state: State, arn: string): string | undefined {
  const name = arn.split("/").at(-1) ?? "";
  return arn.startsWith("arn:aws:iam::aws:policy/") ? OF_AWS.get(name) : state.seen.policies.get(name);
}
