import { UserError, type ExitCode } from "../domain/errors.ts";
import type { App } from "../ports.ts";
import type { TrustOptions } from "./trust-options.ts";

/** Builds the trust policy of a role, says what is wrong with one, or what is missing in one. Changes nothing. */
export async function trustPolicy(cluster: string | undefined, options: TrustOptions, app: App): Promise<ExitCode> {
  const { check, merge, claim, withoutClaim, failOn } = options;
  if (check !== undefined && merge !== undefined)
    throw new UserError("usage", "--check and --merge exclude each other");
  if (check !== undefined) return (await import("./trust-check.ts")).checkTrust(cluster, options, app);
  if (claim.length > 0 || withoutClaim.length > 0 || failOn !== undefined)
    throw new UserError("usage", "--claim, --without-claim and --fail-on go with --check");
  if (merge !== undefined) return (await import("./trust-merge.ts")).mergeTrust(cluster, options, app);
  return (await import("./trust-build.ts")).buildTrust(cluster, options, app);
}
