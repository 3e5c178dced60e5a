import { podIdentityStatement, trustStatement } from "./build-trust-policy.ts";
import { providerArn } from "./provider-arn.ts";
import { valuesOf, type RequestContext } from "./request-context.ts";

/** The least statement that allows the request; undefined where the account, the subject or the audience is not known. */
export function ownStatement(context: RequestContext): object | undefined {
  const { request, subject, account, partition, issuer } = context;
  if (request.mechanism === "pod-identity") {
    if (subject === undefined) return undefined;
    const [clusterArn] = valuesOf(context.lookup("aws:RequestTag/eks-cluster-arn"));
    return podIdentityStatement({ account, clusterArn, subject });
  }
  const [audience] = valuesOf(context.lookup(`${issuer}:aud`));
  const [sub] = valuesOf(context.lookup(`${issuer}:sub`));
  if (issuer === undefined || account === undefined || partition === undefined || sub === undefined) return undefined;
  if (audience === undefined) return undefined;
  if (subject !== undefined) return trustStatement({ partition, account, issuer, audience, subjects: [subject] });
  return {
    Effect: "Allow",
    Principal: { Federated: providerArn({ partition, account, issuer }) },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: { StringEquals: { [`${issuer}:aud`]: audience, [`${issuer}:sub`]: sub } },
  };
}
