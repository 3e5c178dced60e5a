import { shell } from "../shell.ts";
import { doctor, inNs, podIdentity, pods, secret, serviceAccount, type Next } from "./holes.ts";
import { refusal } from "./words.ts";

const rewrite =
  (what: string): Next =>
  (clues) =>
    `${what}: ${shell`antfly-creds init secret ${inNs(clues)} --overwrite`}`;
const keysOf: Next = (clues) => shell`kubectl describe secret ${secret(clues)} ${inNs(clues)}`;
const shape = doctor("ANT0203");

export const NEXT_KUBERNETES = {
  "k8s.secret-missing": (c) => (c.secrets.length === 0 ? pods(c) : shell`kubectl get secret ${c.secrets} ${inNs(c)}`),
  "k8s.secret-wrong-namespace": (c) =>
    shell`kubectl get secrets -A --field-selector ${`metadata.name=${c.secrets[0] ?? "SECRET"}`}`,
  "k8s.secretkeyref-missing-key": keysOf,
  "k8s.key-near-miss": (c) => (c.secrets.length > 0 ? keysOf(c) : doctor("ANT0202")(c)),
  "k8s.container-config-error": pods,
  "k8s.configmap-missing": (c) => shell`kubectl get configmap ${c.configMap ?? "CONFIGMAP"} ${inNs(c)}`,
  "k8s.invalid-env-names": keysOf,
  "k8s.prefix-rescues-or-breaks-name": doctor("ANT0202"),
  "k8s.prefix-breaks-names": doctor("ANT0202"),
  "k8s.expected-keys-missing": doctor("ANT0202"),
  "k8s.collision-last-wins": doctor("ANT0205"),
  "k8s.component-mismatch": doctor("ANT0206"),
  "k8s.cr-vs-pod-drift": (c) =>
    shell`kubectl get antflycluster ${inNs(c)} -o ${"custom-columns=NAME:.metadata.name,GENERATION:.metadata.generation,OBSERVED:.status.observedGeneration"}`,
  "k8s.stale-pod-env": doctor("ANT0701"),
  "k8s.secret-immutable": (c) =>
    `Write the values into a Secret of a new name and refer to that: ${shell`antfly-creds init secret ${inNs(c)} --secret-name NEW_NAME`}`,
  "k8s.secret-type-unexpected": (c) => shell`kubectl get secret ${secret(c)} ${inNs(c)} -o ${"jsonpath={.type}"}`,
  "k8s.secret-too-large": keysOf,
  "k8s.reader-rbac": (c) => {
    const { user, verb, resource, where } = refusal(c);
    return shell`kubectl auth can-i ${verb} ${resource} ${where} --as ${user}`;
  },
  "k8s.sts-stuck-broken-pod": (c) =>
    shell`kubectl get pods ${inNs(c)} -l app.kubernetes.io/name=antfly-database -L controller-revision-hash`,
  "k8s.sts-ondelete": (c) =>
    shell`kubectl get statefulsets ${inNs(c)} -o ${"custom-columns=NAME:.metadata.name,STRATEGY:.spec.updateStrategy"}`,
  "k8s.pdb-misread": (c) => shell`kubectl get poddisruptionbudgets ${inNs(c)}`,
  "k8s.envfrom-invalid": doctor("ANT0201"),

  "value.trailing-newline": shape,
  "value.crlf": shape,
  "value.echo-n-literal": shape,
  "value.double-base64": shape,
  "value.quotes": shape,
  "value.leading-trailing-space": shape,
  "value.bom-or-invisible": shape,
  "value.empty": shape,
  "value.placeholder": rewrite("Write the real key"),
  "value.csv-row": rewrite("Write id and secret key apart"),
  "value.truncated": rewrite("Write the whole key"),
  "value.swapped": rewrite("Make a new key, because this secret stands in logs, and write it the right way round"),
  "value.not-base64-decoded": () => "Put plain text under stringData instead of data, and apply the manifest again.",

  "antfly.secretstore": (c) =>
    shell`kubectl get antflycluster ${inNs(c)} -o ${"jsonpath={.items[*].spec.secretStore}"}`,
  "antfly.swarm-mode": (c) => shell`kubectl get antflycluster ${inNs(c)} -o ${"jsonpath={.items[*].spec.mode}"}`,
  "antfly.secretsready-unknown": doctor("ANT0201", "ANT0202"),
  "antfly.location-scheme": (c) => shell`kubectl get antflybackups,antflyrestores ${inNs(c)} -o yaml`,
  "antfly.bucket-autocreate": (c) =>
    `Compare the bucket with the location of the backup: ${shell`kubectl get antflybackups ${inNs(c)} -o ${"jsonpath={.items[*].spec.destination.location}"}`}`,
  "antfly.backup-creds-in-wrong-pod": (c) =>
    c.job === undefined
      ? shell`kubectl logs ${inNs(c)} -l app.kubernetes.io/name=antfly-database --tail 200`
      : shell`kubectl logs ${inNs(c)} ${`job/${c.job}`}`,
  "antfly.connection-required": doctor("ANT0207"),
  "antfly.connection-missing": doctor("ANT0207"),
  "antfly.connection-unavailable": (c) =>
    shell`kubectl get antflycluster ${inNs(c)} -o ${"jsonpath={.items[*].spec.image}"}`,
  "antfly.connection-bucket-denied": (c) =>
    `Compare external_io.buckets of the connection with the location: ${shell`kubectl get antflybackups ${inNs(c)} -o yaml`}`,
  "antfly.connection-credentials": () =>
    "Compare credentials.source of the connection with its fields: static wants access_key_id and secret_access_key, web_identity wants role_arn and token_file.",
  "antfly.public-api-unreachable": (c) =>
    shell`kubectl get antflycluster ${inNs(c)} -o ${"jsonpath={.items[*].spec.publicAPI}"}`,
  "antfly.restore-job-command": (c) => shell`kubectl get jobs ${inNs(c)} -l antfly.io/restore -o yaml`,

  "rot.concurrent": (c) =>
    `See who writes it, then try again: ${shell`kubectl get secret ${secret(c)} ${inNs(c)} --show-managed-fields -o ${"jsonpath={.metadata.managedFields[*].manager}"}`}`,
  "rot.limit": (c) => shell`aws iam list-access-keys --user-name ${c.caller?.kind === "user" ? c.caller.name : "USER"}`,

  "irsa.sa-missing": (c) => shell`kubectl get serviceaccounts ${inNs(c)}`,
  "irsa.annotation-missing": serviceAccount,
  "irsa.annotation-malformed": serviceAccount,
  "irsa.sa-not-used": podIdentity,
  "irsa.pod-predates-annotation": podIdentity,
  "irsa.webhook-partial": podIdentity,
  "irsa.wrong-token-file": podIdentity,
  "irsa.token-unreadable": podIdentity,
  "irsa.node-role-fallback": podIdentity,
} satisfies Record<string, Next>;
