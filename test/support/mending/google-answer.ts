import { ACCOUNT, ANNOTATION, POOL, type GoogleWorld } from "./google-world.ts";
import { BUCKET } from "./world.ts";

const NEEDED = ["storage.objects.create", "storage.objects.get", "storage.objects.list", "storage.objects.delete"];
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";

export interface GoogleAnswer {
  /** The ServiceAccount's token gets one of the account that its annotation names, or its own without one. */
  readonly trusted: boolean;
  /** Permissions that the bucket does not give; undefined without a token. */
  readonly refused: readonly string[] | undefined;
}

/** What Google itself decides for the database's identity, asked as the metadata server asks it. */
export async function googleAnswer(world: GoogleWorld): Promise<GoogleAnswer | undefined> {
  const { cluster, google } = world;
  const { status, body } = await cluster.admin.get(world.path("serviceaccounts", ACCOUNT));
  if (status !== 200) return undefined;
  const email: string | undefined = body.metadata?.annotations?.[ANNOTATION];
  const minted = await cluster.admin.must("POST", `${world.path("serviceaccounts", ACCOUNT)}/token`, {
    body: {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { audiences: [POOL], expirationSeconds: 600 },
    },
  });
  const [path = ""] = google.state.clusters.keys();
  const federated = await post(`${google.url}/sts/v1/token`, {
    grantType: "urn:ietf:params:oauth:grant-type:token-exchange",
    requestedTokenType: "urn:ietf:params:oauth:token-type:access_token",
    subjectTokenType: "urn:ietf:params:oauth:token-type:jwt",
    audience: `identitynamespace:${POOL}:https://container.googleapis.com/v1/${path}`,
    scope: SCOPE,
    subjectToken: minted.status.token,
  });
  if (federated === undefined) return { trusted: false, refused: undefined };
  const own = federated["access_token"];
  const place = `${google.url}/iamcredentials/v1/projects/-/serviceAccounts/${encodeURIComponent(email ?? "")}:generateAccessToken`;
  const token = email === undefined ? own : (await post(place, { scope: [SCOPE] }, own))?.["accessToken"];
  if (token === undefined) return { trusted: false, refused: undefined };
  const query = NEEDED.map((one) => `permissions=${one}`).join("&");
  const answer = await fetch(`${google.url}/storage/v1/b/${BUCKET}/iam/testPermissions?${query}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!answer.ok) return { trusted: true, refused: NEEDED };
  const { permissions = [] } = (await answer.json()) as { permissions?: readonly string[] };
  return { trusted: true, refused: NEEDED.filter((one) => !permissions.includes(one)) };
}

/** The answer, or undefined for a refusal. */
async function post(url: string, body: object, token?: string): Promise<Readonly<Record<string, string>> | undefined> {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  return answer.ok ? ((await answer.json()) as Record<string, string>) : undefined;
}
