import type { AnyObject } from "../follow.ts";

/** What the webhook knows of a pod's ServiceAccount. */
export interface Subject {
  /** Undefined: it does not exist. */
  readonly serviceAccount: AnyObject;
  /** EKS has a Pod Identity association for it. */
  readonly associated: boolean;
  readonly region: string;
}

interface Injection {
  readonly variables: Readonly<Record<string, string>>;
  readonly volume: string;
  readonly mountPath: string;
  readonly tokenPath: string;
  readonly audience: string;
  readonly labels: Readonly<Record<string, string>>;
}

const DOMAIN = "eks.amazonaws.com";
const LONGEST_SECONDS = 86_400;
const SHORTEST_SECONDS = 600;

/**
 * The JSON patch that aws/amazon-eks-pod-identity-webhook answers for a new pod, as it runs on EKS; undefined when it
 * leaves the pod alone. Written after its source of August 2026 (pkg/handler, pkg/cache); without Windows, and without the
 * jitter of a default expiry.
 */
export function mutationOf(pod: AnyObject, subject: Subject): AnyObject[] | undefined {
  const injection = injectionFor(subject);
  if (injection === undefined) return undefined;
  const accountNotes = subject.serviceAccount?.metadata.annotations ?? {};
  const podNotes = pod.metadata.annotations ?? {};
  const skipped = new Set((podNotes[`${DOMAIN}/skip-containers`] ?? "").split(","));
  const regional = goBoolean(accountNotes[`${DOMAIN}/sts-regional-endpoints`]) ?? true;
  const inject = (container: AnyObject): AnyObject =>
    skipped.has(container.name) ? container : withIdentity(container, injection, subject.region, regional);
  const { initContainers = [], containers, volumes } = pod.spec;
  const seconds = secondsOf(podNotes) ?? secondsOf(accountNotes) ?? LONGEST_SECONDS;
  const token = { audience: injection.audience, expirationSeconds: seconds, path: injection.tokenPath };
  const volume = { name: injection.volume, projected: { sources: [{ serviceAccountToken: token }] } };
  const add = (path: string, value: unknown): AnyObject => ({ op: "add", path, value });
  const patch = Object.entries(injection.labels).map(([key, value]) =>
    pod.metadata.labels === undefined
      ? add("/metadata/labels", { [key]: value })
      : add(`/metadata/labels/${key.replaceAll("/", "~1")}`, value),
  );
  if (volumes === undefined) patch.push(add("/spec/volumes", [volume]));
  else if (!volumes.some(({ name }: AnyObject) => name === volume.name)) patch.push(add("/spec/volumes/0", volume));
  patch.push(add("/spec/containers", containers.map(inject)));
  if (initContainers.length > 0) patch.push(add("/spec/initContainers", initContainers.map(inject)));
  return patch;
}

/** An association wins over the annotation; whether the annotation is an ARN at all is nobody's concern here. */
function injectionFor({ serviceAccount, associated }: Subject): Injection | undefined {
  if (associated) {
    const mountPath = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount";
    return {
      variables: {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${mountPath}/eks-pod-identity-token`,
      },
      volume: "eks-pod-identity-token",
      mountPath,
      tokenPath: "eks-pod-identity-token",
      audience: "pods.eks.amazonaws.com",
      labels: { [`${DOMAIN}/pod-identity`]: "enabled" },
    };
  }
  const notes = serviceAccount?.metadata.annotations ?? {};
  const role = notes[`${DOMAIN}/role-arn`];
  if (!role) return undefined;
  const mountPath = `/var/run/secrets/${DOMAIN}/serviceaccount`;
  return {
    variables: { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: `${mountPath}/token` },
    volume: "aws-iam-token",
    mountPath,
    tokenPath: "token",
    audience: notes[`${DOMAIN}/audience`] ?? "sts.amazonaws.com",
    labels: {},
  };
}

/** One of a pair that is there already keeps both away. */
function withIdentity(container: AnyObject, injection: Injection, region: string, regional: boolean): AnyObject {
  const { env = [], volumeMounts = [] } = container;
  const has = (names: readonly string[]): boolean => env.some(({ name }: AnyObject) => names.includes(name));
  const identified = has(Object.keys(injection.variables));
  const regioned = has(["AWS_REGION", "AWS_DEFAULT_REGION"]);
  const endpointed = has(["AWS_STS_REGIONAL_ENDPOINTS"]);
  if (identified && regioned && endpointed) return container;
  const added = {
    ...(endpointed || !regional ? {} : { AWS_STS_REGIONAL_ENDPOINTS: "regional" }),
    ...(regioned ? {} : { AWS_DEFAULT_REGION: region, AWS_REGION: region }),
    ...(identified ? {} : injection.variables),
  };
  const { volume: name, mountPath } = injection;
  const mounted = volumeMounts.some((mount: AnyObject) => mount.name === name);
  return {
    ...container,
    env: [...env, ...Object.entries(added).map(([key, value]) => ({ name: key, value }))],
    volumeMounts: mounted ? volumeMounts : [...volumeMounts, { name, readOnly: true, mountPath }],
  };
}

function secondsOf(annotations: AnyObject): number | undefined {
  const text = annotations[`${DOMAIN}/token-expiration`];
  return /^[+-]?\d+$/.test(text ?? "") ? Math.max(Number(text), SHORTEST_SECONDS) : undefined;
}

/** Go's ParseBool. */
function goBoolean(text: string | undefined): boolean | undefined {
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text ?? "")) return true;
  return ["0", "f", "F", "FALSE", "false", "False"].includes(text ?? "") ? false : undefined;
}
