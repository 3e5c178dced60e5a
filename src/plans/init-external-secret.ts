import { sameJson } from "../domain/json.ts";
import { lineDiff } from "../domain/line-diff.ts";
import type { Plan, Step, StepOf } from "../domain/plan.ts";
import type { Target } from "../domain/report.ts";
import { CLUSTER_SECRET_STORE, EXTERNAL_SECRET, SECRET_STORE } from "../domain/resources.ts";
import { envFromStep, type EnvFromInput } from "./env-from-step.ts";
import {
  asFarAs,
  externalSecretSpec,
  KEYS,
  laidOver,
  storeSpec,
  type ExternalSecretInput,
  type Spec,
  type StoreChoice,
} from "./external-secret-objects.ts";

/** A custom object as it was read. */
export type ExistingObject = NonNullable<StepOf<"object.apply">["with"]["existing"]>;

export interface InitExternalSecretInput extends EnvFromInput, Omit<ExternalSecretInput, "store"> {
  readonly target: Target;
  /** Of `external-secrets.io`, as the cluster serves it. */
  readonly version: string;
  readonly store: StoreChoice & { readonly existing: ExistingObject | undefined };
  /** The ExternalSecret; its name is that of the Secret. */
  readonly externalSecret: ExistingObject | undefined;
  /** The ExternalSecret or its store was not ready before: their status may say so for a moment after the change. */
  readonly failedBefore: boolean;
  /** How long the operator may take to write the Secret, milliseconds. */
  readonly waitMs: number;
}

/**
 * The store, what is read through it, and only when the Secret is there the references to it: no pod is rolled onto a
 * Secret that is missing. No steps when nothing is to change.
 */
export function planInitExternalSecret(input: InitExternalSecretInput, renderYaml: (object: unknown) => string): Plan {
  const { target, cluster, store, externalSecret, secret } = input;
  const objects = [storeStep(input, renderYaml), externalSecretStep(input, renderYaml)].filter(
    (step) => step !== undefined,
  );
  const references = envFromStep(input);
  const changes = objects.length > 0 || references !== undefined;
  const steps: Step[] = [
    ...objects,
    ...(changes ? [waitStep(input, objects.length > 0)] : []),
    ...(references === undefined ? [] : [references]),
  ];
  const basis = {
    [`AntflyCluster ${cluster.name} uid`]: cluster.uid,
    [`AntflyCluster ${cluster.name} generation`]: String(cluster.generation),
    ...(store.made === undefined ? {} : { [`SecretStore ${store.name}`]: versionOf(store.existing) }),
    [`ExternalSecret ${secret}`]: versionOf(externalSecret),
  };
  return { schema: 1, kind: "init", target, basis, steps };
}

function versionOf(object: ExistingObject | undefined): string {
  return object === undefined ? "absent" : `${object.uid} generation ${object.generation}`;
}

function storeStep(
  { store, version, cluster }: InitExternalSecretInput,
  renderYaml: (object: unknown) => string,
): StepOf<"object.apply"> | undefined {
  if (store.made === undefined) return undefined;
  const type = { ...SECRET_STORE, version };
  const { namespace } = cluster;
  const told = { type, namespace, name: store.name, existing: store.existing };
  return objectStep("store", told, storeSpec(store.made), renderYaml);
}

function externalSecretStep(
  input: InitExternalSecretInput,
  renderYaml: (object: unknown) => string,
): StepOf<"object.apply"> | undefined {
  const { version, cluster, secret, externalSecret: existing } = input;
  const { namespace } = cluster;
  const type = { ...EXTERNAL_SECRET, version };
  const owns = `Secret ${namespace}/${secret}, if External Secrets had written it`;
  const told = { type, namespace, name: secret, existing, owns };
  return objectStep("external-secret", told, externalSecretSpec(input, existing?.spec), renderYaml);
}

/** What is wanted is laid over what is there; nobody is shown what the server filled in. */
function objectStep(
  id: string,
  told: Omit<StepOf<"object.apply">["with"], "spec">,
  wanted: Spec,
  renderYaml: (object: unknown) => string,
): StepOf<"object.apply"> | undefined {
  const { type, namespace, name, existing } = told;
  const spec = laidOver(existing?.spec, wanted) as Spec;
  if (existing !== undefined && sameJson(existing.spec, spec)) return undefined;
  const text = (shown: unknown): string => renderYaml({ spec: shown }).trimEnd();
  const diff =
    existing === undefined
      ? text(wanted)
          .split("\n")
          .map((line) => `+ ${line}`)
      : lineDiff(text(asFarAs(wanted, existing.spec)), text(asFarAs(wanted, spec)));
  const verb = existing === undefined ? "create" : "change";
  return {
    id,
    title: `${verb} ${type.kind} ${namespace}/${name}`,
    do: "object.apply",
    with: { ...told, spec },
    undo: "auto",
    diff,
  };
}

function waitStep(input: InitExternalSecretInput, changed: boolean): Step {
  const { cluster, version, store, secret, waitMs, failedBefore } = input;
  const { namespace } = cluster;
  return {
    id: "wait",
    title: `wait until External Secrets has written Secret ${namespace}/${secret}`,
    do: "external-secret.wait",
    with: {
      type: { ...EXTERNAL_SECRET, version },
      namespace,
      name: secret,
      store: {
        type: { ...(store.kind === "SecretStore" ? SECRET_STORE : CLUSTER_SECRET_STORE), version },
        name: store.name,
      },
      secret,
      keys: KEYS,
      waitMs,
      mayBeOld: changed && failedBefore,
    },
    undo: "none",
    diff: [],
  };
}
