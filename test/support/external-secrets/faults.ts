import { create, eventually } from "../antfly.ts";
import { CANARY_ID, CANARY_SECRET, CANARY_SECRET_2 } from "../canaries.ts";
import { ENTRY, SECRET, STORE, type SyncWorld } from "./world.ts";

type Hand = (world: SyncWorld) => Promise<unknown>;

/** One row of the failure catalogue, section 6. */
export interface SyncFault {
  readonly name: string;
  readonly breaks: Hand;
  /** `CODE cause` of the one root cause; of a warning, one of those that are told. */
  readonly finds: string;
  readonly warns?: true;
  /** What the printed words ask for, where no printed command does it: at the provider, or in Git. */
  readonly byHand?: Hand;
  /** The controller has not looked since. */
  readonly unseen?: true;
}

const entry =
  (values: Readonly<Record<string, string>>): Hand =>
  async ({ controller }) => {
    controller.provider.entries.set(ENTRY, {
      access_key_id: CANARY_ID,
      secret_access_key: CANARY_SECRET,
      ...values,
    });
  };
const denied =
  "operation error Secrets Manager: GetSecretValue, https response error StatusCode: 400, api error AccessDeniedException: User: arn:aws:iam::123456789012:user/eso is not authorized to perform: secretsmanager:GetSecretValue on resource: antfly/backup-credentials because no identity-based policy allows the secretsmanager:GetSecretValue action";

/** In the order of the catalogue. `eso.not-installed` and `eso.api-version` are about what is not there yet. */
export const SYNC_FAULTS: readonly SyncFault[] = [
  {
    name: "words that nobody knows",
    breaks: async ({ controller: { provider } }) => (provider.refuses = "the moon is in the wrong quarter"),
    finds: "ANT0503 eso.sync-error",
    byHand: async ({ controller: { provider } }) => (provider.refuses = undefined),
  },
  {
    name: "a slip in the name of the store",
    breaks: (world) => world.changes({ secretStoreRef: { name: "awss" } }),
    finds: "ANT0502 eso.store-missing",
  },
  {
    name: "a ClusterSecretStore without its kind",
    breaks: (world) => world.usesWide([]),
    finds: "ANT0502 eso.store-kind",
  },
  {
    name: "the store cannot be used",
    breaks: async ({ controller: { provider } }) =>
      (provider.unusable = 'Get "https://secretsmanager.us-east-1.amazonaws.com": context deadline exceeded'),
    finds: "ANT0502 eso.store-not-ready",
    byHand: async ({ controller: { provider } }) => (provider.unusable = undefined),
  },
  {
    name: "the store is for other namespaces",
    breaks: (world) => world.usesWide([{ namespaces: ["staging"] }], { kind: "ClusterSecretStore" }),
    finds: "ANT0502 eso.cluster-store-denied",
    byHand: (world) => world.merge(world.wideStore(), { spec: { conditions: [{ namespaces: [world.namespace] }] } }),
  },
  {
    name: "a newline in the key of the store",
    breaks: async (world) => {
      await world.storeKeys(`${CANARY_ID}\n`);
      world.controller.provider.unusable =
        'operation error STS: GetCallerIdentity, https response error: net/http: invalid header field value for "Authorization"';
    },
    finds: "ANT0502 eso.store-auth-secret",
    byHand: async (world) => {
      await world.storeKeys(CANARY_ID);
      world.controller.provider.unusable = undefined;
    },
  },
  {
    name: "the ServiceAccount of the store is not there",
    breaks: async (world) => {
      const auth = { secretRef: null, jwt: { serviceAccountRef: { name: "eso-reader" } } };
      await world.merge(world.path("secretstores", STORE), { spec: { provider: { aws: { auth } } } });
      world.controller.provider.unusable = 'serviceaccounts "eso-reader" not found';
    },
    finds: "ANT0502 eso.store-irsa",
    byHand: async (world) => {
      const annotations = { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/eso" };
      await world.merge(world.core("serviceaccounts", "eso-reader"), { metadata: { annotations } });
      world.controller.provider.unusable = undefined;
    },
  },
  {
    name: "no such entry",
    breaks: async ({ controller: { provider } }) => provider.entries.clear(),
    finds: "ANT0503 eso.remote-missing",
    byHand: entry({}),
  },
  {
    name: "no such property",
    breaks: async ({ controller: { provider } }) => provider.entries.set(ENTRY, { access_key_id: CANARY_ID }),
    finds: "ANT0503 eso.remote-missing",
    byHand: entry({}),
  },
  {
    name: "the entry may not be read",
    breaks: async ({ controller: { provider } }) => (provider.refuses = denied),
    finds: "ANT0503 eso.remote-denied",
    byHand: async ({ controller: { provider } }) => (provider.refuses = undefined),
  },
  {
    name: "the pair alone is mapped",
    breaks: (world) => world.changes({ target: { template: null } }),
    finds: "ANT0504 eso.mapping-missing-keys",
    byHand: (world) => world.changes({ target: world.manifest().spec.target }),
  },
  {
    name: "a template that leaves out what is fetched",
    breaks: (world) => world.changes({ target: { template: { mergePolicy: "Replace" } } }),
    finds: "ANT0504 eso.mapping-missing-keys",
    byHand: (world) => world.changes({ target: { template: { mergePolicy: "Merge" } } }),
  },
  {
    name: "it is fetched once",
    breaks: (world) => world.changes({ refreshInterval: "0s" }),
    finds: "ANT0505 eso.stale",
    warns: true,
    byHand: (world) => world.changes({ refreshInterval: "1h" }),
  },
  {
    name: "the controller has not come to it for three hours",
    breaks: (world) => {
      const refreshTime = new Date(Date.now() - 3 * 3_600_000).toISOString().replace(/\.\d+/, "");
      return world.merge(`${world.path("externalsecrets", SECRET)}/status`, { status: { refreshTime } });
    },
    finds: "ANT0505 eso.stale",
    warns: true,
    unseen: true,
  },
  {
    name: "a new key that no pod has",
    breaks: async (world) => {
      await entry({ secret_access_key: CANARY_SECRET_2 })(world);
    },
    finds: "ANT0701 eso.synced-but-pods-stale",
    warns: true,
    // Times are whole seconds: pods that start in that of the change could not be told from those before it.
    byHand: (world) => eventually("the next second", async () => Date.now() >= (await world.writtenAt()) + 1000),
  },
  {
    name: "two ExternalSecrets with one target",
    breaks: async (world) => {
      const other = world.manifest();
      await create(world.cluster.admin, { ...other, metadata: { ...other.metadata, name: "second" } });
    },
    finds: "ANT0503 eso.owner-conflict",
    byHand: (world) => world.cluster.admin.must("DELETE", world.path("externalsecrets", "second")),
  },
  {
    name: "an immutable target, and a new value",
    breaks: async (world) => {
      await world.changes({ target: { immutable: true } });
      await world.controller.works();
      await entry({ secret_access_key: CANARY_SECRET_2 })(world);
    },
    finds: "ANT0503 eso.immutable-target",
    byHand: (world) => world.changes({ target: { immutable: null } }),
  },
  {
    name: "it merges into nothing",
    breaks: async (world) => {
      await world.changes({ target: { creationPolicy: "Merge" } });
      await world.cluster.admin.must("DELETE", world.core("secrets", SECRET));
    },
    finds: "ANT0503 eso.merge-target-missing",
  },
  {
    name: "the Secret goes with its entry",
    breaks: async (world) => {
      await world.changes({ target: { deletionPolicy: "Delete" } });
      world.controller.provider.entries.clear();
    },
    finds: "ANT0506 eso.deletion-policy",
    byHand: async (world) => {
      await world.changes({ target: { deletionPolicy: "Retain" } });
      await entry({})(world);
    },
  },
  {
    name: "a combination that no webhook refused",
    breaks: (world) => world.changes({ target: { creationPolicy: "Merge", deletionPolicy: "Delete" } }),
    finds: "ANT0506 eso.invalid-combination",
    byHand: (world) => world.changes({ target: { creationPolicy: "Owner", deletionPolicy: "Retain" } }),
  },
  {
    name: "a newline at the provider",
    breaks: entry({ access_key_id: `${CANARY_ID}\n` }),
    finds: "ANT0504 eso.value-newline",
    byHand: entry({}),
  },
  {
    name: "encoded at the provider",
    breaks: entry({ access_key_id: Buffer.from(CANARY_ID).toString("base64") }),
    finds: "ANT0504 eso.decoding",
    byHand: entry({}),
  },
  {
    name: "decoded what was never encoded",
    breaks: async (world) => {
      const [id, value] = world.manifest().spec.data;
      const remoteRef = { ...id.remoteRef, decodingStrategy: "Auto" };
      await world.changes({ data: [{ ...id, remoteRef }, value] });
    },
    finds: "ANT0504 eso.decoding",
    byHand: (world) => world.changes({ data: world.manifest().spec.data }),
  },
  {
    name: "it cannot be decoded",
    breaks: async (world) => {
      const [id, value] = world.manifest().spec.data;
      const remoteRef = { ...value.remoteRef, decodingStrategy: "Base64" };
      await world.changes({ data: [id, { ...value, remoteRef }] });
      await entry({ secret_access_key: `${CANARY_SECRET}!` })(world);
    },
    finds: "ANT0504 eso.decoding",
    byHand: async (world) => {
      await world.changes({ data: world.manifest().spec.data });
      await entry({})(world);
    },
  },
  {
    name: "somebody wrote the Secret by hand",
    breaks: (world) =>
      world.cluster.admin.must("PATCH", world.core("secrets", SECRET), {
        query: { fieldManager: "kubectl-edit" },
        contentType: "application/merge-patch+json",
        body: { data: { NOTE: Buffer.from("of mine").toString("base64") } },
      }),
    finds: "ANT0506 eso.manual-edit-reverted",
    warns: true,
    unseen: true,
  },
];
