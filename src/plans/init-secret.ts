import type { Plan, Step } from "../domain/plan.ts";
import type { Target } from "../domain/report.ts";
import { count } from "../domain/text.ts";
import { hmacSteps, type HmacInput } from "./hmac-steps.ts";
import type { IdentityInput } from "./identity-input.ts";
import { forgetStep } from "./journal-note.ts";
import { envFromPatch, envFromStep, type EnvFromInput } from "./env-from-step.ts";

/** One key of the Secret and what happens to it. `shown` is a value that is no secret, such as the endpoint. */
export interface KeyChange {
  readonly key: string;
  readonly change: "add" | "replace" | "keep" | "remove";
  readonly bytes: number;
  readonly shown: string | undefined;
}

export interface InitSecretInput extends EnvFromInput {
  /** A key that is made for the Secret. */
  readonly hmac?: HmacInput | undefined;
  /** Of an earlier run that was cut off. */
  readonly note?: IdentityInput["note"];
  readonly target: Target;
  /** The Secret that is there, if any. */
  readonly existing: { readonly uid: string; readonly resourceVersion: string } | undefined;
  readonly keys: readonly KeyChange[];
}

/** The Secret first, then the references to it: pods that roll find it. No steps when nothing is to change. */
export function planInitSecret(input: InitSecretInput): Plan {
  const { target, cluster, existing, hmac } = input;
  const made = hmac === undefined ? [] : hmacSteps(hmac);
  const steps = [...made, secretStep(input), envFromStep(input)].filter((step) => step !== undefined);
  const basis = {
    [`AntflyCluster ${cluster.name} uid`]: cluster.uid,
    [`AntflyCluster ${cluster.name} generation`]: String(cluster.generation),
    [`Secret ${input.secret} resourceVersion`]: existing?.resourceVersion ?? "absent",
    ...Object.fromEntries((hmac?.buckets ?? []).map(({ name, etag = "" }) => [`policy of bucket ${name}`, etag])),
  };
  return { schema: 1, kind: "init", target, basis, steps: steps.length > 0 ? steps : forgetStep(input) };
}

function secretStep({ cluster, secret, existing, keys }: InitSecretInput): Step | undefined {
  const { namespace } = cluster;
  if (keys.every((key) => key.change === "keep")) return undefined;
  const written = keys.filter((key) => key.change === "add" || key.change === "replace").map((key) => key.key);
  const remove = keys.filter((key) => key.change === "remove").map((key) => key.key);
  const diff = secretDiff(keys);
  if (existing === undefined) {
    return {
      id: "secret",
      title: `create Secret ${namespace}/${secret}`,
      do: "secret.create",
      with: { namespace, name: secret, keys: written },
      undo: "auto",
      diff,
    };
  }
  return {
    id: "secret",
    title: `change Secret ${namespace}/${secret}`,
    do: "secret.patch",
    with: { namespace, name: secret, resourceVersion: existing.resourceVersion, keys: written, remove },
    undo: "auto",
    diff,
  };
}

function secretDiff(keys: readonly KeyChange[]): string[] {
  const width = Math.max(...keys.map((key) => key.key.length));
  const line = (sign: string, key: string, what: string): string => `${sign} ${key.padEnd(width)}  ${what}`;
  return keys.flatMap(({ key, change, shown, bytes }) => {
    const value = shown ?? `${count(bytes, "byte")} (not shown)`;
    switch (change) {
      case "keep":
        return [line(" ", key, "unchanged")];
      case "add":
        return [line("+", key, value)];
      case "replace":
        return [line("-", key, "(not shown)"), line("+", key, value)];
      default:
        return [line("-", key, "removed: it belongs to the old access key")];
    }
  });
}

/** The same change as files: the Secret with all of `keys`, and a merge patch for the AntflyCluster. */
export function asFiles(
  plan: Plan,
  target: { readonly folder: string; readonly cluster: string; readonly keys: readonly string[] },
  renderYaml: (object: unknown) => string,
): Plan {
  const folder = target.folder.replace(/(?<=.)\/+$/, "");
  const steps = plan.steps.map((step): Step => {
    if (step.do === "secret.create" || step.do === "secret.patch") {
      const { namespace, name } = step.with;
      const path = `${folder}/secret-${name}.yaml`;
      return {
        id: step.id,
        title: `write ${path}`,
        do: "file.secret",
        with: { path, namespace, name, keys: target.keys },
        undo: "auto",
        diff: step.diff,
      };
    }
    if (step.do !== "cluster.patch") return step;
    const path = `${folder}/antflycluster-${target.cluster}.patch.yaml`;
    return {
      id: step.id,
      title: `write ${path}`,
      do: "file.write",
      with: { path, content: renderYaml(envFromPatch(step)) },
      undo: "auto",
      diff: step.diff,
    };
  });
  return { ...plan, steps };
}
