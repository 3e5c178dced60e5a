import { expect, test } from "vitest";

import { remoteFault } from "../../src/checks/external-secrets/remote-faults.ts";
import { parseExternalSecret } from "../../src/collect/objects/external-secret.ts";
import { parseSecretStore } from "../../src/collect/objects/secret-store.ts";

const AT = "2026-08-01T12:00:00Z";

test.each(["eso.remote-missing", "eso.remote-denied"])(
  "%s: no tool of a cloud gets an entry for a flag of its own",
  (cause) => {
    const key = "--flags-file=evil";
    const spec = { data: [{ secretKey: "AWS_ACCESS_KEY_ID", remoteRef: { key } }] };
    const one = parseExternalSecret({ metadata: { name: "keys", namespace: "production" }, spec });
    if (one === undefined) throw new Error("it writes no Secret");
    const message = "error processing spec.data[0] (key: its), err: Secret does not exist";
    const event = { kind: "ExternalSecret", name: "keys", reason: "UpdateFailed", message, at: AT };
    const fixesFor = (provider: object): string[] => {
      const store = parseSecretStore({ metadata: { name: "its" }, spec: { provider } }, "SecretStore", "production");
      const sync = { isMissing: true, event, eventsRead: true, said: [cause], stores: [store], lacksStore: false };
      const found = remoteFault({ ...sync, one: { ...one, wanted: "keys" }, now: new Date(AT) });
      return (found ?? []).flatMap(({ fixes }) => fixes).flatMap(({ kind, text }) => (kind === "command" ? text : []));
    };
    for (const provider of [{ gcpsm: { projectID: "acme" } }, { aws: { service: "SecretsManager" } }])
      expect(fixesFor(provider).filter((line) => !line.startsWith("kubectl "))).toEqual([]);
  },
);
