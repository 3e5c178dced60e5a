import { UserError } from "../domain/errors.ts";
import { isRecord } from "../domain/iam/policy-reader.ts";
import { issuerHost, parseEksIssuer } from "../domain/iam/trust/provider-arn.ts";
import { parseSubject } from "../domain/iam/trust/subject.ts";
import type { Mechanism, ServiceAccountName, TrustRequest } from "../domain/iam/trust/trust-types.ts";
import { printable } from "../domain/text.ts";
import type { CloudOptions } from "./cloud.ts";
import type { ClusterOptions } from "./options.ts";
import type { OutputOptions } from "./outputs.ts";

/** Options of `trust-policy`, as commander gives them. */
export interface TrustOptions extends ClusterOptions, CloudOptions, OutputOptions {
  readonly timeout: string;
  /** A file, `-` or the ARN of a role. */
  readonly check?: string;
  /** Name or ARN of a role, or a file. */
  readonly merge?: string;
  readonly issuer: readonly string[];
  /** `NAMESPACE/NAME`. */
  readonly subject: readonly string[];
  readonly audience?: string;
  readonly account?: string;
  readonly mechanism: Mechanism;
  /** `KEY=VALUE`. */
  readonly claim: readonly string[];
  readonly withoutClaim: readonly string[];
  readonly failOn?: "error" | "warning";
}

export const USUAL_AUDIENCE = "sts.amazonaws.com";

/**
 * `NAMESPACE/NAME`, or the `sub` of a token.
 * @throws UserError for anything else
 */
export function parseSubjectOption(text: string): ServiceAccountName {
  const [, namespace, serviceAccount] = /^([^/:\s]+)\/([^/:\s]+)$/.exec(text) ?? [];
  const named =
    namespace === undefined || serviceAccount === undefined ? parseSubject(text) : { namespace, serviceAccount };
  if (named !== undefined) return named;
  throw new UserError("bad-subject", `"${printable(text)}" names no ServiceAccount`, {
    hint: "--subject takes NAMESPACE/NAME; a subject that is no ServiceAccount is given with --claim sub=…",
  });
}

/**
 * The issuer without its scheme. An EKS issuer never ends with a slash; of others a slash is part of the name.
 * @throws UserError for what no token can have as its issuer
 */
export function parseIssuerOption(text: string): string {
  const host = issuerHost(text);
  const plain = host.replace(/\/+$/, "");
  const issuer = parseEksIssuer(plain) === undefined ? host : plain;
  if (/^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[^\s?#]*)?$/i.test(issuer) && !/^[a-z]+:\/\//i.test(issuer)) return issuer;
  throw new UserError("bad-issuer", `"${printable(text)}" is the URL of no issuer`, {
    hint: "as in --issuer https://oidc.eks.us-east-1.amazonaws.com/id/…, with or without https://",
  });
}

/** @throws UserError for what is no number of an account */
export function parseAccountOption(text: string | undefined): string | undefined {
  if (text === undefined || /^\d{12}$/.test(text)) return text;
  throw new UserError("bad-account", `"${printable(text)}" is the number of no AWS account`, {
    hint: "it has 12 digits",
  });
}

/**
 * `KEY=VALUE`; a value that is a JSON list of texts is a key with several values.
 * @throws UserError for what has no `=`
 */
export function parseClaims(given: readonly string[]): TrustRequest["claims"] {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) {
        throw new UserError("bad-claim", `--claim ${printable(text)} has no KEY=VALUE`, {
          hint: 'as in --claim aws:SourceIp=203.0.113.7, or --claim \'amr=["a","b"]\' for several values',
        });
      }
      return [text.slice(0, at), valueOf(text.slice(at + 1))];
    }),
  );
}

function valueOf(text: string): string | string[] {
  if (!text.startsWith("[")) return text;
  try {
    const value: unknown = JSON.parse(text);
    const texts = Array.isArray(value) && value.every((one) => !isRecord(one) && !Array.isArray(one) && one !== null);
    return texts ? value.map(String) : text;
  } catch {
    return text;
  }
}

/** The one of an option that may be given once. */
export function onlyOne(given: readonly string[], flag: string, why: string): string | undefined {
  if (given.length > 1) throw new UserError("usage", `${flag} is given ${given.length} times: ${why}`);
  return given[0];
}
