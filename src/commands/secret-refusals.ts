import { UserError } from "../domain/errors.ts";
import type { ClusterFacts } from "../domain/facts.ts";
import type { Owner } from "../domain/owner.ts";
import { ownerOf } from "../domain/owner.ts";
import type { Plan } from "../domain/plan.ts";
import { printable } from "../domain/text.ts";
import type { KeyChange } from "../plans/init-secret.ts";
import type { App, SecretObject } from "../ports.ts";

export interface SecretWriteOptions {
  readonly overwrite?: boolean;
  readonly managed?: boolean;
  readonly writeTo?: string;
  readonly plaintextInGit?: boolean;
}

/** @throws UserError for a change that has to be insisted on, or that cannot be made here */
export function refuseIfNeeded(
  cluster: ClusterFacts,
  secret: string,
  existing: SecretObject | undefined,
  keys: readonly KeyChange[],
  options: SecretWriteOptions,
): void {
  const lost = keys.filter((key) => key.change === "replace" || key.change === "remove").map((key) => key.key);
  const place = `Secret ${cluster.namespace}/${secret}`;
  if (lost.length > 0 && options.overwrite !== true) {
    throw new UserError("would-overwrite", `${place} already holds other values for ${lost.join(", ")}`, {
      hint: "pods that run keep the old values; use --secret-name NEW for a new Secret that replaces the pods, or --overwrite",
    });
  }
  const changes = keys.some((key) => key.change !== "keep");
  if (existing?.immutable === true && changes) {
    throw new UserError("immutable", `${place} is immutable`, { hint: "use --secret-name NEW for a new Secret" });
  }
  if (options.managed === true || options.writeTo !== undefined) return;
  const owners: readonly [string, Owner | undefined][] = [
    [`AntflyCluster ${cluster.namespace}/${cluster.name}`, cluster.owner],
    [place, changes && existing !== undefined ? ownerOf(existing.metadata) : undefined],
  ];
  for (const [what, owner] of owners) {
    if (owner === undefined) continue;
    throw new UserError(
      "managed",
      `${what} is managed by ${owner.tool} (${printable(owner.evidence)}), which would undo a change made here`,
      {
        hint: "write the change as files to commit with --write-to DIR, or insist with --managed",
      },
    );
  }
}

/** @throws UserError when a readable Secret would lie in a Git work tree */
export async function assertMayWrite(plan: Plan, options: SecretWriteOptions, app: App): Promise<void> {
  if (options.plaintextInGit === true || !plan.steps.some((step) => step.do.startsWith("secret."))) return;
  const root = await app.files.gitRoot(options.writeTo ?? ".");
  if (root === undefined) return;
  throw new UserError(
    "plaintext-in-git",
    `${options.writeTo} lies in a Git work tree, and the Secret's file can be read by anyone who gets it`,
    {
      hint: "choose a folder outside, use a sealed or external Secret, or insist with --plaintext-in-git",
    },
  );
}
