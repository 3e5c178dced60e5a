import { known } from "../domain/known.ts";
import type { KubeObject } from "../ports.ts";
import { defineCollector, toKnown } from "./collector.ts";

export const serverCollector = defineCollector({
  gives: "server",
  needs: [],
  collect: (_, { reader }) =>
    toKnown("the API server's version", undefined, async () => {
      const { gitVersion, minor } = await reader.version();
      return known({ version: gitVersion, minor }, { via: "kube", ref: "/version" });
    }),
});

export const accessCollector = defineCollector({
  gives: "access",
  needs: [],
  collect: (_, { reader, namespace }) =>
    toKnown("one's own rights", undefined, async () => {
      const review = await reader.rules(namespace);
      const status = (review["status"] ?? {}) as KubeObject;
      const listed: readonly unknown[] = Array.isArray(status["resourceRules"]) ? status["resourceRules"] : [];
      const rules = listed.filter((rule): rule is KubeObject => typeof rule === "object" && rule !== null);
      return known(
        {
          incomplete: status["incomplete"] === true,
          rules: rules.map((rule) => ({
            verbs: strings(rule["verbs"]),
            apiGroups: strings(rule["apiGroups"]),
            resources: strings(rule["resources"]),
            resourceNames: strings(rule["resourceNames"]),
          })),
        },
        { via: "kube", ref: "one's own rights" },
      );
    }),
});

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}
