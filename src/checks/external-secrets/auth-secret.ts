import type { StoreSecretFacts } from "../../domain/external-secrets-facts.ts";
import { finding, edit, safeCommand, type Finding } from "../../domain/finding.ts";
import { nearest, sentenceList } from "../../domain/text.ts";
import { SHAPE_TEXT } from "../../domain/values/shapes.ts";
import { describeStore, editStore, eventEvidence, refOfStore, type StoreUse } from "./store-use.ts";

const CAUSE = "eso.store-auth-secret";

/** The Secret that the store itself authenticates with: whether it is there, has the key, and the value the right shape. */
export function authSecretFaults(use: StoreUse, secrets: readonly StoreSecretFacts[]): Finding[] {
  const { store, event, said } = use;
  const found = store.secrets.flatMap(({ namespace, name, key, path }): Finding[] => {
    const fact = secrets.find((one) => one.namespace === namespace && one.name === name)?.secret;
    const place = { label: path.slice(1).replaceAll("/", "."), path, of: refOfStore(store) };
    const subject = { kind: "Secret", namespace, name };
    const look = safeCommand`kubectl describe secret ${name} -n ${namespace}`;
    if (fact?.state === "absent") {
      const message = `${describeStore(store)} authenticates with Secret ${name} of namespace ${namespace}, which does not exist`;
      return [
        finding(CAUSE, "critical", subject, message, {
          evidence: [{ ...place, has: name }, ...eventEvidence(event)],
          fixes: [
            edit(`make Secret ${name} in namespace ${namespace} with key ${key}, or name another one in the store`),
          ],
        }),
      ];
    }
    if (fact?.state !== "known") return [];
    const facts = fact.value.keys[key];
    if (facts === undefined) {
      const keys = Object.keys(fact.value.keys);
      const near = nearest(key, keys);
      const message = `${describeStore(store)} authenticates with key ${key} of Secret ${name}, which has no such key${near === undefined ? "" : `; did you mean ${near}?`}`;
      return [
        finding(CAUSE, "critical", subject, message, {
          evidence: [{ ...place, want: key, has: sentenceList(keys) || "no key" }, ...eventEvidence(event)],
          fixes: [...editStore(store, `name a key that Secret ${name} has`), look],
        }),
      ];
    }
    return facts.shape.map((shape) => {
      const message = `The key that ${describeStore(store)} authenticates with ${SHAPE_TEXT[shape].problem}: ${key} in Secret ${name}`;
      return finding(CAUSE, "critical", subject, message, {
        evidence: [
          {
            label: key,
            want: SHAPE_TEXT[shape].want,
            has: `${facts.bytes} bytes (value not shown)`,
            path: `/data/${key}`,
          },
          ...eventEvidence(event),
        ],
        fixes: [edit(`write ${key} of Secret ${name} in namespace ${namespace} anew (printf %s, not echo)`), look],
      });
    });
  });
  if (found.length > 0 || !said.includes(CAUSE) || store.secrets.length === 0) return found;
  const names = sentenceList([...new Set(store.secrets.map(({ name }) => name))]);
  const message = `The provider refuses the key that ${describeStore(store)} authenticates with (Secret ${names})`;
  return [
    finding(CAUSE, "critical", refOfStore(store), message, {
      evidence: [
        ...store.secrets
          .slice(0, 1)
          .map(({ path, name }) => ({ label: path.slice(1).replaceAll("/", "."), has: name, path })),
        ...eventEvidence(event),
      ],
      fixes: [edit(`write a key into Secret ${names} that the provider takes, and that is still active there`)],
    }),
  ];
}
