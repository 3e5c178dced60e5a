import { issuerName, oidcProviderArn, parseEksClusterArn, parseRoleArn } from "../../domain/aws-arn.ts";
import { GET_OIDC_PROVIDER, LIST_OIDC_PROVIDERS, on } from "../../domain/aws-grants.ts";
import { absent, known, type Unknown } from "../../domain/known.ts";
import { AwsError, type Aws } from "../../ports.ts";
import { defineCollector } from "../collector.ts";
import { askAws, originOf } from "./ask-aws.ts";
import { inAnotherAccount } from "./caller.ts";

/** The provider of the cluster's issuer in the role's own account: STS looks nowhere else. */
export const oidcProviderCollector = defineCollector({
  gives: "oidcProvider",
  needs: ["serviceAccount", "issuer"],
  wants: ["webIdentity"],
  collect: async ({ serviceAccount: { awsRole = "" }, issuer }, world, { webIdentity }) => {
    const role = parseRoleArn(awsRole);
    if (role === undefined) return absent(originOf("the OIDC provider of a role"));
    const arn = oidcProviderArn(role, issuer.url);
    const ref = `OIDC provider ${arn}`;
    // STS has just taken a token of this issuer: the provider is there, and takes its audience.
    const taken = webIdentity?.state === "known" && webIdentity.value.assumed.state === "ok";
    if (taken) {
      const clientIds = [webIdentity.value.audience];
      return known({ arn, url: issuerName(issuer.url), clientIds, thumbprints: [] }, webIdentity.origin);
    }
    return askAws(world, ref, on(GET_OIDC_PROVIDER, arn), async (aws) => {
      try {
        const { url, clientIds, thumbprints } = await aws.getOidcProvider(arn);
        return known({ arn, url, clientIds, thumbprints }, originOf(ref));
      } catch (error) {
        return (await elsewhere(error, aws, role.account, ref)) ?? Promise.reject(error);
      }
    });
  },
});

/** All providers that the tool can see: read only where the one that is wanted is missing. */
export const oidcProvidersCollector = defineCollector({
  gives: "oidcProviders",
  needs: ["serviceAccount"],
  wants: ["issuer", "oidcProvider"],
  collect: async ({ serviceAccount: { awsRole = "" } }, world, { oidcProvider, issuer }) => {
    const ref = "the OIDC providers of the account";
    const role = parseRoleArn(awsRole);
    if (role === undefined || oidcProvider?.state !== "absent" || issuer?.state !== "known")
      return absent(originOf(ref));
    return askAws(world, ref, LIST_OIDC_PROVIDERS, async (aws, { kube }) => {
      const arns = await aws.listOidcProviders();
      const clusterAccount = parseEksClusterArn(kube.clusterEntry)?.account;
      return known({ account: role.account, clusterAccount, arns }, originOf(ref));
    });
  },
});

/** `unknown` where a refusal only says that the thing is in another account than the tool. */
export async function elsewhere(error: unknown, aws: Aws, account: string, ref: string): Promise<Unknown | undefined> {
  if (!(error instanceof AwsError) || (error.failure !== "not-found" && error.failure !== "denied")) return undefined;
  const detail = await inAnotherAccount(aws, account, ref);
  return detail === undefined ? undefined : { state: "unknown", why: "forbidden", detail, origin: originOf(ref) };
}
