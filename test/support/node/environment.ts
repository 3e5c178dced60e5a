import type { AnyObject } from "../follow.ts";

/** What a container start came to: its environment, or why it cannot start. */
export type StartResult =
  | { readonly environment: ReadonlyMap<string, string>; readonly skipped: readonly Skipped[] }
  | { readonly error: string };

/** Keys of one source that are no variable names on this kubelet. */
export interface Skipped {
  readonly kind: "secret" | "configMap";
  readonly name: string;
  readonly keys: readonly string[];
}

/** Finds a Secret or ConfigMap of the pod's namespace; values decoded. */
export type Lookup = (kind: "Secret" | "ConfigMap", name: string) => ReadonlyMap<string, Buffer> | undefined;

/**
 * The kubelet's rules for `env` and `envFrom`, plain and slow, written apart from the product's: it is what the product's
 * picture is compared with. Values are latin1 text of the bytes.
 */
export function startEnvironment(
  container: AnyObject,
  namespace: string,
  kubeletMinor: number,
  lookup: Lookup,
): StartResult {
  const result = new Map<string, string>();
  const skipped: Skipped[] = [];
  for (const source of container.envFrom ?? []) {
    const kind = source.secretRef ? "Secret" : "ConfigMap";
    const ref = source.secretRef ?? source.configMapRef;
    const data = lookup(kind, ref.name);
    if (data === undefined) {
      if (ref.optional === true) continue;
      return { error: `${kind.toLowerCase()} "${ref.name}" not found` };
    }
    const invalid: string[] = [];
    for (const [key, value] of data) {
      const name = (source.prefix ?? "") + key;
      if (isVariableName(name, kubeletMinor)) result.set(name, value.toString("latin1"));
      else invalid.push(name);
    }
    if (invalid.length > 0)
      skipped.push({ kind: kind === "Secret" ? "secret" : "configMap", name: ref.name, keys: invalid.sort() });
  }
  for (const entry of container.env ?? []) {
    const value = valueOf(entry, namespace, lookup, result);
    if (typeof value === "object") return value;
    if (value !== undefined) result.set(entry.name, value);
  }
  return { environment: result, skipped };
}

function valueOf(
  entry: AnyObject,
  namespace: string,
  lookup: Lookup,
  soFar: ReadonlyMap<string, string>,
): string | undefined | { readonly error: string } {
  if (entry.valueFrom === undefined) return expand(entry.value ?? "", soFar);
  const ref = entry.valueFrom.secretKeyRef ?? entry.valueFrom.configMapKeyRef;
  if (ref === undefined) return "";
  const kind = entry.valueFrom.secretKeyRef ? "Secret" : "ConfigMap";
  const data = lookup(kind, ref.name);
  if (data === undefined)
    return ref.optional === true ? undefined : { error: `${kind.toLowerCase()} "${ref.name}" not found` };
  const value = data.get(ref.key);
  if (value !== undefined) return value.toString("latin1");
  return ref.optional === true
    ? undefined
    : { error: `couldn't find key ${ref.key} in ${kind} ${namespace}/${ref.name}` };
}

/** `$(NAME)` of an earlier variable; `$$` is a dollar sign; an unknown name stays as it is. */
function expand(text: string, known: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? "$" : (known.get(name) ?? whole),
  );
}

function isVariableName(name: string, minor: number): boolean {
  if (minor >= 32) {
    if (name.length === 0) return false;
    for (const character of name) {
      const code = character.charCodeAt(0);
      if (code < 0x20 || code > 0x7e || character === "=") return false;
    }
    return true;
  }
  if (name === "." || name.startsWith("..")) return false;
  return name.length > 0 && !/[^-._a-zA-Z0-9]/.test(name) && !/^[0-9]/.test(name);
}
