import { editDistance } from "../../text.ts";
import { isBuiltInProvider, parseEksIssuer, parseProviderArn, providerArn } from "./provider-arn.ts";
import type { RequestContext } from "./request-context.ts";
import type { PrincipalEntry } from "./trust-statement.ts";

/** What is wrong with a provider that a policy names, seen from one issuer. */
export interface FederatedFault {
  readonly cause: string;
  readonly message: string;
  /** ARN that should stand there; undefined where the account is not known. */
  readonly want: string | undefined;
  /** It is the provider of another issuer, and may well be right for that one. */
  readonly other: boolean;
}

/** Letters of an issuer's id that may be wrong before it is another cluster's. */
const SLIPS = 2;

/** Why `Federated` is not this issuer's provider. */
export function federatedFault(entry: PrincipalEntry, context: RequestContext): FederatedFault {
  const { issuer = "", account, partition = "aws" } = context;
  const want = account === undefined ? undefined : providerArn({ partition, account, issuer });
  const fault = (cause: string, message: string, other = false): FederatedFault => ({ cause, message, want, other });
  const found = parseProviderArn(entry.text);
  if (found === undefined) return notAnArn(entry.text, issuer, fault);
  if (found.issuer !== issuer) {
    const slip = slipOf(found.issuer, issuer);
    if (slip !== undefined) return fault("irsa.federated-host-typo", slip);
    return fault("irsa.issuer-mismatch", `the policy trusts another issuer than that of this cluster`, true);
  }
  if (found.partition !== partition) {
    const message = `the provider is named in partition ${found.partition}, and the role is in ${partition}`;
    return fault("irsa.federated-wrong-partition", message);
  }
  const message = `the provider is named in account ${found.account}, and the role is in ${account}; only a provider in the role's own account counts`;
  return fault("irsa.federated-wrong-account", message);
}

function notAnArn(
  text: string,
  issuer: string,
  fault: (cause: string, message: string, other?: boolean) => FederatedFault,
): FederatedFault {
  const bare = text.replace(/^https?:\/\//i, "").replace(/\/$/, "");
  if (bare.toLowerCase() === issuer.toLowerCase())
    return fault(
      "irsa.federated-not-arn",
      "Federated is the issuer itself, and IAM wants the ARN of its OIDC provider",
    );
  if (isBuiltInProvider(text) || /^arn:[^:]*:iam::\d{12}:saml-provider\//.test(text))
    return fault("irsa.issuer-mismatch", "the policy trusts another provider than that of this cluster", true);
  const form = "arn:aws:iam::ACCOUNT:oidc-provider/ISSUER";
  return fault("irsa.federated-not-arn", `Federated is no ARN of an OIDC provider; it has the form ${form}`);
}

/** Why two issuers are the same but for a slip; undefined where they are not. */
export function slipOf(written: string, issuer: string): string | undefined {
  if (/[*?]/.test(written)) return "a wildcard stands in it, and it is taken for a plain character";
  if (/^https?:\/\//i.test(written) && slipOrSame(written.replace(/^https?:\/\//i, ""), issuer))
    return "the issuer has https:// in front, which an ARN and a condition key leave out";
  if (withoutSlashes(written) === withoutSlashes(issuer))
    return "the issuer ends with a slash in one place and not in the other";
  if (written.toLowerCase() === issuer.toLowerCase())
    return "the issuer is written with other capital letters than in the token";
  const [a, b] = [idOf(written), idOf(issuer)];
  if (a !== undefined && a === b) return "the id is this cluster's, and the host in front of it is another";
  const sameHost = written.slice(0, -(a?.length ?? 0)) === issuer.slice(0, -(b?.length ?? 0));
  if (a !== undefined && b !== undefined && sameHost && parseEksIssuer(issuer) !== undefined)
    return editDistance(a, b) <= SLIPS ? "the id is this cluster's but for a letter or two" : undefined;
  const plainHost = !written.includes("/") && !issuer.includes("/");
  return plainHost && editDistance(written, issuer) <= SLIPS
    ? "the issuer is this one but for a letter or two"
    : undefined;
}

function slipOrSame(written: string, issuer: string): boolean {
  return written === issuer || slipOf(written, issuer) !== undefined;
}

function withoutSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === "/") end--;
  return text.slice(0, end);
}

/** The id of an EKS issuer, also where the host is wrong. */
function idOf(issuer: string): string | undefined {
  return /\/id\/([^/]+)\/?$/i.exec(issuer)?.[1];
}
