import { randomBytes } from "node:crypto";

import { CANARY_STEM } from "../canaries.ts";
import { required, type QueryCall, type Result } from "./query-api.ts";
import { Refusal, validation } from "./refusal.ts";
import { newId, type Role } from "./state.ts";

const ROLE_ARN = /^arn:(?:aws|aws-cn|aws-us-gov|aws-iso[a-z-]*):iam::(\d{12}):role(\/(?:[!-~]+\/)?)([\w+=,.@-]{1,64})$/;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const LONGEST_POLICY = 2048;

/** What is asked of any AssumeRole…: the parameters, looked at before anybody is judged. */
export interface SessionRequest {
  readonly arn: string;
  /** Account in the ARN. */
  readonly account: string;
  /** Undefined when there is no such role: who asks is not told. */
  readonly role: Role | undefined;
  readonly sessionName: string;
  readonly seconds: number;
  readonly policy: string | undefined;
}

/** @throws Refusal ValidationError, MalformedPolicyDocument */
export function sessionRequest({ params, state }: QueryCall): SessionRequest {
  const arn = required(params, "RoleArn");
  const [, account = "", path, name = ""] = ROLE_ARN.exec(arn) ?? [];
  if (path === undefined) throw validation("Request ARN is invalid");
  const found = account === state.account ? state.seen.roles.get(name) : undefined;
  return {
    arn,
    account,
    role: found?.path === path ? found : undefined,
    sessionName: sessionNameOf(params),
    seconds: durationOf(params),
    policy: sessionPolicy(params),
  };
}

/** Makes the session, and the part of the answer that is the same for every AssumeRole…. */
export function openSession(
  { state, time }: QueryCall,
  role: Role,
  { sessionName, seconds, policy }: SessionRequest,
  context: Readonly<Record<string, string>>,
): Record<string, Result> {
  if (seconds > role.maxSessionSeconds)
    throw validation("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  const session = {
    id: newId("ASIA", 16),
    secret: `${CANARY_STEM}${randomBytes(9).toString("hex")}`,
    token: `${CANARY_STEM}${randomBytes(96).toString("base64")}`,
    role: role.name,
    sessionName,
    expiresAt: time + seconds * 1000,
    policy,
    context,
  };
  state.sessions.set(session.id, session);
  return {
    AssumedRoleUser: {
      Arn: `arn:aws:sts::${state.account}:assumed-role/${role.name}/${sessionName}`,
      AssumedRoleId: `${role.id}:${sessionName}`,
    },
    Credentials: {
      AccessKeyId: session.id,
      SecretAccessKey: session.secret,
      SessionToken: session.token,
      Expiration: new Date(session.expiresAt).toISOString().replace(/\.\d+/, ""),
    },
  };
}

function sessionNameOf(params: URLSearchParams): string {
  const name = required(params, "RoleSessionName");
  if (SESSION_NAME.test(name)) return name;
  const constraint = String.raw`Member must satisfy regular expression pattern: [\w+=,.@-]*`;
  throw validation(
    `1 validation error detected: Value '${name}' at 'roleSessionName' failed to satisfy constraint: ${constraint}`,
  );
}

function durationOf(params: URLSearchParams): number {
  const seconds = Number(params.get("DurationSeconds") ?? "3600");
  const wrong = (bound: string, word: string): Refusal =>
    validation(
      `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value ${word} than or equal to ${bound}`,
    );
  if (seconds < 900) throw wrong("900", "greater");
  if (seconds > 43_200) throw wrong("43200", "less");
  return seconds;
}

function sessionPolicy(params: URLSearchParams): string | undefined {
  const policy = params.get("Policy") ?? undefined;
  if (policy === undefined) return undefined;
  if (policy.length > LONGEST_POLICY) {
    throw validation(
      "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048",
    );
  }
  try {
    JSON.parse(policy);
  } catch {
    throw new Refusal(400, "MalformedPolicyDocument", "This policy contains invalid Json");
  }
  return policy;
}
