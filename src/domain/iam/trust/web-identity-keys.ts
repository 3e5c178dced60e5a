import type { Lookup } from "./request-context.ts";
import { subjectOf } from "./subject.ts";
import type { ServiceAccountName, TrustRequest } from "./trust-types.ts";

/** What is known of a request besides its claims. */
export interface KnownRequest {
  readonly request: TrustRequest;
  readonly issuer: string | undefined;
  readonly subject: ServiceAccountName | undefined;
  readonly account: string | undefined;
}

/**
 * Claims of a token that become keys (IAM User Guide, "IAM and AWS STS condition context keys", "Available keys for AWS
 * OIDC federation"). No other claim does, whatever the token has, but for a few providers that AWS names.
 */
const CLAIMS = new Set(["amr", "aud", "email", "oaud", "sub"]);

/** Hosts of which AWS takes further claims; for them nothing is certainly absent. */
const WITH_CLAIMS =
  /^(token\.actions\.githubusercontent\.com|.*gitlab.*|accounts\.google\.com|oidc\.circleci\.com|cognito-identity\.amazonaws\.com|.*\.oraclecloud\.com)/;

/** Keys of a signed request, or of the credentials that signed it; AssumeRoleWithWebIdentity is not signed. */
const OF_SIGNED =
  /^aws:(principal(account|arn|orgid|orgpaths|isawsservice|servicename|servicenameslist|tag\/.*)|userid|username|tokenissuetime|multifactorauth(age|present)|sourceidentity|calledvia(first|last)?|source(account|arn|orgid|orgpaths)|ec2instancesource(vpc|privateipv4)|federatedprovider|assumedroot|chatbotsourcearn)$/;

/** There in every request, or in nearly every one; the value is that of the moment. */
const OF_THE_MOMENT: ReadonlyMap<string, string> = new Map([
  ["aws:currenttime", "it is the time of the request"],
  ["aws:epochtime", "it is the time of the request"],
  ["sts:rolesessionname", "it is chosen when the role is taken"],
]);

/** What a request of AssumeRoleWithWebIdentity has for a key, in small letters, that was not given. */
export function webIdentityKey(key: string, known: KnownRequest): Lookup {
  const { issuer, subject } = known;
  if (issuer !== undefined && key.startsWith(`${issuer.toLowerCase()}:`))
    return claim(key.slice(issuer.length + 1), issuer, subject);
  const global = commonKey(key, known);
  if (global !== undefined) return global;
  if (OF_SIGNED.test(key)) return absent("a web identity never has it: the call is not signed by anyone");
  if (/^(aws:requesttag\/|aws:tagkeys$|sts:transitivetagkeys$|sts:sourceidentity$)/.test(key)) {
    return subject === undefined
      ? unknown("it comes from claims of the token that were not given")
      : absent("the token of a ServiceAccount brings no tags");
  }
  if (key === "sts:externalid") return absent("AssumeRoleWithWebIdentity has no external id");
  return otherKey(key);
}

function claim(name: string, issuer: string, subject: ServiceAccountName | undefined): Lookup {
  if (subject !== undefined && name === "sub") return values(subjectOf(subject));
  if (subject !== undefined && name !== "aud") return absent("the token of a ServiceAccount gives no such key");
  if (CLAIMS.has(name) || WITH_CLAIMS.test(issuer)) return unknown(`the claim ${name} was not given`);
  return absent(`IAM makes no key of the claim ${name}`);
}

/** Keys that say the same for every mechanism. */
export function commonKey(key: string, { account }: KnownRequest): Lookup | undefined {
  const moment = OF_THE_MOMENT.get(key);
  if (moment !== undefined) return { state: "present", because: moment };
  // STS has no endpoint without TLS (AWS General Reference, "AWS STS endpoints").
  if (key === "aws:securetransport") return { state: "values", values: ["true"] };
  if (key === "aws:resourceaccount")
    return account === undefined ? { state: "present", because: "the account is not known" } : values(account);
  return undefined;
}

/** What is neither a claim nor known to be missing. */
export function otherKey(key: string): Lookup {
  const prefix = key.slice(0, key.lastIndexOf(":"));
  if (prefix === "") return absent("it has no issuer and no service in front");
  if (/^(aws|sts|iam)$/.test(prefix) || key.startsWith("aws:") || key.startsWith("iam:"))
    return unknown("only the request itself tells");
  if (prefix.includes(".") || prefix.includes("/")) return absent("it is a claim of another issuer");
  return absent(`it is a key of ${prefix}, and the request is one of sts`);
}

function values(...list: string[]): Lookup {
  return { state: "values", values: list };
}

export function absent(because: string): Lookup {
  return { state: "absent", because };
}

export function unknown(because: string): Lookup {
  return { state: "unknown", because };
}
