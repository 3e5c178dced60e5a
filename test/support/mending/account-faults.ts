import { secret, secretRef } from "../antfly.ts";
import type { Fault } from "./fault.ts";
import { ACCOUNT, ROLE_ANNOTATION, type IdentityWorld } from "./identity-world.ts";
import { NOT_AS_AWS, SECRET, USER, valuesOf } from "./keys-world.ts";
import { BUCKET, CLUSTER } from "./world.ts";

const OTHER_ROLE = "arn:aws:iam::000000000000:role/of-the-day-before";
const SKIP = "eks.amazonaws.com/skip-pod-identity-webhook";

/** The command after the words does it. */
const MEANT = { [`ServiceAccount ${ACCOUNT} is to have`]: async () => {} };

/** What is wrong with the ServiceAccount, or with what the pods were given of it. */
export const ACCOUNT_FAULTS: readonly Fault<IdentityWorld>[] = [
  {
    name: "the ARN of a policy as the role",
    breaks: (world) => world.annotate({ [ROLE_ANNOTATION]: world.roleArn.replace(":role/", ":policy/") }),
    finds: "ANT0302 irsa.annotation-malformed",
    byHand: MEANT,
  },
  {
    name: "an account of 13 digits",
    breaks: (world) => world.annotate({ [ROLE_ANNOTATION]: world.roleArn.replace("::0", "::00") }),
    finds: "ANT0302 irsa.annotation-malformed",
    byHand: MEANT,
  },
  {
    name: "a slip of the pen in the annotation's name",
    breaks: (world) => world.annotate({ [ROLE_ANNOTATION]: null, "eks.amazonaws.com/rolearn": world.roleArn }),
    finds: "ANT0302 irsa.annotation-missing",
    byHand: MEANT,
  },
  {
    name: "the annotation on the pods alone",
    breaks: async (world) => {
      await world.annotate({ [ROLE_ANNOTATION]: null });
      await world.replacePods();
      for (const { metadata } of await world.pods())
        await world.merge(world.path("pods", metadata.name), {
          metadata: { annotations: { [ROLE_ANNOTATION]: world.roleArn } },
        });
    },
    finds: "ANT0302 irsa.annotation-missing",
    byHand: MEANT,
  },
  {
    name: "ServiceAccount missing",
    breaks: (world) => world.cluster.admin.must("DELETE", world.path("serviceaccounts", ACCOUNT)),
    finds: "ANT0301 irsa.sa-missing",
  },
  {
    name: "ServiceAccount not used",
    breaks: async (world) => {
      const old = await world.pods();
      await world.merge(world.antfly("antflyclusters", CLUSTER), { spec: { serviceAccountName: null } });
      await world.newPods(old);
    },
    finds: "ANT0301 irsa.sa-not-used",
  },
  {
    name: "pods older than the annotation",
    breaks: async (world) => {
      await withRole(world, null);
      await nextSecond();
      await world.annotate({ [ROLE_ANNOTATION]: world.roleArn });
    },
    finds: "ANT0311 irsa.pod-predates-annotation",
  },
  {
    name: "pods with the role of before",
    breaks: async (world) => {
      await withRole(world, OTHER_ROLE);
      await world.annotate({ [ROLE_ANNOTATION]: world.roleArn });
    },
    finds: "ANT0311 irsa.pod-role-stale",
  },
  {
    name: "no webhook in the cluster",
    breaks: async (world) => {
      await world.webhook.leaves();
      await world.replacePods();
    },
    finds: "ANT0311 irsa.webhook-absent",
    byHand: {
      "install the amazon-eks-pod-identity-webhook": async (world) => {
        await world.webhook.comes();
        await world.replacePods();
      },
    },
  },
  {
    name: "a label that keeps the webhook away",
    breaks: async (world) => {
      const old = await world.pods();
      await world.merge(world.antfly("antflyclusters", CLUSTER), { metadata: { labels: { [SKIP]: "true" } } });
      await world.newPods(old);
    },
    finds: "ANT0311 irsa.webhook-skipped",
    byHand: {
      "take the mark": async (world) => {
        const old = await world.pods();
        await world.merge(world.antfly("antflyclusters", CLUSTER), { metadata: { labels: { [SKIP]: null } } });
        // The operator takes the label over to the pods, and replaces them: one that is between two cannot be deleted.
        await world.newPods(old);
      },
    },
  },
  {
    name: "static keys before the role",
    breaks: async (world) => {
      const old = await world.pods();
      await world.cloud.seed({ users: [{ name: USER, inline: { backups: OF_THE_BUCKET } }] });
      const keys = secret(world.namespace, SECRET, valuesOf(await world.cloud.createKey(USER)));
      await world.create({
        ...keys,
        metadata: { ...keys.metadata, annotations: { "antfly-creds/suppress": NOT_AS_AWS } },
      });
      await world.reads([secretRef(SECRET)]);
      await world.newPods(old);
    },
    finds: "ANT0312 irsa.static-env-shadows",
    warns: true,
    byHand: {
      "once a backup has succeeded": async (world) => {
        const old = await world.pods();
        await world.reads([]);
        await world.newPods(old);
      },
    },
  },
];

const OF_THE_BUCKET = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:*", Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`] }],
};

async function withRole(world: IdentityWorld, role: string | null): Promise<void> {
  await world.annotate({ [ROLE_ANNOTATION]: role });
  await world.replacePods();
}

/** Kubernetes keeps whole seconds. */
function nextSecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_100));
}
