import type { ConfiguredBucket } from "../../domain/configured-storage.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { PodFacts, ServiceAccountFacts } from "../../domain/workload-facts.ts";
import { command, edit, finding, safeAwsCommand, type Finding, type Fix, type Severity } from "../../domain/finding.ts";
import { initIrsa, refOfCluster } from "../../domain/fixes.ts";
import { GET_SERVICE_ACCOUNT, LIST_CLUSTERS } from "../../domain/grants.ts";
import { roleArnProblem } from "../../domain/iam/role-arn-form.ts";
import { reliance, USUAL_AUDIENCE, withoutRole } from "../../domain/identity-use.ts";
import { webIdentityConnection } from "../../domain/operator/connections.ts";
import { defineCheck } from "../define.ts";
import { misplacedRole, ROLE_ANNOTATION } from "./misplaced-annotation.ts";

/** `/metadata/annotations/eks.amazonaws.com~1role-arn`. */
const PATH = `/metadata/annotations/${ROLE_ANNOTATION.replaceAll("/", "~1")}`;

export default defineCheck({
  code: "ANT0302",
  slug: "irsa-role",
  title: "The pods' ServiceAccount is annotated with the role that is meant for them",
  area: "aws",
  causes: ["antfly.irsaRoleARN-inert", "irsa.annotation-malformed", "irsa.annotation-missing", "irsa.annotation-vs-cr"],
  needs: ["cluster", "serviceAccount"],
  wants: ["environments", "references", "backups", "pods", "operator"],
  after: ["ANT0101", "ANT0301"],
  required: false,
  effect: "read",
  severity: "error",
  grants: [LIST_CLUSTERS, GET_SERVICE_ACCOUNT],
  run: (facts) => {
    const { cluster, serviceAccount, pods = [], operator } = facts;
    if (cluster === undefined) return [];
    const { eksRole, serviceAccount: wanted = "default" } = cluster;
    const role = serviceAccount?.awsRole;
    const severity = withoutRole(facts);
    const connection = webIdentityConnection(cluster, operator?.generation);
    if (role !== undefined && serviceAccount !== undefined) {
      const malformed = malformedRole(cluster, serviceAccount, role, { pods, connection, severity });
      if (malformed !== undefined) return [malformed];
      return eksRole === undefined || role === eksRole ? [] : [differs(cluster, wanted, role, eksRole)];
    }
    const misplaced = missing(cluster, serviceAccount, pods, severity);
    if (misplaced !== undefined) return [misplaced];
    const needed = unannotated(cluster, serviceAccount, connection, pods, severity);
    if (needed !== undefined) return [needed];
    if (eksRole === undefined)
      return {
        skip: `ServiceAccount ${wanted} has no annotation ${ROLE_ANNOTATION}, and spec.eks.irsaRoleARN is not set`,
      };
    // Who has no ServiceAccount of their own is told by ANT0301, and not to put a role on `default`.
    if (wanted === "default")
      return { skip: "the pods run as ServiceAccount default, which has no role; ANT0301 says what to do" };
    return serviceAccount === undefined
      ? []
      : [inert(cluster, wanted, eksRole, reliance(facts) === "all" ? "error" : "warning")];
  },
});

function malformedRole(
  { namespace, eksRole }: ClusterFacts,
  { name: account }: ServiceAccountFacts,
  role: string,
  {
    pods,
    connection,
    severity,
  }: { pods: readonly PodFacts[]; connection: ConfiguredBucket | undefined; severity: Severity },
): Finding | undefined {
  const wrong = roleArnProblem(role);
  if (wrong === undefined) return undefined;
  const { problem, name } = wrong;
  // A webhook of one's own may make the ARN of the name (--compose-role-arn).
  if (name === role && pods.some(({ identity }) => identity?.variables["AWS_ROLE_ARN"]?.endsWith(`:role/${role}`)))
    return undefined;
  // What else names the role of these pods says which one was meant.
  const others = [eksRole, connection?.roleArn].filter((other) => other !== undefined);
  const meant = wrong.meant ?? others.find((other) => roleArnProblem(other) === undefined);
  const message = `The role of ServiceAccount ${account}, ${JSON.stringify(role)}, ${problem}: STS refuses it`;
  return finding("irsa.annotation-malformed", severity, { kind: "ServiceAccount", namespace, name: account }, message, {
    evidence: [{ label: ROLE_ANNOTATION, want: meant ?? "arn:aws:iam::ACCOUNT:role/NAME", has: role, path: PATH }],
    fixes: meant === undefined ? theArnOf(name) : [write(account, meant), annotate(namespace, account, meant), REPLACE],
  });
}

/** What has to be written cannot be told from what stands there. */
function theArnOf(name: string | undefined): Fix[] {
  const words = edit(`write the role's whole ARN into ${ROLE_ANNOTATION}, then delete each pod in turn`);
  return name === undefined
    ? [words]
    : [words, safeAwsCommand`aws iam get-role --role-name ${name} --query Role.Arn --output text`];
}

/** A role stands somewhere, and not where the webhook looks for it. */
function missing(
  cluster: ClusterFacts,
  account: ServiceAccountFacts | undefined,
  pods: readonly PodFacts[],
  severity: Severity,
): Finding | undefined {
  const found = misplacedRole(cluster, account, pods);
  if (found === undefined || account === undefined) return undefined;
  const { key, value, where, subject, ofAccount } = found;
  const { namespace } = cluster;
  const message = `ServiceAccount ${account.name} has no role: ${JSON.stringify(value)} stands ${where}, and EKS looks for it under ${ROLE_ANNOTATION} of the ServiceAccount alone`;
  const meant = roleArnProblem(value)?.meant ?? value;
  const remove = ofAccount ? [command`kubectl annotate serviceaccount ${account.name} -n ${namespace} ${key}-`] : [];
  return finding("irsa.annotation-missing", severity, subject, message, {
    evidence: [
      {
        label: ROLE_ANNOTATION,
        want: `on ServiceAccount ${account.name}`,
        has: where,
        path: `/metadata/annotations/${key.replaceAll("/", "~1")}`,
      },
    ],
    fixes: [write(account.name, meant), annotate(namespace, account.name, meant), ...remove, REPLACE],
  });
}

/** A connection of generation 3 wants the token that EKS gives to pods of a ServiceAccount with a role. */
function unannotated(
  cluster: ClusterFacts,
  account: ServiceAccountFacts | undefined,
  wanting: ConfiguredBucket | undefined,
  pods: readonly PodFacts[],
  severity: Severity,
): Finding | undefined {
  // `default` is told by ANT0301. Who mounts a token into the pods by other means sets no variable for an SDK.
  if (wanting === undefined || account === undefined || account.name === "default") return undefined;
  const given = pods.filter(({ identity }) => identity?.tokens.some(({ audience }) => audience === USUAL_AUDIENCE));
  if (given.some(({ identity }) => identity?.variables["AWS_ROLE_ARN"] === undefined)) return undefined;
  const { connection = "", roleArn } = wanting;
  const { namespace } = cluster;
  const message = `ServiceAccount ${account.name} has no role: connection ${connection} of spec.config takes the pods' token to ${roleArn ?? "a role"}, and EKS gives them none`;
  return finding(
    "irsa.annotation-missing",
    severity,
    { kind: "ServiceAccount", namespace, name: account.name },
    message,
    {
      evidence: [
        { label: ROLE_ANNOTATION, want: roleArn ?? "the ARN of a role", has: "not set", path: PATH },
        {
          label: `connection ${connection}`,
          has: "source web_identity",
          path: "/spec/config",
          of: refOfCluster(cluster),
        },
      ],
      fixes:
        roleArn === undefined ? [initIrsa(cluster, undefined)] : [annotate(namespace, account.name, roleArn), REPLACE],
    },
  );
}

function inert(cluster: ClusterFacts, account: string, eksRole: string, severity: Severity): Finding {
  const message = `spec.eks.irsaRoleARN does nothing: no operator gives the role to ServiceAccount ${account}, which has none`;
  return finding("antfly.irsaRoleARN-inert", severity, refOfCluster(cluster), message, {
    evidence: [{ label: ROLE_ANNOTATION, want: eksRole, has: "not set", path: "/spec/eks/irsaRoleARN" }],
    fixes: [annotate(cluster.namespace, account, eksRole), REPLACE],
  });
}

function differs(cluster: ClusterFacts, account: string, role: string, eksRole: string): Finding {
  const message = `ServiceAccount ${account} has another role than spec.eks.irsaRoleARN says; the ServiceAccount's is the one that counts`;
  return finding("irsa.annotation-vs-cr", "warning", refOfCluster(cluster), message, {
    evidence: [{ label: ROLE_ANNOTATION, want: eksRole, has: role, path: "/spec/eks/irsaRoleARN" }],
    fixes: [
      edit(`if ${role} is right, write it into spec.eks.irsaRoleARN; if it is not:`),
      annotate(cluster.namespace, account, eksRole),
      REPLACE,
    ],
  });
}

const REPLACE = edit("then delete each pod in turn: EKS gives a role to new pods alone");

function write(account: string, role: string): Fix {
  return edit(`ServiceAccount ${account} is to have ${ROLE_ANNOTATION}: ${role}`);
}

function annotate(namespace: string, account: string, role: string): Fix {
  return command`kubectl annotate serviceaccount ${account} -n ${namespace} --overwrite eks.amazonaws.com/role-arn=${role}`;
}
