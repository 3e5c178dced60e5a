/** An IAM role or user, by the ARN that STS calls its sessions. */
export interface IamPrincipal {
  readonly kind: "role" | "user";
  readonly name: string;
  readonly partition: string;
  readonly account: string;
  /** `role antfly`. */
  readonly shown: string;
}

/** Undefined for the root user and for what is no identity of IAM. */
export function principalOf(arn: string | undefined): IamPrincipal | undefined {
  const match = /^arn:([a-z-]+):(?:iam|sts)::(\d{12}):(assumed-role|role|user)\/(.+)$/.exec(arn ?? "");
  if (match === null) return undefined;
  const [, partition = "aws", account = "", type, path = ""] = match;
  const parts = path.split("/");
  const kind = type === "user" ? "user" : "role";
  // A session's name comes after that of its role; a path before that of a role or user.
  const name = (type === "assumed-role" ? parts[0] : parts.at(-1)) ?? "";
  return { kind, name, partition, account, shown: `${kind} ${name}` };
}
