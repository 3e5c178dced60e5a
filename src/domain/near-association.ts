import type { ServiceAccountName } from "./iam/trust/trust-types.ts";
import { nearest } from "./text.ts";

/**
 * The association that was meant for a ServiceAccount: one with the same namespace and a name that is a slip of the pen
 * away, or the other way round. EKS takes any name, whether or not there is such an object.
 */
export function nearAssociation<T extends ServiceAccountName>(
  others: readonly T[],
  { namespace, serviceAccount }: ServiceAccountName,
): T | undefined {
  const here = others.filter((one) => one.namespace === namespace);
  const name = nearest(
    serviceAccount,
    here.map((one) => one.serviceAccount),
  );
  if (name !== undefined) return here.find((one) => one.serviceAccount === name);
  const named = others.filter((one) => one.serviceAccount === serviceAccount);
  const place = nearest(
    namespace,
    named.map((one) => one.namespace),
  );
  return named.find((one) => one.namespace === place);
}
