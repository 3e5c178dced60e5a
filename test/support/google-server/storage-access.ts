import { bucketResource, may, projectResource } from "./authorize.ts";
import { assertSwitchedOn, type Call } from "./call.ts";
import { Refusal } from "./refusal.ts";
import type { Bucket, Project } from "./state.ts";

/** @throws Refusal in Cloud Storage's words, which name who asked and what was asked for */
export function assertMay({ state, caller }: Call, permission: string, bucket: string, key?: string): void {
  if (may(state, caller, permission, bucketResource(state, bucket, key))) return;
  const thing = permission.startsWith("storage.buckets") || key === undefined ? "bucket" : "object";
  throw new Refusal(
    403,
    "forbidden",
    `${caller.name} does not have ${permission} access to the Google Cloud Storage ${thing}. Permission '${permission}' denied on resource (or it may not exist).`,
  );
}

/** The bucket, once it is there, pays for itself or is paid for, and may be asked. */
export function bucketFor(call: Call, permission: string, name: string, key?: string): Bucket {
  const { state, request } = call;
  const bucket = state.buckets.get(name);
  if (bucket === undefined) {
    // Names are everybody's: that there is no such bucket is told to those who may be told, and the tool's own identity is.
    if (!call.caller.own && permission !== "") assertMay(call, permission, name, key);
    throw new Refusal(404, "notFound", "The specified bucket does not exist.");
  }
  if (
    bucket.requesterPays &&
    request.query.get("userProject") === null &&
    request.headers["x-goog-user-project"] === undefined
  )
    throw new Refusal(400, "required", "Bucket is a requester pays bucket but no user project provided.");
  if (permission !== "") assertMay(call, permission, name, key);
  assertSwitchedOn(state, bucket.project, "storage.googleapis.com", "Google Cloud Storage JSON API");
  return bucket;
}

export function projectFor({ state, caller }: Call, permission: string, name: string): Project {
  const project = state.projectOf(name);
  if (project !== undefined && may(state, caller, permission, projectResource(project))) return project;
  throw new Refusal(
    403,
    "forbidden",
    `${caller.name} does not have ${permission} access to the Google Cloud project. Permission '${permission}' denied on resource (or it may not exist).`,
  );
}
