import { shell, shellWord } from "../shell.ts";
import type { Clues } from "./clues.ts";
import { bucket, doctor, inNs, rolePolicies, roleName, roleTrust, serviceAccount, type Next } from "./holes.ts";

const endpoint = doctor("ANT0204");
const store = doctor("ANT0607");
const provider = doctor("ANT0303");
/** STS itself is asked: what forbids it beside the trust policy stands in no document that can be read here. */
const proof: Next = (c) => shell`antfly-creds doctor ${inNs(c)} --prove --only ANT0601`;
const association = doctor("ANT0308");
const associatedRole = doctor("ANT0309");

/** The keys of the user that the error names; without one, AWS is asked with the key itself. */
const keys: Next = (c) =>
  c.caller?.kind === "user" ? shell`aws iam list-access-keys --user-name ${c.caller.name}` : doctor("ANT0606")(c);

const bucketRegion: Next = (c) =>
  c.expectedRegion === undefined
    ? `curl -sI ${shellWord(`https://${bucket(c)}.s3.amazonaws.com`)} | grep -i x-amz-bucket-region`
    : shell`antfly-creds init secret ${inNs(c)} --provider aws --region ${c.expectedRegion} --overwrite`;
const bucketPolicy: Next = (c) => shell`aws s3api get-bucket-policy --bucket ${bucket(c)}`;

function simulate(c: Clues, resource: string): string {
  const who = c.caller === undefined ? "ROLE_OR_USER_ARN" : identityArn(c.caller);
  return shell`aws iam simulate-principal-policy --policy-source-arn ${who} --action-names ${c.action ?? "s3:ListBucket"} --resource-arns ${resource}`;
}

/** IAM knows the role; the session of it is STS's. */
function identityArn({ kind, arn, partition, account, name }: NonNullable<Clues["caller"]>): string {
  return kind === "assumed-role" ? `arn:${partition}:iam::${account}:role/${name}` : arn;
}

const onBucket: Next = (c) => simulate(c, `arn:aws:s3:::${bucket(c)}`);
const onObjects: Next = (c) => simulate(c, `arn:aws:s3:::${bucket(c)}/*`);

const policies: Next = (c) => shell`kubectl get networkpolicies ${inNs(c)}`;

/** A Service is looked up; anything else is tried from a pod, which is where it has to work. */
function reach({ unreached, namespace }: Clues): string {
  const { host, port, how } = unreached ?? { host: "HOST", port: undefined, how: "name" };
  const service = /^([^.]+)\.([^.]+)\.svc(\.|$)/.exec(host);
  if (service !== null) {
    const [, name, of] = service;
    return shell`kubectl get service,endpointslices -n ${of ?? ""} -l ${`kubernetes.io/service-name=${name}`}`;
  }
  const where = namespace === undefined ? [] : ["-n", namespace];
  const probe = how === "name" ? ["nslookup", host] : ["nc", "-zv", "-w", "5", host, String(port ?? 443)];
  return shell`kubectl run reach --rm -i --restart=Never --image=busybox:1.36 ${where} -- ${probe}`;
}

export const NEXT_AWS = {
  "aws.key-unknown": keys,
  "aws.key-inactive": keys,
  "aws.asia-without-token": doctor("ANT0212"),
  "aws.asia-in-secret": () => "Store the key of an IAM user, or use a role: antfly-creds init",
  "aws.akia-with-token": doctor("ANT0212"),
  "aws.id-is-not-a-key": doctor("ANT0212"),
  "aws.secret-wrong": doctor("ANT0606"),
  "aws.wrong-account": (c) =>
    `Compare the accounts: aws sts get-caller-identity with that key, and the owner of ${shellWord(bucket(c))}.`,
  "aws.clock-skew": () =>
    "kubectl get leases -n kube-node-lease -o custom-columns=NODE:.metadata.name,RENEWED:.spec.renewTime; date -u",
  "aws.partition": doctor("ANT0213"),

  "s3.region-mismatch": bucketRegion,
  "s3.region-default": doctor("ANT0213"),
  "s3.region-injected": (c) =>
    shell`kubectl get pods ${inNs(c)} -l app.kubernetes.io/name=antfly-database -o ${"jsonpath={.items[*].spec.containers[*].env[*].name}"}`,
  "s3.region-only-default-var": doctor("ANT0213"),
  "minio.region-mismatch": (c) =>
    `Set AWS_REGION to ${c.expectedRegion ?? "the region that the store expects"} in the Secret that envFrom names.`,
  "s3.endpoint-missing": endpoint,
  "s3.endpoint-has-bucket": endpoint,
  "s3.endpoint-no-scheme": endpoint,
  "s3.endpoint-scheme-wrong": store,
  "s3.endpoint-trailing": doctor("ANT0203", "ANT0204"),
  "s3.endpoint-malformed": endpoint,
  "s3.endpoint-key-mismatch": endpoint,
  "s3.endpoint-localhost": endpoint,
  "s3.endpoint-unreachable-from-tool": reach,
  "s3.path-style": endpoint,
  "s3.tls-ca": store,
  "s3.endpoint-global-var-hits-sts": () =>
    "Set AWS_ENDPOINT_URL_S3 instead of AWS_ENDPOINT_URL for containers that use an SDK.",
  "s3.wrong-service-endpoint": endpoint,
  "s3.no-listbucket": onBucket,
  "s3.prefix-condition": rolePolicies,
  "s3.object-arn-missing-star": onObjects,
  "s3.bucket-policy-deny": bucketPolicy,
  "s3.vpce-policy": () => "aws ec2 describe-vpc-endpoints --query 'VpcEndpoints[].[ServiceName,PolicyDocument]'",
  "s3.kms-denied": (c) => shell`aws s3api get-bucket-encryption --bucket ${bucket(c)}`,
  "s3.nosuchbucket": store,
  "s3.bucket-taken-elsewhere": store,
  "s3.object-lock-versioning": (c) => shell`aws s3api get-object-lock-configuration --bucket ${bucket(c)}`,
  "s3.acl-ownership": (c) => shell`aws s3api get-bucket-ownership-controls --bucket ${bucket(c)}`,
  "s3.multipart-perms": onObjects,
  "s3.location-perm": onBucket,
  "s3.listallmybuckets-confusion": onBucket,
  "compat.sdk-checksum": () =>
    "Set AWS_REQUEST_CHECKSUM_CALCULATION and AWS_RESPONSE_CHECKSUM_VALIDATION to when_required for that program; the database itself sends no such headers.",

  "irsa.role-missing": roleTrust,
  "irsa.sub-serviceaccount": roleTrust,
  "irsa.issuer-mismatch": roleTrust,
  "irsa.stringequals-wildcard": roleTrust,
  "irsa.explicit-deny": (c) => (/AssumeRoleWith/i.test(c.flat) ? roleTrust(c) : rolePolicies(c)),
  "irsa.boundary-scp-rcp": (c) => (c.action?.startsWith("s3:") === true ? onBucket(c) : proof(c)),
  "irsa.role-no-permissions": doctor("ANT0310"),
  "irsa.oidc-provider-missing": provider,
  "irsa.oidc-provider-other-account": provider,
  "irsa.provider-aud-missing": provider,
  "irsa.token-wrong-audience": provider,
  "irsa.token-expired": () => "Use an SDK that reads the token file again, and restart the program.",
  "irsa.thumbprint": (c) =>
    shell`aws iam get-open-id-connect-provider --open-id-connect-provider-arn ${providerArn(c)} --query ThumbprintList`,
  "irsa.selfhosted-issuer-default": provider,
  "irsa.selfhosted-jwks-stale": () => "kubectl get --raw /openid/v1/jwks",
  "irsa.max-session": (c) => shell`aws iam get-role --role-name ${roleName(c)} --query Role.MaxSessionDuration`,
  "irsa.sts-regional": serviceAccount,
  "irsa.cross-account": roleTrust,
  "irsa.trust-json": roleTrust,
  "irsa.federated-not-arn": roleTrust,
  "irsa.federated-wrong-partition": roleTrust,
  "irsa.principal-stale-id": roleTrust,
  "irsa.trust-size": doctor("ANT0305"),
  "irsa.rate": () => "Try again with longer pauses.",
  "irsa.runtime-unsupported": (c) =>
    shell`kubectl get antflycluster ${inNs(c)} -o ${"jsonpath={.items[*].spec.image}"}`,

  "epi.agent-missing": doctor("ANT0307"),
  "epi.networkpolicy": policies,
  "epi.proxy": (c) =>
    shell`kubectl get pods ${inNs(c)} -l app.kubernetes.io/name=antfly-database -o ${"jsonpath={.items[*].spec.containers[*].env[*].name}"}`,
  "epi.sdk-old": () => "Take an image whose SDK supports EKS Pod Identity, or use IRSA.",
  "epi.no-association": association,
  "epi.trust-principal": associatedRole,
  "epi.trust-no-tagsession": associatedRole,
  "epi.trust-condition-mismatch": associatedRole,
  "epi.chain-no-tagsession": roleTrust,
  "epi.agent-node-role": rolePolicies,
} satisfies Record<string, Next>;

function providerArn({ role, issuer }: Clues): string {
  const host = issuer?.replace(/^https?:\/\//, "").replace(/\/$/, "");
  return `arn:${role?.partition ?? "aws"}:iam::${role?.account ?? "ACCOUNT"}:oidc-provider/${host ?? "ISSUER"}`;
}
