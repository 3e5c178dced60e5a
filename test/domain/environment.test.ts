import fc from "fast-check";
import { expect, test } from "vitest";

import { effectiveEnvironment, type EnvFromSource } from "../../src/domain/env/effective.ts";
import { viewOf, type EnvironmentView } from "../../src/domain/env/view.ts";
import { absent, known } from "../../src/domain/known.ts";
import { classify } from "../../src/domain/values/classify.ts";
import type { AnyObject } from "../support/follow.ts";
import { startEnvironment, type StartResult } from "../support/node/environment.ts";

const origin = { via: "kube", ref: "test" } as const;
const names = fc.constantFrom("one", "two", "three");
const keys = fc.constantFrom("AWS_ACCESS_KEY_ID", "AWS_REGION", "1KEY", "a.b", "a-b", "..", "x y", "B=", "KEY");
const data = fc.dictionary(keys, fc.constantFrom("1", "2", "3"), { maxKeys: 4 });
const sources = fc.array(
  fc.record({
    kind: fc.constantFrom("Secret" as const, "ConfigMap" as const),
    name: names,
    prefix: fc.constantFrom("", "", "A_", "1", "."),
    optional: fc.boolean(),
  }),
  { maxLength: 5 },
);
const store = fc.dictionary(
  fc.tuple(fc.constantFrom("Secret", "ConfigMap"), names).map((parts) => parts.join("/")),
  data,
);

/** What is shown of it: each variable with the source that it is really from, and all that lost against it. */
function expectView(
  { variables, dropped }: EnvironmentView,
  { envFrom, env }: { envFrom: readonly AnyObject[]; env: readonly AnyObject[] },
  kubelet: Extract<StartResult, { environment: unknown }>,
  objects: Readonly<Record<string, Readonly<Record<string, string>>>>,
): void {
  const supplies = envFrom.flatMap(({ prefix, secretRef, configMapRef }) => {
    const kind = secretRef === undefined ? "ConfigMap" : "Secret";
    const { name } = secretRef ?? configMapRef;
    const source = `${kind} ${name}${prefix === "" ? "" : ` (prefix ${prefix})`}`;
    return Object.keys(objects[`${kind}/${name}`] ?? {}).map((key) => ({
      name: prefix + key,
      from: `${source}, key ${key}`,
    }));
  });
  const skipped = new Set(kubelet.skipped.flatMap((source) => source.keys));
  const arrived = supplies.filter(({ name }) => !skipped.has(name));
  const expected = [...kubelet.environment.keys()].sort().map((name) => {
    const from = arrived.filter((supply) => supply.name === name).map((supply) => supply.from);
    if (!env.some((one) => one["name"] === name)) return { name, from: from.at(-1), shadowed: from.slice(0, -1) };
    return { name, from: "env", shadowed: from };
  });
  expect(variables.map(({ name, from, shadowed }) => ({ name, from, shadowed }))).toEqual(expected);
  const lost = supplies.filter(({ name }) => skipped.has(name));
  expect(dropped.map(({ name, from }) => ({ name, from }))).toEqual(lost);
}

/** The product's engine against the node stand-in's plain model of the kubelet, which is written apart from it. */
test("the effective environment is what a kubelet starts the container with", () => {
  fc.assert(
    fc.property(
      sources,
      store,
      fc.array(keys, { maxLength: 2 }),
      fc.constantFrom(29, 31, 32, 36),
      (envFrom, objects, env, minor) => {
        const engine = effectiveEnvironment(
          "data",
          envFrom,
          env.map((name) => ({ name })),
          ({ kind, name }) => {
            const values = objects[`${kind}/${name}`];
            if (values === undefined) return absent(origin);
            const facts = Object.entries(values).map(
              ([key, value]) => [key, classify(key, Buffer.from(value), () => value)] as const,
            );
            return known(Object.fromEntries(facts), origin);
          },
          minor,
        );
        const container = {
          envFrom: envFrom.map((source: EnvFromSource) => ({
            prefix: source.prefix,
            [source.kind === "Secret" ? "secretRef" : "configMapRef"]: { name: source.name, optional: source.optional },
          })),
          env: env.map((name) => ({ name, value: "explicit" })),
        };
        const kubelet = startEnvironment(container, "ns", minor, (kind, name) => {
          const values = objects[`${kind}/${name}`];
          return values && new Map(Object.entries(values).map(([key, value]) => [key, Buffer.from(value)]));
        });
        expect("error" in kubelet).toBe(engine.missing.length > 0);
        if ("error" in kubelet) return;
        const computed = Object.values(engine.variables).map(({ name, from }) => [
          name,
          from?.facts.fingerprint ?? "explicit",
        ]);
        expect(new Map(computed as [string, string][])).toEqual(new Map(kubelet.environment));
        expectView(viewOf(engine, [], `v1.${minor}.0`), container, kubelet, objects);
        const skipped = kubelet.skipped.flatMap((source) => source.keys).sort();
        expect(engine.dropped.map((supply) => supply.name).sort()).toEqual(skipped);
      },
    ),
    { numRuns: 2_000 },
  );
});
