import { UserError } from "../domain/errors.ts";
import { KubeError } from "../ports.ts";

/** A read without which there is nothing to judge, as the person who gave the command needs it. */
export function asReadFailure(error: unknown): unknown {
  if (!(error instanceof KubeError)) return error;
  const hint = error.failure === "forbidden" ? { hint: "antfly-creds permissions prints the Role that is needed" } : {};
  return new UserError(error.failure, error.message, { exit: 5, ...hint });
}
