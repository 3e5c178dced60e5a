import type { IamPolicy } from "../../domain/gcp/iam-policy.ts";
import { GET_PROJECT_POLICY } from "../../domain/google-grants.ts";
import { known, type Known } from "../../domain/known.ts";
import type { Google } from "../../ports.ts";
import { ofGoogle, toKnownGoogle } from "./ask-google.ts";

const ASKED = new WeakMap<Google, Map<string, Promise<Known<IamPolicy>>>>();

/** The allow policy of a project, by id or number, asked once a client: account and buckets are often in the same. */
export function projectPolicy(google: Google, project: string): Promise<Known<IamPolicy>> {
  const all = ASKED.get(google) ?? new Map<string, Promise<Known<IamPolicy>>>();
  ASKED.set(google, all);
  const ref = `the policy of project ${project}`;
  const asked =
    all.get(project) ??
    toKnownGoogle(ref, GET_PROJECT_POLICY, async () => known(await google.getProjectPolicy(project), ofGoogle(ref)));
  all.set(project, asked);
  return asked;
}
