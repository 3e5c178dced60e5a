import { shell, shellWord } from "../shell.ts";
import { account, bucket, email, inNs, serviceAccount, type Next } from "./holes.ts";

const store: Next = (c) =>
  c.storeKind === "ClusterSecretStore"
    ? shell`kubectl describe clustersecretstore ${c.store ?? []}`
    : shell`kubectl describe secretstore ${c.store ?? []} ${inNs(c)}`;
const externalSecret: Next = (c) => shell`kubectl describe externalsecret ${c.externalSecret ?? []} ${inNs(c)}`;
const webhook: Next = () => "kubectl get pods,endpointslices -A -l app.kubernetes.io/name=external-secrets-webhook";
const versions: Next = () => "kubectl api-versions | grep external-secrets.io";

export const NEXT_EXTERNAL_SECRETS = {
  "eso.not-installed": versions,
  "eso.api-version": versions,
  "eso.sync-error": externalSecret,
  "eso.store-missing": (c) =>
    c.storeKind === "ClusterSecretStore"
      ? "kubectl get clustersecretstores"
      : shell`kubectl get secretstores,clustersecretstores ${inNs(c)}`,
  "eso.store-kind": (c) => shell`kubectl get secretstores,clustersecretstores ${inNs(c)}`,
  "eso.store-not-ready": store,
  "eso.cluster-store-denied": (c) =>
    shell`kubectl get clustersecretstore ${c.store ?? "STORE"} -o ${"jsonpath={.spec.conditions}"}`,
  "eso.store-auth-secret": store,
  "eso.store-irsa": store,
  "eso.remote-missing": externalSecret,
  "eso.remote-denied": store,
  "eso.owner-conflict": (c) =>
    shell`kubectl get externalsecrets ${inNs(c)} -o ${"custom-columns=NAME:.metadata.name,TARGET:.spec.target.name"}`,
  "eso.immutable-target": externalSecret,
  "eso.merge-target-missing": externalSecret,
  "eso.deletion-policy": externalSecret,
  "eso.invalid-combination": () =>
    "Set creationPolicy to Owner for deletionPolicy Delete, and to Owner, Orphan or Merge for deletionPolicy Merge.",
  "eso.webhook-down": webhook,
  "eso.decoding": externalSecret,
} satisfies Record<string, Next>;

const bindings: Next = (c) => shell`gcloud iam service-accounts get-iam-policy ${email(c)}`;
const describe: Next = (c) => shell`gcloud iam service-accounts describe ${email(c)}`;
const keysOf: Next = (c) => shell`gcloud iam service-accounts keys list --iam-account ${email(c)}`;
const hmac: Next = () => "gcloud storage hmac list --all";
const nodePools: Next = () =>
  "kubectl get nodes -L iam.gke.io/gke-metadata-server-enabled,cloud.google.com/gke-nodepool";
const bucketRoles: Next = (c) => shell`gcloud storage buckets get-iam-policy ${`gs://${bucket(c)}`}`;

export const NEXT_GOOGLE = {
  "gke.pool-disabled": () =>
    "gcloud container clusters describe CLUSTER --location LOCATION --format 'value(workloadIdentityConfig.workloadPool)'",
  "gke.identity-pool-missing": (c) =>
    shell`gcloud container clusters list ${c.project === undefined ? [] : ["--project", c.project]} --format ${"table(name,location,workloadIdentityConfig.workloadPool)"}`,
  "gke.nodepool-metadata": nodePools,
  "gke.hostnetwork": (c) =>
    shell`kubectl get pods ${inNs(c)} -o ${"custom-columns=POD:.metadata.name,HOSTNETWORK:.spec.hostNetwork"}`,
  "gke.annotation-missing": serviceAccount,
  "gke.annotation-value": serviceAccount,
  "gke.annotation-shadows-direct": serviceAccount,
  "gke.gsa-missing": describe,
  "gke.gsa-disabled": (c) => shell`gcloud iam service-accounts enable ${email(c)}`,
  "gke.gsa-recreated": bindings,
  "gke.binding-missing": bindings,
  "gke.binding-member-typo": (c) =>
    c.project === undefined
      ? bindings(c)
      : `Compare each member, letter by letter, with ${shellWord(`serviceAccount:${c.project}.svc.id.goog[${c.namespace ?? "NAMESPACE"}/${account(c)}]`)}: ${bindings(c)}`,
  "gke.binding-propagation": () => "Wait some minutes, and try again.",
  "gke.role-missing": bucketRoles,
  "gke.role-on-wrong-principal": bucketRoles,
  "gke.hmac-account-no-role": bucketRoles,
  "gke.direct-unsupported": serviceAccount,
  "gke.metadata-startup": () => "Try again after some seconds; let an init container wait for the metadata server.",
  "gke.metadata-not-defined": serviceAccount,
  "gke.networkpolicy": (c) => shell`kubectl get networkpolicies ${inNs(c)}`,
  "gke.gac-shadows": (c) =>
    shell`kubectl get pods ${inNs(c)} -l app.kubernetes.io/name=antfly-database -o ${"jsonpath={.items[*].spec.containers[*].env[*].name}"}`,
  "gke.iamcredentials-api-off": () => "gcloud services enable iamcredentials.googleapis.com --project PROJECT",
  "gke.vpc-sc": () =>
    "Give the vpcServiceControlsUniqueIdentifier of the message to whoever looks after the perimeter.",
  "gke.requester-pays": (c) =>
    shell`gcloud storage buckets describe ${`gs://${bucket(c)}`} --format ${"value(requester_pays)"}`,
  "gke.json-key-invalid": keysOf,
  "gke.json-key-account-missing": describe,
  "gke.json-key-clock": () =>
    "kubectl get leases -n kube-node-lease -o custom-columns=NODE:.metadata.name,RENEWED:.spec.renewTime; date -u",
  "gke.json-key-newlines": keysOf,
  "gke.hmac-unknown": hmac,
  "gke.hmac-inactive": hmac,
  "gke.hmac-deleted": hmac,
  "gke.hmac-forbidden": () =>
    "gcloud org-policies describe constraints/storage.restrictAuthTypes --project PROJECT --effective",
} satisfies Record<string, Next>;
