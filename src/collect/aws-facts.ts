import { bucketPoliciesCollector } from "./aws/bucket-policies.ts";
import { awsCallerCollector } from "./aws/caller.ts";
import { oidcProviderCollector, oidcProvidersCollector } from "./aws/oidc-provider.ts";
import { podIdentityCollector } from "./aws/pod-identity.ts";
import { irsaPoliciesCollector, podIdentityPoliciesCollector } from "./aws/role-policies.ts";
import { irsaRoleCollector, podIdentityRoleCollector } from "./aws/role.ts";
import { userPoliciesCollector } from "./aws/user-policies.ts";
import type { Collector } from "./collector.ts";
import { identityWebhookCollector, podIdentityAgentCollector } from "./identity-objects.ts";
import { issuerCollector } from "./issuer.ts";

/** How the pods come by an identity on AWS, and what it may do. */
export const AWS_COLLECTORS: readonly Collector[] = [
  awsCallerCollector,
  issuerCollector,
  irsaRoleCollector,
  irsaPoliciesCollector,
  bucketPoliciesCollector,
  oidcProviderCollector,
  oidcProvidersCollector,
  podIdentityCollector,
  podIdentityRoleCollector,
  podIdentityPoliciesCollector,
  podIdentityAgentCollector,
  identityWebhookCollector,
  userPoliciesCollector,
];
