import type { GkeName } from "../google-facts.ts";

/** `gke_PROJECT_LOCATION_NAME`, as `gcloud container clusters get-credentials` calls a context; no part holds a `_`. */
const CONTEXT = /^gke_([a-z0-9:.-]+)_([a-z0-9-]+)_([a-z0-9-]+)$/;
const PATH =
  /^(?:https:\/\/container\.googleapis\.com\/v1\/)?projects\/([a-z0-9:.-]+)\/(?:locations|zones|regions)\/([a-z0-9-]+)\/clusters\/([a-z0-9-]+)$/;
const SHORT = /^([a-z0-9:.-]+)\/([a-z0-9-]+)\/([a-z0-9-]+)$/;

/** The GKE cluster that a text names in full. */
export function gkeNameIn(text: string): GkeName | undefined {
  const [, project, location, name] = CONTEXT.exec(text) ?? PATH.exec(text) ?? SHORT.exec(text) ?? [];
  return project === undefined || location === undefined || name === undefined
    ? undefined
    : { project, location, name };
}

/** `projects/P/locations/L/clusters/C`. */
export function gkePath({ project, location, name }: GkeName): string {
  return `projects/${project}/locations/${location}/clusters/${name}`;
}

/** `acme-prod.svc.id.goog`: the pool is that of the cluster's project. */
export function workloadPoolOf(project: string): string {
  return `${project}.svc.id.goog`;
}
