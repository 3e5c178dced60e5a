import { projectOfAccount } from "../gcp/account-form.ts";
import { shell } from "../shell.ts";
import { doctor, email, inNs, type Next } from "./holes.ts";

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

const cluster = doctor("ANT0401");
const annotation = doctor("ANT0402");
const googleAccount = doctor("ANT0403");
const binding = doctor("ANT0404");
const bucketRole = doctor("ANT0405");
const inThePods = doctor("ANT0406");
const hmac = doctor("ANT0407");
const jsonKey = doctor("ANT0408");

function inProject(project: string | undefined): readonly string[] {
  return project === undefined ? [] : ["--project", project];
}

export const NEXT_GOOGLE = {
  "gke.pool-disabled": cluster,
  "gke.identity-pool-missing": (c) =>
    shell`gcloud container clusters list ${inProject(c.project)} --format ${"table(name,location,workloadIdentityConfig.workloadPool)"}`,
  "gke.nodepool-metadata": cluster,
  "gke.hostnetwork": inThePods,
  "gke.annotation-missing": annotation,
  "gke.annotation-value": annotation,
  "gke.annotation-shadows-direct": annotation,
  "gke.gsa-missing": googleAccount,
  "gke.gsa-disabled": (c) =>
    c.email === undefined
      ? googleAccount(c)
      : shell`gcloud iam service-accounts enable ${email(c)} ${inProject(projectOfAccount(c.email))}`,
  "gke.gsa-recreated": doctor("ANT0404", "ANT0405"),
  "gke.binding-missing": binding,
  "gke.binding-member-typo": binding,
  "gke.binding-propagation": () => "Wait some minutes, and try again.",
  "gke.role-missing": bucketRole,
  "gke.role-on-wrong-principal": bucketRole,
  "gke.hmac-account-no-role": hmac,
  "gke.direct-unsupported": doctor("ANT0410"),
  "gke.metadata-startup": () => "Try again after some seconds; let an init container wait for the metadata server.",
  "gke.metadata-not-defined": doctor("ANT0401", "ANT0402", "ANT0403", "ANT0404"),
  "gke.networkpolicy": inThePods,
  "gke.gac-shadows": inThePods,
  "gke.iamcredentials-api-off": googleAccount,
  "gke.vpc-sc": () =>
    "Give the vpcServiceControlsUniqueIdentifier of the message to whoever looks after the perimeter.",
  "gke.requester-pays": (c) =>
    c.bucket === undefined
      ? bucketRole(c)
      : shell`gcloud storage buckets describe ${`gs://${c.bucket}`} --format ${"value(requester_pays)"}`,
  "gke.json-key-invalid": jsonKey,
  "gke.json-key-account-missing": jsonKey,
  "gke.json-key-clock": doctor("ANT0705"),
  "gke.json-key-newlines": jsonKey,
  "gke.hmac-unknown": hmac,
  "gke.hmac-inactive": hmac,
  "gke.hmac-deleted": hmac,
  "gke.hmac-forbidden": () =>
    "gcloud org-policies describe constraints/storage.restrictAuthTypes --project PROJECT --effective",
} satisfies Record<string, Next>;
