import type { IdentityWebhookFacts, PodIdentityAssociation } from "../../domain/aws-facts.ts";
import type { PodFacts, ServiceAccountFacts } from "../../domain/workload-facts.ts";
import { AUDIENCE_ANNOTATION, showsPodIdentity, TOKEN_MOUNT } from "../../domain/identity-use.ts";

const ROLE = "AWS_ROLE_ARN";
const TOKEN_FILE = "AWS_WEB_IDENTITY_TOKEN_FILE";
const SKIP_POD = "eks.amazonaws.com/skip-pod-identity-webhook";
const SKIP_CONTAINERS = "eks.amazonaws.com/skip-containers";
/** The token of the API server's own audience, which every pod has. */
const OWN_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount";

/** What a pod should have been given, and by whom. */
export interface Expected {
  readonly account: ServiceAccountFacts;
  readonly association: PodIdentityAssociation | undefined;
  /** Undefined where it could not be read, or nobody looked. */
  readonly webhook: IdentityWebhookFacts | undefined;
  /** Minor version of Kubernetes. */
  readonly minor: number | undefined;
}

/** Why a pod has not the identity that its ServiceAccount is to give it. */
export interface PodFault {
  readonly cause: string;
  readonly pod: PodFacts;
  /** Goes on after the names of the pods, of one or of many. */
  readonly why: (many: boolean) => string;
  readonly want: string;
  readonly has: string;
}

/** The first thing that is wrong; nothing where the pod was given all that it needs. */
export function faultOf(pod: PodFacts, expected: Expected): PodFault | undefined {
  const { account, association } = expected;
  if (pod.serviceAccount !== account.name) {
    const why = (many: boolean): string =>
      `run${many ? "" : "s"} as another ServiceAccount than ${account.name}, which the AntflyCluster names`;
    return { cause: "irsa.sa-not-used", pod, why, want: account.name, has: pod.serviceAccount };
  }
  if (pod.identity === undefined || showsPodIdentity(pod)) return undefined;
  // One that was made before the association may still have the role of the annotation.
  const byRole = account.awsRole !== undefined && pod.identity.variables[ROLE] !== undefined;
  if (association !== undefined && !byRole) return withoutContainerCredentials(pod, association);
  return account.awsRole === undefined ? undefined : roleFault(pod, account.awsRole, pod.identity, expected);
}

/** EKS gives a pod its association when it is made, and needs some seconds to know a new one. */
function withoutContainerCredentials(pod: PodFacts, { createdAt, id }: PodIdentityAssociation): PodFault {
  const has = `made ${pod.createdAt}`;
  if (isSkipped(pod)) return skipped(pod, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  const when = createdAt === undefined ? "" : `, made ${createdAt}`;
  const why = (many: boolean): string =>
    `${have(many)} nothing of association ${id}${when}: EKS gives it to pods when they are made`;
  return { cause: "epi.pod-predates", pod, why, want: "AWS_CONTAINER_CREDENTIALS_FULL_URI", has };
}

function roleFault(
  pod: PodFacts,
  role: string,
  identity: NonNullable<PodFacts["identity"]>,
  expected: Expected,
): PodFault | undefined {
  const { variables, tokens } = identity;
  const [has, file] = [variables[ROLE], variables[TOKEN_FILE]];
  const from = expected.account.name;
  if (has === undefined && file === undefined) return bare(pod, role, expected);
  if (has === undefined || file === undefined) {
    const [there, missing] = has === undefined ? [TOKEN_FILE, ROLE] : [ROLE, TOKEN_FILE];
    const why = (many: boolean): string =>
      `${have(many)} ${there} in the spec and no ${missing}: the webhook adds neither where it finds one`;
    return { cause: "irsa.webhook-partial", pod, why, want: `${ROLE} and ${TOKEN_FILE}`, has: there };
  }
  if (file.startsWith(OWN_TOKEN)) {
    const why = (many: boolean): string =>
      `take${many ? "" : "s"} the token of the API server itself to STS, which refuses its audience`;
    return { cause: "irsa.wrong-token-file", pod, why, want: `${TOKEN_MOUNT}/token`, has: file };
  }
  if (has !== role) {
    const why = (many: boolean): string => `still ${have(many)} the role that ServiceAccount ${from} had before`;
    return { cause: "irsa.pod-role-stale", pod, why, want: role, has };
  }
  const wanted = expected.account.annotations[AUDIENCE_ANNOTATION];
  const token = tokens.find(({ mountPath }) => file.startsWith(`${mountPath}/`));
  if (wanted !== undefined && token !== undefined && token.audience !== wanted) {
    const why = (many: boolean): string =>
      `still ${have(many)} a token for another audience than ${AUDIENCE_ANNOTATION} of ServiceAccount ${from} says`;
    return { cause: "irsa.pod-role-stale", pod, why, want: wanted, has: token.audience || "the API server" };
  }
  return unreadable(pod, identity, expected);
}

/** A pod that was given nothing: it is older than the role, was passed over, or there is nobody to give it. */
function bare(pod: PodFacts, role: string, { account, webhook }: Expected): PodFault {
  if (isSkipped(pod)) return skipped(pod, ROLE);
  const fault = { pod, want: `${ROLE}=${role}`, has: `made ${pod.createdAt}, with no ${ROLE}` };
  if (webhook?.names.length === 0) {
    const why = (many: boolean): string => `${have(many)} no ${ROLE}: no webhook of this cluster gives pods their role`;
    return { ...fault, cause: "irsa.webhook-absent", why };
  }
  const written = account.awsRoleWrittenAt ?? account.createdAt;
  const older = written === undefined || Date.parse(pod.createdAt) <= Date.parse(written);
  if (older || account.awsRoleWrittenAt === undefined) {
    const when = account.awsRoleWrittenAt === undefined ? "" : ` at ${account.awsRoleWrittenAt}`;
    const why = (many: boolean): string =>
      `${have(many)} no ${ROLE}: ${many ? "they were" : "it was"} made before ServiceAccount ${account.name} had its role${when}, and EKS gives it to new pods alone`;
    return { ...fault, cause: "irsa.pod-predates-annotation", why };
  }
  const policy = webhook?.failurePolicy === "Ignore" ? ", and with failurePolicy Ignore pods are made without it" : "";
  const why = (many: boolean): string =>
    `${have(many)} no ${ROLE}, though ${many ? "they were" : "it was"} made after ServiceAccount ${account.name} had its role: the webhook did not answer, or did not know the role yet${policy}`;
  return { ...fault, cause: "irsa.webhook-skipped", why };
}

function isSkipped({ identity }: PodFacts): boolean {
  const { [SKIP_POD]: pod, [SKIP_CONTAINERS]: containers } = identity?.marks ?? {};
  return (
    (pod !== undefined && pod !== "false") || (containers ?? "").split(",").some((name) => name.trim() === "antfly")
  );
}

function skipped(pod: PodFacts, want: string): PodFault {
  const mark = pod.identity?.marks[SKIP_POD] === undefined ? SKIP_CONTAINERS : SKIP_POD;
  const why = (many: boolean): string =>
    `${have(many)} no ${want}: ${mark} tells the webhook to leave ${many ? "them" : "it"} alone`;
  return { cause: "irsa.webhook-skipped", pod, why, want, has: `${mark}: ${pod.identity?.marks[mark] ?? ""}` };
}

/** Since Kubernetes 1.19 the kubelet gives the token to the container's own user; before, it takes an fsGroup. */
function unreadable(
  pod: PodFacts,
  identity: NonNullable<PodFacts["identity"]>,
  { minor }: Expected,
): PodFault | undefined {
  if (minor === undefined || minor >= 19 || identity.fsGroup !== undefined || !identity.runAsNonRoot) return undefined;
  const why = (many: boolean): string =>
    `${many ? "do" : "does"} not run as root and ${have(many)} no fsGroup: before Kubernetes 1.19 root alone can read the token`;
  return { cause: "irsa.token-unreadable", pod, why, want: "an fsGroup", has: "none" };
}

function have(many: boolean): string {
  return many ? "have" : "has";
}
