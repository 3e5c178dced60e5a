import { randomBytes } from "node:crypto";

import { CANARY_STEM } from "../canaries.ts";
import { contextOf } from "./caller.ts";
import { judge } from "./policy.ts";
import { required, type QueryCall, type Result } from "./query-api.ts";
import { Refusal, validation } from "./refusal.ts";
import { newId, type Role } from "./state.ts";
import type { Verifier } from "./web-identity.ts";

const ROLE_ARN = /^arn:(aws|aws-cn|aws-us-gov|aws-iso[a-z-]*):iam::(\d{12}):role(\/(?:[!-~]+\/)?)([\w+=,.@-]{1,64})$/;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const LONGEST_POLICY = 2048;

export type StsAction = (call: QueryCall, verifier: Verifier) => Result | Promise<Result>;

export const STS_ACTIONS: Readonly<Record<string, StsAction>> = {
  GetCallerIdentity: ({ caller }) => ({ Arn: caller.arn, UserId: caller.userId, Account: caller.account }),

  GetAccessKeyInfo: ({ params, state }) => {
    const id = required(params, "AccessKeyId");
    if (!/^A[KS]IA[A-Z0-9]{12,124}$/.test(id)) throw validation("Invalid Access Key ID");
    // The account is in the id itself: a key that is gone has one too.
    const owner = [...state.seen.users.values()].find(({ keys }) => keys.has(id));
    return { Account: owner?.account ?? state.account };
  },

  AssumeRoleWithWebIdentity: async (call, verifier) => {
    const { params, state, time } = call;
    const token = required(params, "WebIdentityToken");
    const arn = ROLE_ARN.exec(required(params, "RoleArn"));
    if (arn === null) throw validation("Request ARN is invalid");
    const [, , account, path, name = ""] = arn;
    const sessionName = required(params, "RoleSessionName");
    assertSessionName(sessionName);
    const seconds = durationOf(params);
    const policy = sessionPolicy(params);
    const { issuer, subject, audience } = await verifier.verify(token, account ?? "", time);

    const role = account === state.account ? state.seen.roles.get(name) : undefined;
    const federated = state.arn(`oidc-provider/${issuer}`);
    const context = contextOf({
      [`${issuer}:sub`]: subject,
      [`${issuer}:aud`]: audience,
      "aws:FederatedProvider": federated,
      "aws:SourceIp": "203.0.113.10",
      "aws:SecureTransport": "true",
      "aws:CurrentTime": new Date(time).toISOString(),
      "aws:EpochTime": String(Math.floor(time / 1000)),
      "sts:RoleSessionName": sessionName,
    });
    const verdict =
      role === undefined || role.path !== path
        ? "none"
        : judge(
            role.trust,
            { action: "sts:AssumeRoleWithWebIdentity", resource: "", principal: { federated }, context },
            "resource",
          );
    // AWS does not tell a role that is missing from one that does not trust.
    if (verdict !== "allow" || role === undefined)
      throw new Refusal(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
    assertDuration(role, seconds);
    return {
      ...sessionOf(call, role, {
        sessionName,
        seconds,
        policy,
        context: { [`${issuer}:sub`]: subject, [`${issuer}:aud`]: audience, "aws:FederatedProvider": federated },
      }),
      SubjectFromWebIdentityToken: subject,
      Provider: federated,
      Audience: audience,
    };
  },
};

function sessionOf(
  { state, time }: QueryCall,
  role: Role,
  made: { sessionName: string; seconds: number; policy: string | undefined; context: Record<string, string> },
): Record<string, Result> {
  const { sessionName, policy, context } = made;
  const expiresAt = time + made.seconds * 1000;
  const session = {
    id: newId("ASIA", 16),
    secret: `${CANARY_STEM}${randomBytes(9).toString("hex")}`,
    token: `${CANARY_STEM}${randomBytes(96).toString("base64")}`,
    role: role.name,
    sessionName,
    expiresAt,
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
      Expiration: new Date(expiresAt).toISOString().replace(/\.\d+/, ""),
    },
  };
}

function assertSessionName(name: string): void {
  if (SESSION_NAME.test(name)) return;
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

function assertDuration({ maxSessionSeconds }: Role, seconds: number): void {
  if (seconds > maxSessionSeconds)
    throw validation("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
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
