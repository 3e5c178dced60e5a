import { secret, secretRef } from "../antfly.ts";
import type { Fault } from "./fault.ts";
import {
  ACCOUNT,
  ANNOTATION,
  NODE_POOL,
  OBJECT_USER,
  POOL,
  PROJECT,
  WORKLOAD_USER,
  type GoogleWorld,
} from "./google-world.ts";
import { CLUSTER } from "./world.ts";

type GoogleFault = Fault<GoogleWorld>;

/** A member that is nearly the ServiceAccount's, in its place. */
function typo(name: string, wrong: (world: GoogleWorld) => string): GoogleFault {
  return {
    name: `member ${name}`,
    breaks: async (world) => world.mayActAsAccount({ role: WORKLOAD_USER, members: [wrong(world)] }),
    finds: "ANT0404 gke.binding-member-typo",
  };
}

const EXPIRED = { title: "once", expression: 'request.time < timestamp("2020-01-01T00:00:00Z")' };

/** What is wrong with the cluster, with the annotation, and with the account. */
export const GOOGLE_IDENTITY_FAULTS: readonly GoogleFault[] = [
  {
    name: "workload pool off",
    breaks: async ({ gke }) => {
      gke.workloadPool = undefined;
    },
    finds: "ANT0401 gke.pool-disabled",
  },
  {
    name: "node pool with the identity of its nodes",
    breaks: async ({ gke }) => {
      const pool = gke.nodePools.find(({ name }) => name === NODE_POOL);
      if (pool !== undefined) pool.mode = "GCE_METADATA";
    },
    finds: "ANT0401 gke.nodepool-metadata",
  },
  {
    name: "no annotation",
    breaks: (world) => world.annotate({ [ANNOTATION]: null }),
    finds: "ANT0402 gke.annotation-missing",
  },
  {
    name: "annotation under another key",
    breaks: (world) => world.annotate({ [ANNOTATION]: null, "iam.gke.io/service-account": world.email }),
    finds: "ANT0402 gke.annotation-key",
  },
  {
    name: "annotation with a name alone",
    breaks: (world) => world.annotate({ [ANNOTATION]: "backups" }),
    finds: "ANT0402 gke.annotation-value",
  },
  {
    name: "annotation as a member is written",
    breaks: (world) => world.annotate({ [ANNOTATION]: `serviceAccount:${world.email}` }),
    finds: "ANT0402 gke.annotation-value",
  },
  {
    name: "annotation with another project",
    breaks: (world) => world.annotate({ [ANNOTATION]: `backups@acme-prd.iam.gserviceaccount.com` }),
    finds: "ANT0403 gke.gsa-missing",
  },
  {
    name: "annotation that shadows a role of the ServiceAccount's own",
    breaks: async (world) => {
      world.mayActAsAccount();
      world.mayUseBucket({ role: OBJECT_USER, members: [world.principal] });
    },
    finds: "ANT0402 gke.annotation-shadows-direct",
    after: async (world) => {
      await world.annotate({ [ANNOTATION]: world.email });
      await restore(world);
    },
  },
  {
    name: "account deleted",
    breaks: async ({ google, email }) => deleteAccount(google.url, google.ownToken(), email),
    finds: "ANT0403 gke.gsa-missing",
  },
  {
    name: "account disabled",
    breaks: async ({ account }) => {
      account.disabled = true;
    },
    finds: "ANT0403 gke.gsa-disabled",
  },
  {
    name: "account deleted and made again",
    breaks: async ({ google, email }) => {
      await deleteAccount(google.url, google.ownToken(), email);
      await google.seed({ accounts: [{ id: "backups" }] });
    },
    finds: "ANT0404 gke.gsa-recreated",
    // Its role in the bucket went, too: that stands under the same cause.
    after: restore,
  },
  {
    name: "credentials API off",
    breaks: async ({ google }) => {
      google.state.projects.get(PROJECT)?.services.set("iamcredentials.googleapis.com", "DISABLED");
    },
    finds: "ANT0403 gke.iamcredentials-api-off",
  },
];

/** What is wrong with who may act as the account. */
export const GOOGLE_BINDING_FAULTS: readonly GoogleFault[] = [
  {
    name: "no binding",
    breaks: async (world) => world.mayActAsAccount(),
    finds: "ANT0404 gke.binding-missing",
  },
  {
    name: "a binding for another ServiceAccount alone",
    breaks: async (world) =>
      world.mayActAsAccount({ role: WORKLOAD_USER, members: [`serviceAccount:${POOL}[batch/etl]`] }),
    finds: "ANT0404 gke.binding-missing",
  },
  typo("with a colon", ({ namespace }) => `serviceAccount:${POOL}[${namespace}:${ACCOUNT}]`),
  typo("the other way round", ({ namespace }) => `serviceAccount:${POOL}[${ACCOUNT}/${namespace}]`),
  typo("without brackets", ({ namespace }) => `serviceAccount:${POOL}/${namespace}/${ACCOUNT}`),
  typo(
    "with the project's number",
    ({ google, namespace }) => `serviceAccount:${google.number}.svc.id.goog[${namespace}/${ACCOUNT}]`,
  ),
  typo("of another end", ({ namespace }) => `serviceAccount:${PROJECT}.svc.id.google[${namespace}/${ACCOUNT}]`),
  typo("of another name", ({ namespace }) => `serviceAccount:${POOL}[${namespace}/serach]`),
  {
    name: "a role that does not let anybody act",
    breaks: async (world) => world.mayActAsAccount({ role: "roles/iam.serviceAccountUser", members: [world.member] }),
    finds: "ANT0404 gke.binding-wrong-role",
  },
  {
    name: "the role given to the account itself",
    breaks: async (world) => world.mayActAsAccount({ role: WORKLOAD_USER, members: [`serviceAccount:${world.email}`] }),
    finds: "ANT0404 gke.binding-wrong-role",
  },
  {
    name: "a role that lets do more",
    breaks: async (world) =>
      world.mayActAsAccount({ role: "roles/iam.serviceAccountTokenCreator", members: [world.member] }),
    finds: "ANT0404 gke.binding-wrong-role",
    warns: true,
  },
  {
    name: "a condition that no longer holds",
    breaks: async (world) =>
      world.mayActAsAccount({ role: WORKLOAD_USER, members: [world.member], condition: EXPIRED }),
    finds: "ANT0404 gke.binding-condition",
    after: restore,
  },
  {
    name: "the pool of another cluster's project",
    breaks: async (world) => {
      const other = `serviceAccount:acme-staging.svc.id.goog[${world.namespace}/${ACCOUNT}]`;
      world.mayActAsAccount({ role: WORKLOAD_USER, members: [other] });
    },
    finds: "ANT0404 gke.cross-project",
  },
];

/** What is wrong with the bucket, and in the pods. */
export const GOOGLE_BUCKET_FAULTS: readonly GoogleFault[] = [
  {
    name: "no role in the bucket",
    breaks: async (world) => world.mayUseBucket(),
    finds: "ANT0405 gke.role-missing",
  },
  {
    name: "a role that only reads",
    breaks: async (world) =>
      world.mayUseBucket({ role: "roles/storage.objectViewer", members: [`serviceAccount:${world.email}`] }),
    finds: "ANT0405 gke.role-missing",
    after: restore,
  },
  {
    name: "a role in the bucket that no longer holds",
    breaks: async (world) =>
      world.mayUseBucket({ role: OBJECT_USER, members: [`serviceAccount:${world.email}`], condition: EXPIRED }),
    finds: "ANT0405 gke.role-missing",
    after: restore,
  },
  {
    name: "the role given to the ServiceAccount, which acts as an account",
    breaks: async (world) => world.mayUseBucket({ role: OBJECT_USER, members: [world.principal] }),
    finds: "ANT0405 gke.role-on-wrong-principal",
    after: restore,
  },
  {
    name: "a bucket that still names the account that was deleted",
    breaks: async (world) =>
      world.mayUseBucket({ role: OBJECT_USER, members: [`deleted:serviceAccount:${world.email}?uid=1`] }),
    finds: "ANT0405 gke.gsa-recreated",
    after: restore,
  },
  {
    name: "no bucket of that name",
    breaks: async (world) => world.google.state.buckets.delete(world.bucket),
    finds: "ANT0405 s3.nosuchbucket",
    after: restore,
  },
  {
    name: "a key that comes before the identity",
    breaks: async (world) => {
      const old = await world.pods();
      await world.create(
        secret(world.namespace, "google", { GOOGLE_APPLICATION_CREDENTIALS: "/var/secrets/key.json" }),
      );
      await world.reads([secretRef("google")]);
      await world.newPods(old);
    },
    finds: "ANT0406 gke.gac-shadows",
    byHand: {
      "take GOOGLE_APPLICATION_CREDENTIALS out of what puts it into the pods": async (world) => {
        const old = await world.pods();
        await world.reads([]);
        await world.newPods(old);
        await world.cluster.admin.must("DELETE", world.path("secrets", "google"));
      },
    },
  },
  {
    name: "a network policy between the pods and the metadata server",
    breaks: (world) =>
      world.cluster.admin.must("POST", `/apis/networking.k8s.io/v1/namespaces/${world.namespace}/networkpolicies`, {
        body: {
          apiVersion: "networking.k8s.io/v1",
          kind: "NetworkPolicy",
          metadata: { name: "closed" },
          spec: {
            podSelector: { matchLabels: { "app.kubernetes.io/instance": CLUSTER } },
            policyTypes: ["Egress"],
            egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }],
          },
        },
      }),
    finds: "ANT0406 gke.networkpolicy",
    after: (world) =>
      world.cluster.admin.must(
        "DELETE",
        `/apis/networking.k8s.io/v1/namespaces/${world.namespace}/networkpolicies/closed`,
      ),
  },
];

/** As `init workload-identity` left it. */
async function restore(world: GoogleWorld): Promise<void> {
  world.mayActAsAccount({ role: WORKLOAD_USER, members: [world.member] });
  world.mayUseBucket({ role: OBJECT_USER, members: [`serviceAccount:${world.email}`] });
}

/** By Google's own means: what named the account names one that is gone from then on. */
async function deleteAccount(url: string, token: string, email: string): Promise<void> {
  const place = `${url}/iam/v1/projects/-/serviceAccounts/${encodeURIComponent(email)}`;
  const answer = await fetch(place, { method: "DELETE", headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${email} could not be deleted: ${await answer.text()}`);
}
