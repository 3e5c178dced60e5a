import { findEksCluster } from "../collect/aws/eks-cluster.ts";
import type { EksClusterFacts } from "../domain/aws-facts.ts";
import { UserError, type ExitCode } from "../domain/errors.ts";
import { shell } from "../domain/shell.ts";
import { identityFiles } from "../plans/identity-files.ts";
import { planInitPodIdentity } from "../plans/init-pod-identity.ts";
import { AwsError, type App, type Aws } from "../ports.ts";
import { readRole, wantedRole } from "./identity-role.ts";
import type { RoleOptions } from "./identity-options.ts";
import { initIdentity, type IdentityKind, type IdentityLook, type PreparedIdentity } from "./init-identity.ts";
import { orThrow, permissionsIn } from "./or-throw.ts";
import { inputFor } from "./role-input.ts";
import { homeOf, rightsOf, ROLE_KIND, roleLeftBy } from "./role-kind.ts";

const ADD_ON = "eks-pod-identity-agent";
const ROLE_ARN = "eks.amazonaws.com/role-arn";

const POD_IDENTITY: IdentityKind<RoleOptions> = {
  ...ROLE_KIND,
  command: "pod-identity",
  title: "EKS Pod Identity",
  rights: (options) => rightsOf("--init-pod-identity", options),
  prepare,
};

/** An IAM role that the EKS Pod Identity agent gives to the pods. */
export function initPodIdentity(name: string | undefined, options: RoleOptions, app: App): Promise<ExitCode> {
  return initIdentity(name, options, app, POD_IDENTITY);
}

async function prepare(look: IdentityLook<RoleOptions>): Promise<PreparedIdentity> {
  const { cloud, cluster, account, options } = look;
  const { namespace, name } = cluster;
  const eks = await eksClusterOf(look);
  // EKS answers for one region; IAM is asked with the same client.
  const aws = await cloud.aws(eks.region);
  const home = await homeOf(aws);
  if (eks.account !== home.account) {
    throw new UserError(
      "other-account",
      `EKS cluster ${eks.name} is in account ${eks.account}, and your AWS identity in ${home.account}`,
      {
        hint: "an association takes a role of the cluster's own account; use an identity of it with --profile NAME",
      },
    );
  }
  const has = await associatedRole(aws, eks.name, { namespace, serviceAccount: account.name });
  const annotated = has?.roleArn ?? account.existing?.annotations[ROLE_ARN];
  const wanted = wantedRole({ named: options.role, annotated, namespace, cluster: name }, home);
  const byName = options.role !== undefined && !options.role.startsWith("arn:");
  const role = await readRole(aws, wanted, { namespace, cluster: name, issuer: eks.arn, byName });
  if (has !== undefined && has.roleArn !== role.arn) {
    throw new UserError(
      "associated",
      `ServiceAccount ${namespace}/${account.name} is associated with role ${has.roleArn}, and can have one alone`,
      {
        hint: `leave --role out to use that one, or remove the association: ${shell`aws eks delete-pod-identity-association --cluster-name ${eks.name} --association-id ${has.id}`}`,
      },
    );
  }
  const subject = { namespace, serviceAccount: account.name };
  const input = await inputFor(look, aws, role, {
    trust: {
      mechanism: "pod-identity",
      wanted: { account: role.account, partition: role.partition, clusterArn: eks.arn, subject },
    },
    credentials: { source: "default" },
  });
  const eksCluster = { name: eks.name, region: eks.region };
  return {
    clients: { aws },
    input,
    has: `IAM role ${role.name}`,
    plan: planInitPodIdentity({ ...input, eksCluster, associated: has !== undefined }),
    files: (renderYaml) => identityFiles(input, { kind: "pod-identity", eksCluster }, renderYaml),
    notes: await notesOf(look, eks, aws),
    leftBy: roleLeftBy(aws, role.arn),
  };
}

async function eksClusterOf({ world, kube }: IdentityLook): Promise<EksClusterFacts> {
  const found = await findEksCluster(world, undefined);
  if (found.state !== "absent") return orThrow(found, permissionsIn(kube, "--init-pod-identity"));
  throw new UserError("no-eks-cluster", "nothing says that this cluster is one of EKS, which alone has Pod Identity", {
    hint: "say which one it is with --eks-cluster NAME, or use antfly-creds init irsa",
  });
}

async function associatedRole(
  aws: Aws,
  cluster: string,
  { namespace, serviceAccount }: { readonly namespace: string; readonly serviceAccount: string },
): Promise<{ id: string; roleArn: string } | undefined> {
  const list = await aws.listPodIdentityAssociations(cluster, namespace);
  const own = list.find((one) => one.serviceAccount === serviceAccount);
  return own === undefined ? undefined : aws.describePodIdentityAssociation(cluster, own.id);
}

async function notesOf({ account }: IdentityLook, eks: EksClusterFacts, aws: Aws): Promise<string[]> {
  const annotated = account.existing?.annotations[ROLE_ARN];
  const both =
    annotated === undefined
      ? []
      : [
          `ServiceAccount ${account.name} also has the role ${annotated} by its annotation; new pods take the association's`,
        ];
  // The nodes of EKS Auto Mode bring the agent with them.
  if (eks.autoMode === true || (await hasAddOn(aws, eks.name))) return both;
  const install = shell`aws eks create-addon --cluster-name ${eks.name} --addon-name ${ADD_ON} --region ${eks.region}`;
  return [...both, `the add-on ${ADD_ON} is not installed, and without the agent pods get no role: ${install}`];
}

/** Undecided counts as there: the proof looks at the agent itself. */
async function hasAddOn(aws: Aws, cluster: string): Promise<boolean> {
  try {
    await aws.describeAddOn(cluster, ADD_ON);
    return true;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return error.failure !== "not-found";
  }
}
