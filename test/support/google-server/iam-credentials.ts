import { accountResource, may } from "./authorize.ts";
import { accountCaller } from "./caller.ts";
import { assertSwitchedOn, type Api, type Call } from "./call.ts";
import { iamDenied, invalidArgument, notFound, Refusal } from "./refusal.ts";

const HOST = "iamcredentials.googleapis.com";
const LONGEST_SECONDS = 3600;

function generateAccessToken({ state, caller, body }: Call, project = "", email = ""): object {
  if (project !== "-") throw invalidArgument("Invalid form of account ID: the project must be -.");
  const account = state.knownAccount(email);
  assertSwitchedOn(state, account?.project, HOST, "IAM Service Account Credentials API");
  const scopes: unknown = body?.scope;
  if (!Array.isArray(scopes) || scopes.length === 0) throw invalidArgument("Request contains an invalid argument.");
  const seconds = Number(/^(\d+)s$/.exec(String(body.lifetime ?? "3600s"))?.[1]);
  if (!(seconds > 0 && seconds <= LONGEST_SECONDS))
    throw invalidArgument("The lifetime must be between 1 and 3600 seconds.");
  if (account === undefined) throw notFound(`Not found; Gaia id not found for email ${email}`);
  if (!may(state, caller, "iam.serviceAccounts.getAccessToken", accountResource(state, email)))
    throw iamDenied("iam.serviceAccounts.getAccessToken");
  if (account.disabled) throw new Refusal(400, "FAILED_PRECONDITION", `Service account ${email} is disabled.`);
  const { uniqueId } = account;
  return {
    accessToken: state.issue(() => accountCaller(state, email, uniqueId), seconds * 1000),
    expireTime: new Date(state.time() + seconds * 1000).toISOString().replace(/\.\d+/, ""),
  };
}

export const IAM_CREDENTIALS: Api = {
  host: HOST,
  prefix: "/iamcredentials/",
  style: "rpc",
  routes: [
    {
      operation: "iamcredentials.projects.serviceAccounts.generateAccessToken",
      permission: "iam.serviceAccounts.getAccessToken",
      method: "POST",
      path: /^v1\/projects\/([^/]+)\/serviceAccounts\/([^/:]+):generateAccessToken$/,
      run: generateAccessToken,
    },
  ],
};
