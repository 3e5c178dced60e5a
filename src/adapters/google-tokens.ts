import { Sensitive } from "../domain/sensitive.ts";
import type { Google } from "../ports.ts";
import { needed } from "./google-answer.ts";
import { path, type GoogleConnection } from "./google-connection.ts";

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";

/** Tokens of workloads: never the tool's own. */
export function tokenCalls({
  read,
  redactor,
}: GoogleConnection): Pick<Google, "exchangeToken" | "generateAccessToken"> {
  const watched = (token: string): Sensitive => {
    const secret = new Sensitive(token);
    redactor.watch(secret);
    return secret;
  };
  return {
    async exchangeToken({ audience, token }) {
      const action = "sts.googleapis.com/v1/token";
      redactor.watch(token);
      // The form of RFC 8693.
      const body = new URLSearchParams({
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        audience,
        scope: SCOPE,
        requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
        subject_token: Buffer.from(token.reveal()).toString("utf8"),
      });
      const answer = await read({
        api: "STS",
        action,
        path: "/v1/token",
        method: "POST",
        contentType: "application/x-www-form-urlencoded",
        body: body.toString(),
        as: "nobody",
      });
      return watched(needed(answer, "access_token", action));
    },

    async generateAccessToken({ account, token, lifetimeSeconds }) {
      const action = "iam.serviceAccounts.getAccessToken";
      const answer = await read({
        api: "IAMCREDENTIALS",
        action,
        path: `${path`/v1/projects/-/serviceAccounts/${account}`}:generateAccessToken`,
        method: "POST",
        body: { scope: [SCOPE], lifetime: `${lifetimeSeconds}s` },
        as: token,
      });
      return watched(needed(answer, "accessToken", action));
    },
  };
}
