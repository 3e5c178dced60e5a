import { existingUser, onUser } from "./iam-keys.ts";
import { encodedDocument, required, type IamAction } from "./query-api.ts";
import { noSuchEntity } from "./refusal.ts";

/** Calls on the policies of users. */
export const USER_ACTIONS: Readonly<Record<string, IamAction>> = {
  ListUserPolicies: {
    on: onUser,
    run: (call) => ({ PolicyNames: [...existingUser(call, call.state.seen).inline.keys()].sort(), IsTruncated: false }),
  },

  GetUserPolicy: {
    on: onUser,
    run: (call) => {
      const { name, inline } = existingUser(call, call.state.seen);
      const policy = required(call.params, "PolicyName");
      const document = inline.get(policy);
      if (document === undefined) throw noSuchEntity(`The user policy with name ${policy} cannot be found.`);
      return { UserName: name, PolicyName: policy, PolicyDocument: encodedDocument(document) };
    },
  },

  ListAttachedUserPolicies: {
    on: onUser,
    run: (call) => {
      const AttachedPolicies = existingUser(call, call.state.seen).attached.map((arn) => ({
        PolicyName: arn.split("/").at(-1) ?? "",
        PolicyArn: arn,
      }));
      return { AttachedPolicies, IsTruncated: false };
    },
  },
};
