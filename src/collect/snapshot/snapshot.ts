import type { FactKey, Facts } from "../../domain/facts.ts";
import { UserError } from "../../domain/errors.ts";
import type { Target } from "../../domain/report.ts";
import { printable } from "../../domain/text.ts";
import { describeMismatch } from "../objects/schemas.ts";
import { parseSnapshot, SNAPSHOT_SCHEMA, type Snapshot } from "./schema.ts";

/** Of the run, not of the cluster. */
const NOT_SAVED: ReadonlySet<FactKey> = new Set(["inputs", "suppressions"]);

/** Facts as a document (`schemas/facts.v1.json`). They hold no value of any Secret: none ever gets into facts. */
export function snapshotDocument(
  targets: readonly { readonly target: Target; readonly facts: Facts }[],
  about: { readonly version: string; readonly takenAt: string; readonly flags: readonly string[] },
): object {
  return {
    schema: SNAPSHOT_SCHEMA,
    tool: { name: "antfly-creds", version: about.version },
    takenAt: about.takenAt,
    context: targets[0]?.target.context,
    flags: about.flags,
    targets: targets.map(({ target, facts }) => ({
      target,
      facts: Object.fromEntries(Object.entries(facts).filter(([key]) => !NOT_SAVED.has(key as FactKey))),
    })),
  };
}

/** The file looks like saved facts, whether or not they can be used. */
export function isSnapshotText(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 4_096)).toString("latin1");
  return /^\s*\{\s*"schema"\s*:\s*"antfly-creds\.facts\//.test(start);
}

function isSnapshot(value: unknown): boolean {
  const schema = (value as { schema?: unknown } | null | undefined)?.schema;
  return typeof schema === "string" && schema.startsWith("antfly-creds.facts/");
}

/**
 * Reads saved facts back.
 * @throws UserError with the file and the place in it that is wrong
 */
export function readSnapshot(bytes: Uint8Array, file: string): Snapshot {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new UserError("bad-snapshot", `${printable(file)} is not JSON`, { hint: SAVE });
  }
  if (!isSnapshot(value)) {
    throw new UserError("bad-snapshot", `${printable(file)} holds no saved facts`, { hint: SAVE });
  }
  try {
    return parseSnapshot(value);
  } catch (error) {
    const mismatch = describeMismatch(error);
    if (mismatch === undefined) throw error;
    throw new UserError("bad-snapshot", `${printable(file)} is not as it was saved: ${printable(mismatch)}`, {
      hint: `this version reads ${SNAPSHOT_SCHEMA}`,
    });
  }
}

const SAVE = "antfly-creds doctor CLUSTER -n NAMESPACE --save facts.json saves them";
