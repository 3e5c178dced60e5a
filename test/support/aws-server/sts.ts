import { contextOf } from "./caller.ts";
import { judge, type Question, type Verdict } from "./policy.ts";
import { required, type QueryCall, type Result } from "./query-api.ts";
import { Refusal, validation } from "./refusal.ts";
import { openSession, sessionRequest } from "./sts-session.ts";
import type { Verifier } from "./web-identity.ts";

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

  AssumeRole: (call) => {
    const { caller } = call;
    const request = sessionRequest(call);
    const { role, arn } = request;
    const names = [caller.arn, ...(caller.roleArn === undefined ? [] : [caller.roleArn])];
    const account = [caller.account, `arn:aws:iam::${caller.account}:root`];
    const ask = (aws: readonly string[]): Question => {
      return { action: "sts:AssumeRole", resource: arn, principal: { aws }, context: caller.context };
    };
    const trusts = (aws: readonly string[]): Verdict =>
      role === undefined ? "none" : judge(role.trust, ask(aws), "resource");
    const own = new Set(caller.policies.map((document) => judge(document, ask(names), "identity")));
    const may = !own.has("deny") && (own.has("allow") || trusts(names) === "allow");
    if (role === undefined || trusts([...names, ...account]) !== "allow" || !may) {
      const message = `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`;
      throw new Refusal(403, "AccessDenied", message);
    }
    return openSession(call, role, request, {});
  },

  AssumeRoleWithWebIdentity: async (call, verifier) => {
    const { params, state, time } = call;
    const token = required(params, "WebIdentityToken");
    const request = sessionRequest(call);
    const { role, account, sessionName } = request;
    const { issuer, subject, audience } = await verifier.verify(token, account, time);
    const federated = state.arn(`oidc-provider/${issuer}`);
    const ofToken = {
      [`${issuer}:sub`]: subject,
      [`${issuer}:aud`]: audience,
      "aws:FederatedProvider": federated,
    };
    const context = contextOf({
      ...ofToken,
      "aws:SourceIp": "203.0.113.10",
      "aws:SecureTransport": "true",
      "aws:CurrentTime": new Date(time).toISOString(),
      "aws:EpochTime": String(Math.floor(time / 1000)),
      "sts:RoleSessionName": sessionName,
    });
    const question = { action: "sts:AssumeRoleWithWebIdentity", resource: "", principal: { federated }, context };
    // AWS does not tell a role that is missing from one that does not trust.
    if (role === undefined || judge(role.trust, question, "resource") !== "allow")
      throw new Refusal(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
    return {
      ...openSession(call, role, request, ofToken),
      SubjectFromWebIdentityToken: subject,
      Provider: federated,
      Audience: audience,
    };
  },
};
