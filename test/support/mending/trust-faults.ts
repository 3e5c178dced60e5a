import { DeleteOpenIDConnectProviderCommand, DeleteRoleCommand } from "@aws-sdk/client-iam";

import type { AnyObject } from "../follow.ts";
import type { Fault } from "./fault.ts";
import { ACCOUNT, type IdentityWorld } from "./identity-world.ts";

const OTHER = "oidc.eks.us-east-1.amazonaws.com/id/FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";

/** What is wrong with the provider or with the trust policy. */
export const TRUST_FAULTS: readonly Fault<IdentityWorld>[] = [
  {
    name: "provider missing",
    breaks: (world) => world.iam.send(new DeleteOpenIDConnectProviderCommand(provider(world))),
    finds: "ANT0303 irsa.oidc-provider-missing",
  },
  {
    name: "client id missing",
    breaks: (world) => world.cloud.seed({ providers: [{ issuer: "ISSUER", clientIds: ["sts.amazon.com"] }] }),
    finds: "ANT0303 irsa.provider-aud-missing",
  },
  {
    name: "sub of another namespace",
    breaks: (world) => world.trustsWith(sub(world, `system:serviceaccount:staging:${ACCOUNT}`)),
    finds: "ANT0304 irsa.sub-namespace",
  },
  {
    name: "sub of another ServiceAccount",
    breaks: (world) => world.trustsWith(sub(world, `system:serviceaccount:${world.namespace}:default`)),
    finds: "ANT0304 irsa.sub-serviceaccount",
  },
  {
    name: "sub in another case",
    breaks: (world) => world.trustsWith(sub(world, `system:serviceaccount:${world.namespace}:Search`)),
    finds: "ANT0304 irsa.sub-case",
  },
  {
    name: "sub as namespace/name",
    breaks: (world) => world.trustsWith(sub(world, `${world.namespace}/${ACCOUNT}`)),
    finds: "ANT0304 irsa.sub-format",
  },
  {
    name: "aud and sub swapped",
    breaks: (world) =>
      world.trustsWith((statement) => {
        const { [key(world, "aud")]: aud, [key(world, "sub")]: subject } = statement.Condition.StringEquals;
        statement.Condition.StringEquals = { [key(world, "aud")]: subject, [key(world, "sub")]: aud };
        return statement;
      }),
    finds: "ANT0304 irsa.sub-under-aud-key",
    besides: { "ANT0304 irsa.aud-under-sub-key": "the other half of the swap" },
  },
  {
    name: "wildcard under StringEquals",
    breaks: (world) => world.trustsWith(sub(world, `system:serviceaccount:${world.namespace}:*`)),
    finds: "ANT0304 irsa.stringequals-wildcard",
  },
  {
    name: "trust in the issuer of a cluster that is gone",
    breaks: (world) => world.trustsWith((statement) => JSON.parse(other(world, JSON.stringify(statement)))),
    finds: "ANT0304 irsa.issuer-mismatch",
  },
  {
    name: "condition keys of another issuer",
    breaks: (world) =>
      world.trustsWith((statement) => ({
        ...statement,
        Condition: JSON.parse(other(world, JSON.stringify(statement.Condition))),
      })),
    finds: "ANT0304 irsa.condition-other-issuer",
  },
  {
    name: "conditions of two issuers in one statement",
    breaks: (world) =>
      world.trustsWith((statement) => {
        const { StringEquals } = statement.Condition;
        const both = { ...StringEquals, ...JSON.parse(other(world, JSON.stringify(StringEquals))) };
        return { ...statement, Condition: { StringEquals: both } };
      }),
    finds: "ANT0304 irsa.condition-multiple-ands",
  },
  {
    name: "an explicit Deny",
    breaks: (world) =>
      world.trustsWith((statement) => [
        statement,
        {
          ...statement,
          Effect: "Deny",
          Condition: { StringLike: { [key(world, "sub")]: `system:serviceaccount:${world.namespace}:*` } },
        },
      ]),
    finds: "ANT0304 irsa.explicit-deny",
  },
  {
    name: "the action of another kind of trust",
    breaks: (world) => world.trustsWith((statement) => ({ ...statement, Action: "sts:AssumeRole" })),
    finds: "ANT0304 irsa.trust-action",
  },
  {
    name: "a slip of the pen in the provider's host",
    breaks: (world) => world.trustsWith(federated((arn) => arn.replace("oidc.eks.", "oidc-eks."))),
    finds: "ANT0304 irsa.federated-host-typo",
  },
  {
    name: "the provider of another account",
    breaks: (world) => world.trustsWith(federated((arn) => arn.replace(world.cloud.account, "111122223333"))),
    finds: "ANT0304 irsa.federated-wrong-account",
  },
  {
    name: "the provider without the start of its ARN",
    breaks: (world) => world.trustsWith(federated(() => world.issuer)),
    finds: "ANT0304 irsa.federated-not-arn",
  },
  {
    name: "another audience in the trust",
    breaks: (world) =>
      world.trustsWith((statement) => {
        statement.Condition.StringEquals[key(world, "aud")] = "sts.amazon.com";
        return statement;
      }),
    finds: "ANT0304 irsa.token-wrong-audience",
  },
  {
    name: "another audience on the ServiceAccount",
    breaks: (world) => world.annotate({ "eks.amazonaws.com/audience": "sts.example.com" }),
    finds: "ANT0303 irsa.token-wrong-audience",
  },
  {
    name: "role deleted",
    breaks: async (world) => {
      await world.allows();
      await world.iam.send(new DeleteRoleCommand({ RoleName: world.role }));
    },
    finds: "ANT0304 irsa.role-missing",
    byHand: { "correct the annotation, or make the role": async () => {} },
  },
];

/** The text with the name of another issuer. */
function other({ issuer }: IdentityWorld, text: string): string {
  return text.replaceAll(issuer, OTHER);
}

function federated(change: (arn: string) => string): (statement: AnyObject) => AnyObject {
  return (statement) => ({ ...statement, Principal: { Federated: change(statement.Principal.Federated) } });
}

function provider({ cloud, issuer }: IdentityWorld): { OpenIDConnectProviderArn: string } {
  return { OpenIDConnectProviderArn: `arn:aws:iam::${cloud.account}:oidc-provider/${issuer}` };
}

function key({ issuer }: IdentityWorld, claim: "aud" | "sub"): string {
  return `${issuer}:${claim}`;
}

function sub(world: IdentityWorld, value: string): (statement: AnyObject) => AnyObject {
  return (statement) => {
    statement.Condition.StringEquals[key(world, "sub")] = value;
    return statement;
  };
}
