import { high, low, medium, type Symptom } from "./symptom.ts";
import { inNamespace, refusal, theAccount, theSecret } from "./words.ts";

/** Messages of the kubelet, the API server and kubectl (failure catalogue, section 2). */
export const KUBERNETES: readonly Symptom[] = [
  {
    topic: "secret",
    seen: /couldn.?t find key \S{1,253} in Secret\b/i,
    means: [
      high(
        "k8s.secretkeyref-missing-key",
        (c) => `${theSecret(c)}${inNamespace(c)} is there, but has no key ${c.key ?? "of that name"}.`,
      ),
      medium(
        "k8s.key-near-miss",
        (c) => `${theSecret(c)} may have the value of ${c.key ?? "that key"} under another spelling.`,
      ),
    ],
  },
  {
    topic: "secret",
    seen: /couldn.?t find key \S{1,253} in ConfigMap\b/i,
    means: [high("k8s.container-config-error", (c) => `The ConfigMap has no key ${c.key ?? "of that name"}.`)],
  },
  {
    topic: "secret",
    seen: /references non-existent secret key: /i,
    means: [
      high(
        "antfly.secretstore",
        "The only Secret that Antfly mounts as a file is that of spec.secretStore, and its key secrets.json is not there.",
        (c) => c.key === "secrets.json",
      ),
      medium(
        "k8s.secretkeyref-missing-key",
        (c) => `A volume takes key ${c.key ?? "of a Secret"} out of a Secret that does not have it.`,
      ),
    ],
  },
  {
    topic: "secret",
    seen: /\bconfigmaps? "[^"]{1,253}" not found/i,
    means: [high("k8s.configmap-missing", (c) => `ConfigMap ${c.configMap ?? ""} does not exist${inNamespace(c)}.`)],
  },
  {
    topic: "secret",
    seen: /\bsecrets? "[^"]{1,253}" not found|Secret\(s\) not found: \[|\bSecretNotFound\b/i,
    means: [
      high("k8s.secret-missing", (c) =>
        c.secrets.length === 0
          ? "The operator says SecretNotFound: a Secret that envFrom refers to does not exist."
          : `${theSecret(c)} ${c.secrets.length === 1 ? "does" : "do"} not exist${inNamespace(c) || " in the namespace of the pods"}.`,
      ),
      medium(
        "k8s.secret-wrong-namespace",
        (c) => `${theSecret(c)} may exist in another namespace: pods read the Secrets of their own alone.`,
      ),
    ],
  },
  {
    topic: "secret",
    seen: /CreateContainerConfigError/i,
    unless: /runAsNonRoot|subPath|host ?path/i,
    means: [
      medium(
        "k8s.secret-missing",
        "CreateContainerConfigError most often means that a Secret in envFrom does not exist; the pod's message says which.",
      ),
      medium(
        "k8s.container-config-error",
        "CreateContainerConfigError without its message: a key or an object that the container needs is not there.",
      ),
    ],
  },
  {
    topic: "env-names",
    seen: /InvalidEnvironmentVariableNames|\bInvalidVariableNames\b|skipped since they are considered invalid environment variable names/i,
    means: [
      high(
        "k8s.invalid-env-names",
        (c) =>
          `The kubelet left out ${c.key === undefined ? "keys" : `key ${c.key}`} of ${theSecret(c)}: no valid variable name on this Kubernetes version.`,
      ),
      medium(
        "k8s.prefix-rescues-or-breaks-name",
        "The name is judged together with the prefix of envFrom, which may be what makes it invalid.",
      ),
    ],
  },
  {
    topic: "cluster-object",
    seen: /illegal base64 data at input byte\b/i,
    unless: /decoding strategy|ExternalSecret|jwt|cookie/i,
    means: [
      medium(
        "value.not-base64-decoded",
        "The API server could not decode a value: plain text stands under data, where base64 belongs.",
      ),
    ],
  },
  {
    topic: "cluster-object",
    seen: /field is immutable when .?immutable.? is set/i,
    unless: /\bConfigMap "/i,
    means: [high("k8s.secret-immutable", (c) => `${theSecret(c)} is marked immutable: its values cannot be changed.`)],
  },
  {
    topic: "cluster-object",
    seen: /\bSecret "[^"]{1,253}" is invalid: type: .{0,200}field is immutable/i,
    means: [
      high(
        "k8s.secret-type-unexpected",
        (c) => `${theSecret(c)} has another type already, and a type cannot be changed.`,
      ),
    ],
  },
  {
    topic: "cluster-object",
    seen: /\bSecret "[^"]{1,253}" is invalid: .{0,80}must have at most 1048576/i,
    means: [
      high("k8s.secret-too-large", (c) => `${theSecret(c)} would be larger than the 1 MiB that a Secret may have.`),
    ],
  },
  {
    topic: "cluster-object",
    seen: /^argument list too long|(?:\bexec\b|runc|container process).{0,300}argument list too long/i,
    means: [
      high(
        "k8s.secret-too-large",
        "The process could not start: its variables are longer than Linux allows, so a Secret in envFrom holds too much.",
      ),
    ],
  },
  {
    topic: "cluster-object",
    seen: /Operation cannot be fulfilled on secrets "/i,
    means: [
      high("rot.concurrent", (c) => `Somebody else changed ${theSecret(c)} between the reading and the writing of it.`),
    ],
  },
  {
    topic: "rbac",
    seen: /is forbidden: User "[^"]{1,300}" cannot [a-z]{3,20} resource "(?:secrets|serviceaccounts(?:\/token)?|configmaps|events|pods(?:\/eviction)?|statefulsets|(?:cluster)?(?:external)?secrets?(?:stores)?|antfly[a-z]{1,20})"/i,
    means: [
      high("k8s.reader-rbac", (c) => {
        const { user, verb, resource, where } = refusal(c);
        const place = where[0] === "-A" ? " everywhere" : inNamespace(c);
        return `User ${user} may not ${verb} ${resource}${place}; that says nothing about whether the object exists.`;
      }),
    ],
  },
  {
    topic: "service-account",
    seen: /error looking up service account|\bserviceaccounts? "[^"]{1,253}" not found/i,
    means: [high("irsa.sa-missing", (c) => `${theAccount(c)} does not exist, so the pods are not created.`)],
  },
  {
    topic: "operator",
    seen: /\b(?:RolloutBlocked|RepairingBlockedRollout)\b/i,
    means: [
      high(
        "k8s.sts-stuck-broken-pod",
        "The operator says that the roll-out is blocked: a pod of the old template does not become Ready and holds it up.",
      ),
    ],
  },
  {
    topic: "operator",
    seen: /rollout status is only available for RollingUpdate strategy type/i,
    means: [
      high(
        "k8s.sts-ondelete",
        "kubectl says that the update strategy is not RollingUpdate: the pods are not replaced by themselves.",
      ),
    ],
  },
  {
    topic: "operator",
    seen: /Cannot evict pod as it would violate the pod.?s disruption budget/i,
    means: [
      high(
        "k8s.pdb-misread",
        "The eviction waits for the PodDisruptionBudget: try it again when all other pods are Ready.",
      ),
    ],
  },
  {
    topic: "operator",
    seen: /\bWaitingForPods\b/i,
    means: [
      low(
        "k8s.secret-missing",
        "The operator says WaitingForPods of pods that lack a Secret, too: it does not look at the reason of the container.",
      ),
    ],
  },
];
