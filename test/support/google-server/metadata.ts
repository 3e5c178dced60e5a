import { json, type Answer } from "./answer.ts";
import { accountCaller } from "./caller.ts";
import type { GoogleRequest } from "./request.ts";
import type { State } from "./state.ts";

const FLAVOR = { "metadata-flavor": "Google", server: "Metadata Server for VM" };
const LIFETIME_SECONDS = 3599;

/** The metadata server of a machine that runs as a service account; undefined for what is not asked of one. */
export function metadataAnswer(
  { rawPath, headers }: GoogleRequest,
  state: State,
  email: string | undefined,
): Answer | undefined {
  if (!rawPath.startsWith("/computeMetadata/v1")) return undefined;
  const text = (body: string): Answer => ({
    status: 200,
    headers: { ...FLAVOR, "content-type": "application/text" },
    body,
  });
  if (headers["metadata-flavor"] !== "Google")
    return { status: 403, headers: FLAVOR, body: "Missing Metadata-Flavor:Google header." };
  const path = rawPath.slice("/computeMetadata/v1".length);
  const account = email === undefined ? undefined : state.accounts.get(email);
  if (path === "/project/project-id") return text(state.project);
  if (path === "/project/numeric-project-id") return text(state.projects.get(state.project)?.number ?? "");
  if (path === "/universe/universe-domain") return text("googleapis.com");
  if (path === "" || path === "/" || path === "/instance") return text("instance/\nproject/\n");
  const [, of, what] = /^\/instance\/service-accounts\/([^/]+)\/(email|token|scopes)$/.exec(path) ?? [];
  if (account === undefined || (of !== "default" && of !== account.email))
    return { status: 404, headers: FLAVOR, body: "Not Found" };
  if (what === "email") return text(account.email);
  if (what === "scopes") return text("https://www.googleapis.com/auth/cloud-platform\n");
  if (what !== "token") return { status: 404, headers: FLAVOR, body: "Not Found" };
  const { uniqueId } = account;
  const token = state.issue(() => accountCaller(state, account.email, uniqueId), LIFETIME_SECONDS * 1000);
  const answer = json({ access_token: token, expires_in: LIFETIME_SECONDS, token_type: "Bearer" });
  return { ...answer, headers: { ...answer.headers, ...FLAVOR } };
}
