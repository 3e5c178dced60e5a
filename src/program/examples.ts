/** What stands below the options in the help of each command. */
export const EXAMPLES = {
  program: `
Examples:
  antfly-creds doctor -n production
  antfly-creds init secret my-cluster -n production --provider aws --region us-east-1

Exit codes: 0 nothing wrong, 1 a bug in this tool, 2 wrong usage, 3 a check failed, 4 warnings (--fail-on warning),
5 a required check could not tell, 6 failed and rolled back, 7 stopped in between, 124 --wait ran out, 130 interrupted.`,
  doctor: `
Examples:
  antfly-creds doctor my-cluster -n production
  antfly-creds doctor -n production -o human -o junit=report.xml --fail-on warning`,
  validate: `
Examples:
  antfly-creds validate deploy/ keys.env
  helm template my-release ./chart | antfly-creds validate - -n production`,
  preflight: `
Examples:
  antfly-creds preflight deploy/ -n production -o human -o sarif=preflight.sarif
  kubectl kustomize overlays/production | antfly-creds preflight - --offline`,
  why: `
Examples:
  antfly-creds why pod/my-cluster-data-0 -n production
  kubectl logs my-cluster-data-0 -n production | antfly-creds why --error -`,
  initSecret: `
No value is ever taken from the command line: they come from the prompt, a file, standard input or an
AWS profile; on Google Cloud, --provider gcs --create-hmac SERVICE_ACCOUNT makes the key.

Examples:
  antfly-creds init secret my-cluster -n production --provider aws --region us-east-1
  antfly-creds init secret my-cluster -n production --provider minio --endpoint https://minio.example.com --from-env-file keys.env --yes`,
  initIrsa: `
On generations 1 and 2 of the operator no backup can use a role, and the command says so before it does anything. The
field spec.eks.irsaRoleARN does nothing on any: the ServiceAccount's annotation is what counts.

Examples:
  antfly-creds init irsa my-cluster -n production --bucket acme-backups/search
  antfly-creds init irsa my-cluster -n production --role antfly-backups --write-to identity`,
  initPodIdentity: `
On generations 1 and 2 of the operator no backup can use a role, and the command says so before it does anything.

Examples:
  antfly-creds init pod-identity my-cluster -n production --eks-cluster prod
  antfly-creds init pod-identity my-cluster -n production --identity-only --dry-run`,
  initWorkloadIdentity: `
On generations 1 and 2 of the operator no backup can use such an identity, and the command says so before it does
anything. The tool itself works with Application Default Credentials (gcloud auth application-default login).

Examples:
  antfly-creds init workload-identity my-cluster -n production --bucket gs://acme-backups/search
  antfly-creds init workload-identity my-cluster -n production --direct --write-to identity`,
  initExternalSecret: `
No value passes through this command: it prints how they come into the manager. A Secret that is there already and that
no ExternalSecret wrote is left alone: --secret-name NEW puts another one beside it.

Examples:
  antfly-creds init external-secret my-cluster -n production --from aws-secrets-manager --region us-east-1 --store-service-account eso-reader
  antfly-creds init external-secret my-cluster -n production --cluster-store vault --provider minio --endpoint https://minio.example.com --write-to external-secret`,
  initEncryption: `
It changes nothing on the cluster or in a cloud. The key comes from the system's random source and goes into the file
(mode 0600) alone; who loses it loses all Secrets.

Examples:
  antfly-creds init encryption --write-to encryption
  antfly-creds init encryption --key arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0000-4000-8000-0123456789ab`,
  hash: `
Examples:
  antfly-creds hash my-cluster -n production
  antfly-creds hash -f cluster.yaml -f secret.yaml -o json`,
  trustPolicy: `
Examples:
  antfly-creds trust-policy my-cluster -n production > trust.json
  antfly-creds trust-policy --check trust.json --issuer https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE --subject production/antfly`,
  explain: `
Examples:
  antfly-creds explain ANT0201
  antfly-creds explain k8s.secret-missing`,
  permissions: `
Examples:
  antfly-creds permissions my-cluster -n production | kubectl apply -f -
  antfly-creds permissions -n production --secret backup-credentials --for ANT0201`,
  completion: `
Examples:
  source <(antfly-creds completion bash)
  antfly-creds completion zsh > ~/.zfunc/_antfly-creds`,
} as const;
