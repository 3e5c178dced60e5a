import { looksSecret } from "./conceal.ts";

/** An IAM identity that an error names. */
export interface Principal {
  readonly arn: string;
  readonly kind: "assumed-role" | "role" | "user" | "root";
  readonly partition: string;
  readonly account: string;
  /** The user, or the role without its path; in capitals when what stands there is not shown. */
  readonly name: string;
  /** The session is an instance id: these are the credentials of the node, not of a workload. */
  readonly node: boolean;
}

const IDENTITY =
  /arn:(aws[a-z-]{0,12}):(?:iam|sts)::(\d{12}):(assumed-role|role|user|root)(?:\/([^\s"'<>,;()[\]]{1,400}))?/gi;

/** Every IAM user and role in the text, in order. */
export function principalsIn(flat: string): Principal[] {
  return [...flat.matchAll(IDENTITY)].map((match) => {
    // A full stop may end the sentence; in a name it is legal, but nobody ends one with it.
    const arn = match[0].replace(/[.:]+$/, "");
    const [, partition = "aws", account = ""] = match;
    const kind = (match[3] ?? "role").toLowerCase() as Principal["kind"];
    const path = arn.split("/").slice(1);
    const session = kind === "assumed-role" ? path.slice(1).join("/") : "";
    const node = /^i-[0-9a-fx]{3,17}$/i.test(session);
    const name = kind === "root" ? "root" : kind === "assumed-role" ? path[0] : path[path.length - 1];
    if (name !== undefined && name !== "" && !looksSecret(arn) && !/(AKIA|ASIA|GOOG)[A-Z0-9]{8}/.test(arn)) {
      return { arn, kind, partition, account, name, node };
    }
    const hole = kind === "user" ? "USER" : "ROLE";
    return { arn: `arn:${partition}:iam::${account}:${kind}/${hole}`, kind, partition, account, name: hole, node };
  });
}
