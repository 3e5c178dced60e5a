import type { Case } from "./case.ts";

export const IDENTITY: readonly Case[] = [
  [
    "An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not authorized to perform sts:AssumeRoleWithWebIdentity",
    "irsa.role-missing",
    "irsa.sub-serviceaccount",
  ],
  [
    "WebIdentityErr: failed to retrieve credentials\ncaused by: AccessDenied: Not authorized to perform\n  sts:AssumeRoleWithWebIdentity\n\tstatus code: 403",
    "irsa.role-missing",
  ],
  [
    "User: arn:aws:sts::123456789012:assumed-role/x/y is not authorized to perform: sts:AssumeRoleWithWebIdentity on resource: arn:aws:iam::123456789012:role/a with an explicit deny in a resource control policy",
    "irsa.boundary-scp-rcp",
  ],
  [
    "InvalidIdentityToken: No OpenIDConnect provider found in your account for https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
    "irsa.oidc-provider-missing",
    "irsa.oidc-provider-other-account",
    "irsa.issuer-mismatch",
  ],
  [
    "InvalidIdentityToken: Incorrect token audience",
    "irsa.provider-aud-missing",
    "irsa.token-wrong-audience",
    "irsa.wrong-token-file",
  ],
  ["InvalidIdentityToken: Missing a required claim: aud", "irsa.wrong-token-file"],
  [
    "InvalidIdentityToken: Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
    "irsa.selfhosted-issuer-default",
    "irsa.selfhosted-jwks-stale",
  ],
  [
    "InvalidIdentityToken: OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
    "irsa.thumbprint",
  ],
  ["IDPCommunicationError: Unable to reach the identity provider", "irsa.selfhosted-issuer-default"],
  [
    "An error occurred (ValidationError) when calling the AssumeRoleWithWebIdentity operation: Request ARN is invalid",
    "irsa.annotation-malformed",
  ],
  [
    "ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    "irsa.max-session",
  ],
  ["RegionDisabledException: STS is not activated in this region for account:123456789012.", "irsa.sts-regional"],
  [
    "ExpiredTokenException: Token expired: current date/time 1756720000 must be before the expiration date/time 1756710000 (AssumeRoleWithWebIdentity)",
    "irsa.token-expired",
  ],
  [
    "InvalidAction: Could not find operation AssumeRoleWithWebIdentity for version 2011-06-15",
    "s3.endpoint-global-var-hits-sts",
  ],
  [
    'Unable to locate credentials. You can configure credentials by running "aws configure".',
    "k8s.expected-keys-missing",
    "irsa.pod-predates-annotation",
    "irsa.sa-not-used",
  ],
  ["CredentialsProviderError: Could not load credentials from any providers", "k8s.expected-keys-missing"],
  ["NoCredentialProviders: no valid providers in chain. Deprecated.", "k8s.expected-keys-missing"],
  [
    "get credentials: failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata",
    "k8s.expected-keys-missing",
  ],
  [
    "PartialCredentialsError: Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY",
    "k8s.expected-keys-missing",
    "k8s.collision-last-wins",
  ],
  ["open /var/run/secrets/eks.amazonaws.com/serviceaccount/token: permission denied", "irsa.token-unreadable"],
  [
    "PermissionError: [Errno 13] Permission denied: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token'",
    "irsa.token-unreadable",
  ],
  [
    "Error: EACCES: permission denied, open '/var/run/secrets/eks.amazonaws.com/serviceaccount/token'",
    "irsa.token-unreadable",
  ],
  [
    "failed fetching WebIdentity token: open /var/run/secrets/eks.amazonaws.com/serviceaccount/token: no such file or directory",
    "irsa.webhook-partial",
  ],
  [
    "MalformedPolicyDocument: Federated principals must be valid domain names or SAML metadata ARNs",
    "irsa.federated-not-arn",
  ],
  ['MalformedPolicyDocument: Invalid principal in policy: "AWS":"AROAQQQQQQQQQQQQQQQQ"', "irsa.principal-stale-id"],
  ['MalformedPolicyDocument: Partition "aws" is not valid for resource "arn:aws:s3:::b".', "aws.partition"],
  [
    "An error occurred (MalformedPolicyDocument) when calling the UpdateAssumeRolePolicy operation: Syntax errors in policy.",
    "irsa.trust-json",
  ],
  ["LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048", "irsa.trust-size"],
  ["LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2", "rot.limit"],
  ["Throttling: Rate exceeded", "irsa.rate"],
  [
    "User: arn:aws:sts::111111111111:assumed-role/antfly/s is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/backup-writer",
    "irsa.cross-account",
  ],
  [
    "User: arn:aws:sts::111111111111:assumed-role/antfly/eks-prod-antfly-1 is not authorized to perform: sts:TagSession on resource: arn:aws:iam::222222222222:role/automation",
    "epi.chain-no-tagsession",
  ],
  ["role antfly does not allow sts:TagSession", "epi.trust-no-tagsession", "epi.chain-no-tagsession"],
  [
    "Error retrieving metadata: Received non 200 response 400 from container metadata: [b69b1279-d140-4eee-b7ea-b124286f544c]: (AccessDeniedException): Unauthorized Exception! EKS does not have permissions to assume the associated role., fault: client",
    "epi.trust-principal",
    "epi.trust-no-tagsession",
  ],
  ["[a-1]: (ResourceNotFoundException): No pod identity association was found, fault: client", "epi.no-association"],
  [
    "User: arn:aws:sts::123456789012:assumed-role/node/i-0abc1234 is not authorized to perform: eks-auth:AssumeRoleForPodIdentity on resource: arn:aws:eks:us-east-1:123456789012:cluster/prod",
    "epi.agent-node-role",
  ],
  [
    'Get "http://169.254.170.23/v1/credentials": dial tcp 169.254.170.23:80: connect: connection refused',
    "epi.agent-missing",
    "epi.networkpolicy",
  ],
  [
    'HTTP request to pod identity agent failed: Get "http://169.254.170.23/v1/credentials": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    "epi.agent-missing",
  ],
  ['invalid endpoint host, "169.254.170.23", only loopback hosts are allowed.', "epi.sdk-old"],
  ["Error retrieving metadata from http://169.254.170.23/v1/credentials: proxy returned 403 (squid)", "epi.proxy"],
  [
    "connect to container metadata service (169.254.170.23) timed out after 1000 ms",
    "epi.agent-missing",
    "epi.networkpolicy",
  ],
  [
    'Get "http://169.254.169.254/latest/api/token": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    "irsa.pod-predates-annotation",
    "irsa.sa-not-used",
  ],
  ["connect ETIMEDOUT 169.254.169.254:80", "gke.metadata-startup", "irsa.pod-predates-annotation"],
  [
    "User: arn:aws:sts::123456789012:assumed-role/x/y is not authorized to perform: sts:AssumeRoleWithWebIdentity on resource: arn:aws:iam::123456789012:role/a with an explicit deny in a resource-based policy",
    "irsa.explicit-deny",
  ],
  [
    "botocore.errorfactory.InvalidIdentityTokenException: An error occurred (InvalidIdentityToken)",
    "irsa.oidc-provider-missing",
  ],
  [
    "An error occurred (MalformedPolicy) when calling the PutBucketPolicy operation: Policy has invalid resource",
    "aws.partition",
  ],
  [
    "is not authorized to perform: sts:TagSession on resource: arn:…",
    "epi.chain-no-tagsession",
    "epi.trust-no-tagsession",
  ],
];
