import { list } from "./patterns.ts";
import { Refusal } from "./refusal.ts";

const ELEMENTS = new Set([
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Principal",
  "NotPrincipal",
  "Condition",
]);
const OPERATOR =
  /^(ForAllValues:|ForAnyValue:)?(String(Not)?Equals(IgnoreCase)?|String(Not)?Like|Arn(Not)?(Equals|Like)|Numeric(Not)?Equals|Numeric(Less|Greater)Than(Equals)?|Date(Not)?Equals|Date(Less|Greater)Than(Equals)?|Bool|BinaryEquals|(Not)?IpAddress|Null)(IfExists)?$/i;
const STS_ACTION = /^(sts:(AssumeRole\w*|TagSession|SetSourceIdentity|SetContext|\*|Assume\*|AssumeRole\*)|\*)$/i;
const FEDERATED = /^(arn:aws[a-z-]*:iam::\d{12}:(oidc-provider|saml-provider)\/.+|[a-z0-9-]+(\.[a-z0-9-]+)+|\*)$/i;

function malformed(message: string): Refusal {
  return new Refusal(400, "MalformedPolicyDocument", message);
}

type Statement = Readonly<Record<string, unknown>>;

/** Statements of a document that IAM would take. @throws Refusal MalformedPolicyDocument */
function statementsOf(document: string): readonly Statement[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document);
  } catch {
    throw malformed("This policy contains invalid Json");
  }
  if (!isMap(parsed)) throw malformed("Syntax errors in policy.");
  for (const field of Object.keys(parsed))
    if (!["Version", "Id", "Statement"].includes(field)) throw malformed(`Unknown field ${field}`);
  if (![undefined, "2012-10-17", "2008-10-17"].includes(parsed["Version"] as string | undefined))
    throw malformed("The policy must contain a valid version string");
  const statements = list(parsed["Statement"]);
  if (statements.length === 0 || !statements.every(isMap)) throw malformed("Syntax errors in policy.");
  for (const statement of statements) assertStatement(statement);
  return statements;
}

function assertStatement(statement: Statement): void {
  for (const field of Object.keys(statement)) if (!ELEMENTS.has(field)) throw malformed(`Unknown field ${field}`);
  if (!["Allow", "Deny"].includes(String(statement["Effect"])))
    throw malformed(`Invalid effect: ${String(statement["Effect"])}`);
  if (statement["Action"] === undefined && statement["NotAction"] === undefined)
    throw malformed("Policy statement must contain actions.");
  const condition = statement["Condition"];
  if (condition === undefined) return;
  if (!isMap(condition)) throw malformed("Syntax errors in policy.");
  for (const [operator, keys] of Object.entries(condition)) {
    if (!OPERATOR.test(operator)) throw malformed(`Invalid Condition type : ${operator}.`);
    if (!isMap(keys)) throw malformed("Syntax errors in policy.");
  }
}

/** @throws Refusal where IAM would not take it as a role's trust policy */
export function assertTrustPolicy(document: string): void {
  for (const statement of statementsOf(document)) {
    for (const field of ["Resource", "NotResource"])
      if (statement[field] !== undefined) throw malformed(`Has prohibited field ${field}`);
    const principal = statement["Principal"] ?? statement["NotPrincipal"];
    if (principal === undefined) throw malformed("Missing required field Principal");
    for (const action of list(statement["Action"])) {
      if (!STS_ACTION.test(String(action)))
        throw malformed("AssumeRole policy may only specify STS AssumeRole actions.");
    }
    if (principal === "*") continue;
    if (!isMap(principal)) throw malformed("Syntax errors in policy.");
    for (const name of list(principal["Federated"])) {
      if (!FEDERATED.test(String(name)))
        throw malformed("Federated principals must be valid domain names or SAML metadata ARNs");
    }
    for (const name of list(principal["AWS"])) {
      if (!/^(\*|\d{12}|arn:aws[a-z-]*:(iam|sts)::\d{12}:.+|A[A-Z0-9]{15,})$/.test(String(name)))
        throw malformed(`Invalid principal in policy: "AWS":"${String(name)}"`);
    }
  }
  if (size(document) > 2048) throw new Refusal(409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048");
}

/** @throws Refusal where IAM would not take it as a policy of a role or user */
export function assertIdentityPolicy(document: string): void {
  for (const statement of statementsOf(document)) {
    if (statement["Principal"] !== undefined || statement["NotPrincipal"] !== undefined)
      throw malformed("Policy document should not specify a principal.");
    if (statement["Resource"] === undefined && statement["NotResource"] === undefined)
      throw malformed("Policy statement must contain resources.");
    for (const action of list(statement["Action"])) {
      if (!/^(\*|[\w-]+:[\w*?]+)$/.test(String(action)))
        throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    }
    for (const resource of list(statement["Resource"])) {
      if (!/^(\*|arn:[^:]*:[^:]+:[^:]*:[^:]*:.+)$/.test(String(resource)))
        throw malformed(`Resource ${String(resource)} must be in ARN format or "*".`);
    }
  }
}

/** White space between the parts is not counted. */
export function size(document: string): number {
  return JSON.stringify(JSON.parse(document)).length;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
