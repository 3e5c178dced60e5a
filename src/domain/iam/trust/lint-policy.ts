import { kindOfKey } from "./condition-key.ts";
import { isStaleId } from "./explain-principal.ts";
import { isBuiltInProvider, parseProviderArn } from "./provider-arn.ts";
import { trustFinding } from "./trust-finding.ts";
import type { TrustPolicy, TrustStatement } from "./trust-statement.ts";
import type { TrustFinding } from "./trust-types.ts";

/** What is wrong with a policy whoever asks: statements that trust nobody, and what IAM would not take. */
export function lintPolicy({ statements }: TrustPolicy): TrustFinding[] {
  return [...statements.flatMap(lintStatement), ...sameSids(statements)];
}

function lintStatement(statement: TrustStatement): TrustFinding[] {
  return [...lintPrincipal(statement), ...(statement.effect === "Allow" ? lintTests(statement) : [])];
}

function lintPrincipal({ principal }: TrustStatement): TrustFinding[] {
  return (principal?.entries ?? []).flatMap(({ kind, text, path }) => {
    if (kind === "AWS" && isStaleId(text)) {
      const message = `${text} is the id of a user or role that was deleted; IAM refuses the next change of the policy with it in`;
      return [trustFinding("irsa.principal-stale-id", "error", path, message, { has: text, fix: `remove ${text}` })];
    }
    const fine = parseProviderArn(text) !== undefined || isBuiltInProvider(text) || text === "*";
    if (kind !== "Federated" || fine || /^arn:[^:]*:iam::\d{12}:saml-provider\/.+/.test(text)) return [];
    const message = "Federated is neither the ARN of a provider nor a domain that IAM knows; IAM refuses it";
    return [trustFinding("irsa.federated-not-arn", "critical", path, message, { has: text })];
  });
}

/** Claims of two issuers in one statement, and wildcards where they are plain characters: nobody fits. */
function lintTests({ tests }: TrustStatement): TrustFinding[] {
  const found: TrustFinding[] = [];
  const issuers = new Map<string, string>();
  for (const { operator, key, path, values, written } of tests) {
    const kind = kindOfKey(key, undefined);
    const positive = operator !== undefined && !operator.negated && operator.family === "String" && !operator.ifExists;
    if (!positive || kind.kind !== "other" || kind.issuer === "") continue;
    if (operator.set === undefined) issuers.set(kind.issuer.toLowerCase(), path);
    if (kind.claim !== "sub" || operator.name !== "StringEquals") continue;
    for (const value of values) {
      if (!/^system:serviceaccount:.*[*?]/s.test(value.text)) continue;
      const message = `${written} takes * and ? for plain characters, so that nobody has this subject; name each ServiceAccount, or use StringLike`;
      found.push(trustFinding("irsa.stringequals-wildcard", "warning", value.path, message, { has: value.text }));
    }
  }
  if (issuers.size > 1) {
    const message = `the statement asks for claims of ${issuers.size} issuers at once, and no token has them; each cluster takes a statement of its own`;
    found.push(trustFinding("irsa.condition-multiple-ands", "warning", [...issuers.values()].at(-1) ?? "", message));
  }
  return found;
}

/** IAM User Guide, "IAM JSON policy elements: Sid": "must be unique within a JSON policy". */
function sameSids(statements: readonly TrustStatement[]): TrustFinding[] {
  const seen = new Set<string>();
  return statements.flatMap(({ sid, path }) => {
    if (sid === undefined || sid === "" || !seen.has(sid)) {
      if (sid !== undefined) seen.add(sid);
      return [];
    }
    const message = `two statements have the Sid ${sid}, and IAM wants each once`;
    return [trustFinding("irsa.trust-json", "error", `${path}/Sid`, message, { has: sid })];
  });
}
