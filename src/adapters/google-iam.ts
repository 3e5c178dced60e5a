import type { Google, GoogleServiceAccount } from "../ports.ts";
import { flag, list, needed, text, texts } from "./google-answer.ts";
import { path, type GoogleConnection, type Json } from "./google-connection.ts";
import { POLICY_VERSION, policyIn, policyOut } from "./google-policy.ts";

type Calls = Pick<
  Google,
  | "getServiceAccount"
  | "createServiceAccount"
  | "deleteServiceAccount"
  | "getServiceAccountPolicy"
  | "setServiceAccountPolicy"
  | "listServiceAccountKeys"
  | "getRole"
>;

/** `-` stands for whichever project the account is in. */
const of = (email: string): string => path`/v1/projects/-/serviceAccounts/${email}`;

/** Service accounts, who may act as them, and roles. */
export function iamCalls({ read, write }: GoogleConnection): Calls {
  return {
    async getServiceAccount(email) {
      const action = "iam.serviceAccounts.get";
      return accountIn(await read({ api: "IAM", action, path: of(email) }), action);
    },

    async createServiceAccount({ project, id, displayName, description }) {
      const action = "iam.serviceAccounts.create";
      const body = { accountId: id, serviceAccount: { displayName, description } };
      const answer = await write({
        api: "IAM",
        action,
        path: path`/v1/projects/${project}/serviceAccounts`,
        method: "POST",
        body,
      });
      return accountIn(answer, action);
    },

    async deleteServiceAccount(email) {
      await write({ api: "IAM", action: "iam.serviceAccounts.delete", path: of(email), method: "DELETE" });
    },

    async getServiceAccountPolicy(email) {
      const action = "iam.serviceAccounts.getIamPolicy";
      const query = [["options.requestedPolicyVersion", String(POLICY_VERSION)]] as const;
      return policyIn(
        await read({ api: "IAM", action, path: `${of(email)}:getIamPolicy`, method: "POST", query }),
        action,
      );
    },

    async setServiceAccountPolicy(email, policy) {
      const action = "iam.serviceAccounts.setIamPolicy";
      const body = { policy: policyOut(policy) };
      return policyIn(
        await write({ api: "IAM", action, path: `${of(email)}:setIamPolicy`, method: "POST", body }),
        action,
      );
    },

    async listServiceAccountKeys(email) {
      const action = "iam.serviceAccountKeys.list";
      const query = [["keyTypes", "USER_MANAGED"]] as const;
      const answer = await read({ api: "IAM", action, path: `${of(email)}/keys`, query });
      return list(answer, "keys").map((key) => ({
        id: needed(key, "name", action).split("/").at(-1) ?? "",
        disabled: flag(key, "disabled"),
        validBefore: text(key, "validBeforeTime"),
      }));
    },

    async getRole(name) {
      const action = "iam.roles.get";
      const place = name.split("/").map((part) => encodeURIComponent(part));
      const answer = await read({ api: "IAM", action, path: `/v1/${place.join("/")}` });
      needed(answer, "name", action);
      // A role that was deleted is shown for a while, and gives nothing.
      return flag(answer, "deleted") ? [] : texts(answer, "includedPermissions");
    },
  };
}

function accountIn(answer: Json, action: string): GoogleServiceAccount {
  return {
    email: needed(answer, "email", action),
    uniqueId: needed(answer, "uniqueId", action),
    project: needed(answer, "projectId", action),
    disabled: flag(answer, "disabled"),
    description: text(answer, "description") ?? "",
  };
}
