import type { ClusterFacts } from "../../domain/facts.ts";
import type { ServiceAccountFacts } from "../../domain/workload-facts.ts";
import type { Verdict } from "../define.ts";

/** Why nothing is asked about Pod Identity: nobody means it, or there is no ServiceAccount that could have it. */
export function noPodIdentity(cluster: ClusterFacts | undefined, account: ServiceAccountFacts | undefined): Verdict {
  const { serviceAccount: name } = cluster ?? {};
  if (account === undefined && name !== undefined) return { waits: `ServiceAccount ${name} does not exist` };
  return { skip: "nothing says that the pods are to have an identity from EKS Pod Identity" };
}
