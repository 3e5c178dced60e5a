import {
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
  type IAMClient,
} from "@aws-sdk/client-iam";

import { antflyCluster, forGeneration, INTERNAL_KEY, secret } from "../antfly.ts";
import type { AnyObject } from "../follow.ts";
import type { BinRun } from "../run-bin.ts";
import { roleArn } from "../test-cloud.ts";
import { freshNamespace } from "../test-cluster.ts";
import type { TestBed } from "../test-bed.ts";
import { AwsWorld } from "./aws-world.ts";
import { BUCKET, CLUSTER } from "./world.ts";

/** What `init irsa` calls the ServiceAccount. */
export const ACCOUNT = CLUSTER;
export const ROLE_ANNOTATION = "eks.amazonaws.com/role-arn";

/** The webhook of EKS, which can be taken out of a cluster. */
export interface Webhook {
  comes(): Promise<void>;
  leaves(): Promise<void>;
}

interface Proven {
  /** Its one statement is the ServiceAccount's. */
  readonly trust: AnyObject;
  /** The role's one inline policy. */
  readonly policy: { readonly name: string; readonly document: AnyObject };
}

/** A database of generation 3 that `init irsa` has taken from nothing to a proven identity. */
export class IdentityWorld extends AwsWorld {
  readonly webhook: Webhook;
  /** Name of the role. */
  readonly role: string;
  #proven: Proven | undefined;

  private constructor(bed: IdentityBed, namespace: string) {
    super(bed, namespace);
    this.webhook = bed.webhook;
    this.role = `antfly-${namespace}-${CLUSTER}`;
  }

  /** A database and its backup, without any identity. */
  static async bare(bed: IdentityBed): Promise<IdentityWorld> {
    const namespace = await freshNamespace(bed.cluster, "irsa");
    const world = new IdentityWorld(bed, namespace);
    await world.create(secret(namespace, INTERNAL_KEY, { secret: "x".repeat(32) }));
    await world.create(forGeneration(3, antflyCluster(namespace, CLUSTER, [], 1)));
    await world.createBackup();
    return world;
  }

  /** The same, and the built bin has done the rest. */
  static async start(bed: IdentityBed): Promise<{ world: IdentityWorld; made: BinRun }> {
    await bed.cloud.seed({ buckets: [{ name: BUCKET }] });
    const world = await IdentityWorld.bare(bed);
    const made = await world.tool(["init", "irsa", CLUSTER, "--yes", "-o", "json"]);
    world.#proven = await provenBy(world.iam, world.role);
    return { world, made };
  }

  /** The policies as `init irsa` wrote them. */
  get proven(): Proven {
    if (this.#proven === undefined) throw new Error("nothing is proven yet");
    return this.#proven;
  }

  get roleArn(): string {
    return roleArn(this.cloud, this.role);
  }

  /** URL of the issuer without its scheme. */
  get issuer(): string {
    return this.cloud.issuer.replace("https://", "");
  }

  /** The proven trust policy with its one statement changed. */
  async trustsWith(change: (statement: AnyObject) => AnyObject): Promise<void> {
    const { trust } = this.proven;
    const document = { ...trust, Statement: [change(structuredClone(trust.Statement[0]))].flat() };
    const PolicyDocument = JSON.stringify(document);
    await this.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: this.role, PolicyDocument }));
  }

  /** Gives the role another inline policy in place of its own; none without one. */
  async allows(document?: object): Promise<void> {
    const [RoleName, PolicyName] = [this.role, this.proven.policy.name];
    if (document === undefined) await this.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    else {
      const PolicyDocument = JSON.stringify(document);
      await this.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
    }
  }

  /** Policies that were added in the meantime are taken from the role, and its own is as it was. */
  async restorePolicies(): Promise<void> {
    const { policy } = this.proven;
    const { PolicyNames = [] } = await this.iam.send(new ListRolePoliciesCommand({ RoleName: this.role }));
    for (const PolicyName of PolicyNames.filter((name) => name !== policy.name))
      await this.iam.send(new DeleteRolePolicyCommand({ RoleName: this.role, PolicyName }));
    await this.allows(policy.document);
  }

  /** Annotations of the ServiceAccount; null takes one away. */
  async annotate(annotations: Readonly<Record<string, string | null>>): Promise<void> {
    await this.merge(this.path("serviceaccounts", ACCOUNT), { metadata: { annotations } });
  }
}

export interface IdentityBed extends TestBed {
  readonly webhook: Webhook;
}

async function provenBy(iam: IAMClient, RoleName: string): Promise<Proven> {
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
  const { PolicyNames: [PolicyName = ""] = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
  const parsed = (text = ""): AnyObject => JSON.parse(decodeURIComponent(text));
  return {
    trust: parsed(Role?.AssumeRolePolicyDocument),
    policy: { name: PolicyName, document: parsed(PolicyDocument) },
  };
}
