import {
  CreatePodIdentityAssociationCommand,
  DeletePodIdentityAssociationCommand,
  EKSClient,
  ListPodIdentityAssociationsCommand,
} from "@aws-sdk/client-eks";
import { GetRoleCommand, UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";

import { antflyCluster, forGeneration, INTERNAL_KEY, secret } from "../antfly.ts";
import type { AnyObject } from "../follow.ts";
import type { BinRun } from "../run-bin.ts";
import type { TestBed } from "../test-bed.ts";
import { roleArn } from "../test-cloud.ts";
import { freshNamespace } from "../test-cluster.ts";
import { AwsWorld, REGION } from "./aws-world.ts";
import { CLUSTER } from "./world.ts";

/** What the cluster is called in EKS. */
export const EKS_CLUSTER = "prod";
export const AGENT = "eks-pod-identity-agent";
/** What `init pod-identity` calls the ServiceAccount. */
export const ACCOUNT = CLUSTER;

/** A database of generation 3 to which `init pod-identity` has given a role. */
export class PodIdentityWorld extends AwsWorld {
  readonly eks: EKSClient;
  /** Name of the role. */
  readonly role: string;
  #trust: AnyObject;

  private constructor(bed: TestBed, namespace: string) {
    super(bed, namespace, `arn:aws:eks:${REGION}:${bed.cloud.account}:cluster/${EKS_CLUSTER}`);
    const { AWS_ENDPOINT_URL_EKS = "", AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "" } = bed.cloud.env;
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    this.eks = new EKSClient({ region: REGION, credentials, endpoint: AWS_ENDPOINT_URL_EKS });
    this.role = `antfly-${namespace}-${CLUSTER}`;
  }

  static async start(bed: TestBed): Promise<{ world: PodIdentityWorld; made: BinRun }> {
    const namespace = await freshNamespace(bed.cluster, "epi");
    const world = new PodIdentityWorld(bed, namespace);
    await world.create(secret(namespace, INTERNAL_KEY, { secret: "x".repeat(32) }));
    await world.create(forGeneration(3, antflyCluster(namespace, CLUSTER, [], 1)));
    await world.createBackup();
    const made = await world.tool(["init", "pod-identity", CLUSTER, "--yes", "-o", "json"]);
    const { Role } = await world.iam.send(new GetRoleCommand({ RoleName: world.role }));
    world.#trust = JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ""));
    return { world, made };
  }

  get roleArn(): string {
    return roleArn(this.cloud, this.role);
  }

  /** The trust policy that was made, with its one statement changed. */
  async trustsWith(change: (statement: AnyObject) => AnyObject): Promise<void> {
    const document = { ...this.#trust, Statement: [change(structuredClone(this.#trust.Statement[0]))] };
    const PolicyDocument = JSON.stringify(document);
    await this.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: this.role, PolicyDocument }));
  }

  /** Takes the associations of the namespace away; new pods have nothing of them. */
  async dissociate(): Promise<void> {
    const where = { clusterName: EKS_CLUSTER, namespace: this.namespace };
    const { associations = [] } = await this.eks.send(new ListPodIdentityAssociationsCommand(where));
    for (const { associationId } of associations)
      await this.eks.send(new DeletePodIdentityAssociationCommand({ clusterName: EKS_CLUSTER, associationId }));
  }

  async associate(serviceAccount: string): Promise<void> {
    const where = { clusterName: EKS_CLUSTER, namespace: this.namespace, serviceAccount };
    await this.eks.send(new CreatePodIdentityAssociationCommand({ ...where, roleArn: this.roleArn }));
  }

  override stop(): void {
    this.eks.destroy();
    super.stop();
  }
}
