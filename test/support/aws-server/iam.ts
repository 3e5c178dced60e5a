import { KEY_ACTIONS } from "./iam-keys.ts";
import { PROVIDER_ACTIONS } from "./iam-providers.ts";
import { ROLE_ACTIONS } from "./iam-roles.ts";
import { POLICY_ACTIONS } from "./iam-policies.ts";
import { USER_ACTIONS } from "./iam-users.ts";
import type { IamAction } from "./query-api.ts";

export const IAM_ACTIONS: Readonly<Record<string, IamAction>> = {
  ...ROLE_ACTIONS,
  ...POLICY_ACTIONS,
  ...PROVIDER_ACTIONS,
  ...KEY_ACTIONS,
  ...USER_ACTIONS,
};
