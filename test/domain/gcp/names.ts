import fc from "fast-check";

import type { Workload } from "../../../src/domain/gcp/member.ts";

/** The ServiceAccount that these tests are about. */
export const WANTED: Workload = {
  pool: "acme-prod.svc.id.goog",
  projectNumber: "123456789012",
  namespace: "production",
  name: "antfly",
  cluster: { project: "acme-prod", location: "europe-west1", name: "prod" },
};

/** A name of Kubernetes. */
export const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,12}[a-z0-9])?$/);
