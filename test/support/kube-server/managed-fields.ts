import type { AnyObject } from "../follow.ts";
import { ApiError } from "./errors.ts";
import {
  at,
  decodeFields,
  describeField,
  encodeFields,
  fieldsOf,
  removeAt,
  sameValue,
  setAt,
  type FieldSet,
} from "./fields.ts";

/** Who writes, and how. */
export interface Writer {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly subresource: string;
  readonly apiVersion: string;
  /** RFC 3339, whole seconds. */
  readonly now: string;
}

interface Entry extends Writer {
  readonly fields: FieldSet;
}

function entriesOf(object: AnyObject | undefined): Entry[] {
  return (object?.metadata.managedFields ?? []).map((entry: AnyObject) => ({
    manager: entry.manager,
    operation: entry.operation,
    subresource: entry.subresource ?? "",
    apiVersion: entry.apiVersion,
    now: entry.time,
    fields: decodeFields(entry.fieldsV1),
  }));
}

function store(object: AnyObject, entries: readonly Entry[]): void {
  object.metadata.managedFields = entries
    .filter((entry) => entry.fields.size > 0)
    .map(({ manager, operation, subresource, apiVersion, now, fields }) => ({
      manager,
      operation,
      apiVersion,
      time: now,
      fieldsType: "FieldsV1",
      fieldsV1: encodeFields(fields),
      ...(subresource === "" ? {} : { subresource }),
    }));
}

function isWriter(entry: Entry, writer: Writer): boolean {
  return (
    entry.manager === writer.manager && entry.operation === writer.operation && entry.subresource === writer.subresource
  );
}

/** After an Update: what changed belongs to the writer, and to nobody else; what is gone belongs to no one. */
export function trackUpdate(before: AnyObject | undefined, after: AnyObject, writer: Writer): void {
  const fields = fieldsOf(after);
  const changed = new Set(
    [...fields].filter((field) => before === undefined || !sameValue(at(before, field), at(after, field))),
  );
  const entries = entriesOf(before).map((entry) => ({
    ...entry,
    fields: new Set(
      [...entry.fields].filter((field) => fields.has(field) && (isWriter(entry, writer) || !changed.has(field))),
    ),
  }));
  const mine = entries.find((entry) => isWriter(entry, writer));
  if (changed.size > 0) {
    const all = new Set([...(mine?.fields ?? []), ...changed]);
    const others = entries.filter((entry) => entry !== mine);
    store(after, [...others, { ...writer, fields: all }]);
  } else store(after, entries);
}

/**
 * Server-side apply: the merged object.
 * @throws ApiError 409 naming the managers that own what the writer wants to change
 */
export function mergeApplied(
  before: AnyObject | undefined,
  applied: AnyObject,
  writer: Writer,
  force: boolean,
): AnyObject {
  const wanted = fieldsOf(applied);
  const entries = entriesOf(before);
  const others = entries.filter((entry) => !isWriter(entry, writer));
  const mine = entries.find((entry) => isWriter(entry, writer));
  const differing = [...wanted].filter(
    (field) => before !== undefined && !sameValue(at(before, field), at(applied, field)),
  );
  const disputed = differing.flatMap((field) =>
    others.filter((entry) => entry.fields.has(field)).map((entry) => ({ entry, field })),
  );
  if (disputed.length > 0 && !force) throw applyConflict(disputed);

  const merged: AnyObject =
    before === undefined
      ? { apiVersion: applied.apiVersion, kind: applied.kind, metadata: { ...applied.metadata } }
      : structuredClone(before);
  for (const field of wanted) setAt(merged, field, structuredClone(at(applied, field)));
  for (const field of mine?.fields ?? []) {
    if (!wanted.has(field) && !others.some((entry) => entry.fields.has(field))) removeAt(merged, field);
  }
  const unchanged =
    mine !== undefined &&
    differing.length === 0 &&
    mine.fields.size === wanted.size &&
    [...wanted].every((field) => mine.fields.has(field));
  const kept = others.map((entry) => ({
    ...entry,
    fields: new Set([...entry.fields].filter((field) => !differing.includes(field))),
  }));
  store(merged, [...kept, { ...writer, now: unchanged ? mine.now : writer.now, fields: wanted }]);
  return merged;
}

function applyConflict(disputed: readonly { entry: Entry; field: string }[]): ApiError {
  const managers = [...new Set(disputed.map(({ entry }) => entry.manager))];
  const causes = disputed.map(({ entry, field }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${describeManager(entry)}`,
    field: describeField(field),
  }));
  const plural = disputed.length === 1 ? "conflict" : "conflicts";
  const fields = disputed.map(({ field }) => describeField(field));
  const first = disputed[0];
  const message =
    managers.length === 1 && first !== undefined
      ? `Apply failed with ${disputed.length} ${plural}: ${plural} with ${describeManager(first.entry)}${disputed.length === 1 ? `: ${fields[0]}` : `:\n- ${fields.join("\n- ")}`}`
      : `Apply failed with ${disputed.length} ${plural}: ${causes.map((cause) => `${cause.message}: ${cause.field}`).join("\n")}`;
  return new ApiError(409, "Conflict", message, { causes });
}

function describeManager({ manager, operation, apiVersion, subresource }: Entry): string {
  const sub = subresource === "" ? "" : ` with subresource "${subresource}"`;
  return operation === "Update" ? `"${manager}"${sub} using ${apiVersion}` : `"${manager}"${sub}`;
}
