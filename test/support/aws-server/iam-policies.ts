import { managed } from "./caller.ts";
import { encodedDocument, required, type IamAction } from "./query-api.ts";
import { noSuchEntity } from "./refusal.ts";

const on: IamAction["on"] = ({ params }) => {
  const arn = params.get("PolicyArn") ?? "";
  return { arn, words: `policy ${arn}` };
};

/** Managed policies have one version in these tests. */
export const POLICY_ACTIONS: Readonly<Record<string, IamAction>> = {
  GetPolicy: {
    on,
    run: ({ params, state }) => {
      const arn = required(params, "PolicyArn");
      if (managed(state, arn) === undefined) throw noSuchEntity(`Policy ${arn} was not found.`);
      return { Policy: { PolicyName: arn.split("/").at(-1) ?? "", Arn: arn, DefaultVersionId: "v1" } };
    },
  },

  GetPolicyVersion: {
    on,
    run: ({ params, state }) => {
      const arn = required(params, "PolicyArn");
      const version = required(params, "VersionId");
      const document = version === "v1" ? managed(state, arn) : undefined;
      if (document === undefined)
        throw noSuchEntity(`Policy ${arn} version ${version} does not exist or is not attachable.`);
      return { PolicyVersion: { Document: encodedDocument(document), VersionId: version, IsDefaultVersion: true } };
    },
  },
};
