import { randomUUID } from "node:crypto";

import type { Sensitive } from "../../src/domain/sensitive.ts";
import type { Google } from "../../src/ports.ts";
import { tokenOf } from "../support/aws-client.ts";
import type { InProcessGoogle } from "../support/google-server/index.ts";
import type { TestCluster } from "../support/test-cluster.ts";

/** Google Cloud and the Kubernetes cluster whose tokens it verifies: `prod` in `europe-west1` of the first project. */
export interface GoogleBed {
  readonly google: InProcessGoogle;
  readonly cluster: TestCluster;
  /** The tool's port. */
  readonly tool: Google;
  /** A namespace of the cluster; its `default` ServiceAccount is the workload. */
  readonly namespace: string;
}

export const PROD = { project: "acme-prod", location: "europe-west1", name: "prod" } as const;

/** A name that no other test has. */
export function fresh(stem: string): string {
  return `${stem}-${randomUUID().slice(0, 8)}`;
}

export function audienceOf(
  { google }: GoogleBed,
  cluster: { project: string; location: string; name: string } = PROD,
): string {
  const { project, location, name } = cluster;
  return `identitynamespace:${google.pool}:https://container.googleapis.com/v1/projects/${project}/locations/${location}/clusters/${name}`;
}

/** The ServiceAccount `default` as a member of policies. */
export function memberOf({ google, namespace }: GoogleBed, name = "default"): string {
  return `serviceAccount:${google.pool}[${namespace}/${name}]`;
}

export function principalOf({ google, namespace }: GoogleBed, rest = `subject/ns/${namespace}/sa/default`): string {
  const kind = rest.startsWith("subject/") ? "principal" : "principalSet";
  return `${kind}://iam.googleapis.com/projects/${google.number}/locations/global/workloadIdentityPools/${google.pool}/${rest}`;
}

/** The workload's own token of Kubernetes, for Google. */
export function kubernetesToken({ cluster, namespace, google }: GoogleBed, audience = google.pool): Promise<Sensitive> {
  return tokenOf(cluster, namespace, "default", audience);
}

/** The federated token that the workload gets for it. */
export async function federatedToken(bed: GoogleBed): Promise<Sensitive> {
  return bed.tool.exchangeToken({ audience: audienceOf(bed), token: await kubernetesToken(bed) });
}

/** The token of an account that the workload acts as. */
export async function accountToken(bed: GoogleBed, account: string): Promise<Sensitive> {
  return bed.tool.generateAccessToken({ account, token: await federatedToken(bed), lifetimeSeconds: 600 });
}

/** What the adapter never sends, sent as it is with the tool's own token. */
export async function raw(
  { google }: GoogleBed,
  method: string,
  path: string,
  body?: object,
  token?: Sensitive,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const bearer = token === undefined ? google.ownToken() : Buffer.from(token.reveal()).toString("utf8");
  const response = await fetch(`${google.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>) };
}
