import {
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";

import { allReady, antflyCluster, create, eventually, forGeneration, INTERNAL_KEY, podsOf, secret } from "../antfly.ts";
import type { AnyObject } from "../follow.ts";
import { Person } from "../person.ts";
import { runBin, type BinRun } from "../run-bin.ts";
import { roleArn, type TestCloud } from "../test-cloud.ts";
import { freshNamespace, type TestCluster } from "../test-cluster.ts";

export const CLUSTER = "search";
/** What `init irsa` calls the ServiceAccount. */
export const ACCOUNT = CLUSTER;
export const BACKUP = "nightly";
export const BUCKET = "acme-backups";
export const PREFIX = "prod";
export const ROLE_ANNOTATION = "eks.amazonaws.com/role-arn";
const REGION = "us-east-1";

/** Where a world is made: servers, with a node, an operator of generation 3 and the webhook of EKS at work. */
export interface IdentityBed {
  readonly cluster: TestCluster;
  readonly cloud: TestCloud;
  /** Folders with kubectl and aws. */
  readonly tools: readonly string[];
}

/** The webhook of EKS, which can be taken out of a cluster. */
export interface Webhook {
  comes(): Promise<void>;
  leaves(): Promise<void>;
}

/** A cluster that `init irsa` has taken from nothing to a proven identity, to be broken and mended. */
export class IdentityWorld {
  readonly cluster: TestCluster;
  readonly cloud: TestCloud;
  readonly namespace: string;
  /** Name of the role. */
  readonly role: string;
  readonly person: Person;
  readonly webhook: Webhook;
  readonly iam: IAMClient;
  readonly s3: S3Client;
  /** How `init irsa` ended. */
  readonly made: BinRun;
  /** The role's trust policy and its one inline policy, as they were proven. */
  readonly trust: AnyObject;
  readonly policy: { readonly name: string; readonly document: AnyObject };

  private constructor(
    bed: IdentityBed,
    webhook: Webhook,
    namespace: string,
    made: BinRun,
    clients: Clients,
    proven: Proven,
  ) {
    this.cluster = bed.cluster;
    this.cloud = bed.cloud;
    this.webhook = webhook;
    this.namespace = namespace;
    this.made = made;
    this.iam = clients.iam;
    this.s3 = clients.s3;
    this.role = proven.role;
    this.trust = proven.trust;
    this.policy = proven.policy;
    const kubeconfig = bed.cluster.kubeconfig({ namespace });
    this.person = new Person({ tools: bed.tools, kubeconfig, env: { ...bed.cloud.env, AWS_DEFAULT_REGION: REGION } });
  }

  /** Makes the database and its backup, and has the built bin do the rest. */
  static async start(bed: IdentityBed, webhook: Webhook): Promise<IdentityWorld> {
    const { cluster, cloud } = bed;
    const namespace = await freshNamespace(cluster, "irsa");
    await cloud.seed({ buckets: [{ name: BUCKET }] });
    await create(cluster.admin, secret(namespace, INTERNAL_KEY, { secret: "x".repeat(32) }));
    await create(cluster.admin, forGeneration(3, antflyCluster(namespace, CLUSTER, [], 1)));
    await create(cluster.admin, {
      apiVersion: "antfly.io/v1",
      kind: "AntflyBackup",
      metadata: { name: BACKUP, namespace },
      spec: {
        clusterRef: { name: CLUSTER },
        schedule: "0 2 * * *",
        destination: { location: `s3://${BUCKET}/${PREFIX}` },
      },
    });
    const made = await tool(bed, namespace, ["init", "irsa", CLUSTER, "--yes", "-o", "json"]);
    const clients = clientsOf(cloud);
    const proven = await provenBy(clients.iam, `antfly-${namespace}-${CLUSTER}`);
    return new IdentityWorld(bed, webhook, namespace, made, clients, proven);
  }

  doctor(...args: string[]): Promise<BinRun> {
    return tool(this, this.namespace, ["doctor", CLUSTER, "--prove", "-o", "json", ...args]);
  }

  get roleArn(): string {
    return roleArn(this.cloud, this.role);
  }

  /** URL of the issuer without its scheme. */
  get issuer(): string {
    return this.cloud.issuer.replace("https://", "");
  }

  /** Gives the role a trust policy. */
  async trusts(document: object): Promise<void> {
    const PolicyDocument = JSON.stringify(document);
    await this.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: this.role, PolicyDocument }));
  }

  /** The proven trust policy with its one statement changed. */
  async trustsWith(change: (statement: AnyObject) => AnyObject): Promise<void> {
    const [statement] = this.trust.Statement;
    await this.trusts({ ...this.trust, Statement: [change(structuredClone(statement))].flat() });
  }

  /** Gives the role another inline policy in place of its own; none without one. */
  async allows(document?: object): Promise<void> {
    const [RoleName, PolicyName] = [this.role, this.policy.name];
    if (document === undefined) await this.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    else {
      const PolicyDocument = JSON.stringify(document);
      await this.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
    }
  }

  /** Policies that were added in the meantime are taken from the role, and its own is as it was. */
  async restorePolicies(): Promise<void> {
    const { PolicyNames = [] } = await this.iam.send(new ListRolePoliciesCommand({ RoleName: this.role }));
    for (const PolicyName of PolicyNames.filter((name) => name !== this.policy.name))
      await this.iam.send(new DeleteRolePolicyCommand({ RoleName: this.role, PolicyName }));
    await this.allows(this.policy.document);
  }

  path(kind: "serviceaccounts" | "pods", name: string): string {
    return `/api/v1/namespaces/${this.namespace}/${kind}/${name}`;
  }

  antfly(kind: "antflyclusters" | "antflybackups", name: string): string {
    return `/apis/antfly.io/v1/namespaces/${this.namespace}/${kind}/${name}`;
  }

  merge(path: string, body: object): Promise<AnyObject> {
    return this.cluster.admin.must("PATCH", path, { contentType: "application/merge-patch+json", body });
  }

  /** Annotations of the ServiceAccount; null takes one away. */
  async annotate(annotations: Readonly<Record<string, string | null>>): Promise<void> {
    await this.merge(this.path("serviceaccounts", ACCOUNT), { metadata: { annotations } });
  }

  pods(): Promise<AnyObject[]> {
    return podsOf(this.cluster.admin, this.namespace);
  }

  /** Deletes the pods and waits until there are new ones at work. */
  async replacePods(): Promise<void> {
    const old = await this.pods();
    for (const { metadata } of old) await this.cluster.admin.must("DELETE", this.path("pods", metadata.name));
    await this.newPods(old);
  }

  /** Waits until there are new pods at work, and none of the old. */
  async newPods(old: readonly AnyObject[]): Promise<void> {
    const gone = new Set(old.map(({ metadata }) => metadata.uid));
    await eventually("new pods", async () => {
      const now = await this.pods();
      return allReady(now, 2) && now.every(({ metadata }) => !gone.has(metadata.uid));
    });
  }

  stop(): void {
    this.iam.destroy();
    this.s3.destroy();
    this.person.leaves();
  }
}

interface Proven {
  readonly role: string;
  readonly trust: AnyObject;
  readonly policy: { readonly name: string; readonly document: AnyObject };
}

async function provenBy(iam: IAMClient, role: string): Promise<Proven> {
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: role }));
  const { PolicyNames: [PolicyName = ""] = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName: role }));
  const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName: role, PolicyName }));
  const parsed = (text = ""): AnyObject => JSON.parse(decodeURIComponent(text));
  return {
    role,
    trust: parsed(Role?.AssumeRolePolicyDocument),
    policy: { name: PolicyName, document: parsed(PolicyDocument) },
  };
}

function tool(
  { cluster, cloud }: Pick<IdentityBed, "cluster" | "cloud">,
  namespace: string,
  args: string[],
): Promise<BinRun> {
  const env = { ...cloud.env, ANTFLY_CREDS_CLOUD: "" };
  return runBin(args, { kubeconfig: cluster.kubeconfig({ namespace }), env });
}

interface Clients {
  readonly iam: IAMClient;
  readonly s3: S3Client;
}

/** Of the account's administrator. */
function clientsOf({ env, s3 }: TestCloud): Clients {
  const { AWS_ENDPOINT_URL_IAM = "", AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = env;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  return {
    iam: new IAMClient({ region: REGION, credentials, endpoint: AWS_ENDPOINT_URL_IAM }),
    s3: new S3Client({ region: REGION, credentials, endpoint: s3, forcePathStyle: true }),
  };
}
