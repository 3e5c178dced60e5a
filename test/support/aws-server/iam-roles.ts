import { assertIdentityPolicy, assertTrustPolicy, size } from "./documents.ts";
import { encodedDocument, required, tags, type QueryCall, type Result, type IamAction } from "./query-api.ts";
import { noSuchEntity, Refusal, validation } from "./refusal.ts";
import { newId, now, type Account, type Role } from "./state.ts";

const NAME = /^[\w+=,.@-]{1,64}$/;
const PATH = /^(\/|\/[!-~]+\/)$/;
const INLINE_QUOTA = 10_240;

const onRole: IamAction["on"] = ({ params, state }) => {
  const name = params.get("RoleName") ?? "";
  const role = state.seen.roles.get(name);
  const path = role?.path ?? params.get("Path") ?? "/";
  return { arn: state.arn(`role${path}${name}`), words: `role ${name}` };
};

/** Calls on roles and on their inline policies. */
export const ROLE_ACTIONS: Readonly<Record<string, IamAction>> = {
  GetRole: { on: onRole, run: (call) => ({ Role: shown(call, seen(call)) }) },

  CreateRole: {
    on: ({ params, state }) => {
      const name = params.get("RoleName") ?? "";
      const arn = state.arn(`role${params.get("Path") ?? "/"}${name}`);
      return { arn, words: arn };
    },
    run: (call) => {
      const { params, state } = call;
      const name = required(params, "RoleName");
      const path = params.get("Path") ?? "/";
      const trust = required(params, "AssumeRolePolicyDocument");
      if (!NAME.test(name))
        throw validation(
          "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
        );
      if (!PATH.test(path))
        throw validation(
          "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
        );
      assertTrustPolicy(trust);
      if (state.actual.roles.has(name))
        throw new Refusal(409, "EntityAlreadyExists", `Role with name ${name} already exists.`);
      const role: Role = {
        name,
        path,
        id: newId("AROA"),
        createdAt: now(),
        description: params.get("Description") ?? "",
        trust,
        maxSessionSeconds: Number(params.get("MaxSessionDuration") ?? "3600"),
        boundary: params.get("PermissionsBoundary") ?? undefined,
        tags: tags(params),
        inline: new Map(),
        attached: [],
      };
      state.change((account) => account.roles.set(name, role));
      return { Role: shown(call, role) };
    },
  },

  DeleteRole: {
    on: onRole,
    run: (call) => {
      const { name, inline, attached } = existing(call, call.state.actual);
      if (inline.size > 0)
        throw new Refusal(409, "DeleteConflict", "Cannot delete entity, must delete policies first.");
      if (attached.length > 0)
        throw new Refusal(409, "DeleteConflict", "Cannot delete entity, must detach all policies first.");
      call.state.change(({ roles }) => roles.delete(name));
      return undefined;
    },
  },

  UpdateAssumeRolePolicy: {
    on: onRole,
    run: (call) => {
      const document = required(call.params, "PolicyDocument");
      existing(call, call.state.actual);
      assertTrustPolicy(document);
      call.state.change((account) => (existing(call, account).trust = document));
      return undefined;
    },
  },

  ListRolePolicies: {
    on: onRole,
    run: (call) => ({ PolicyNames: [...seen(call).inline.keys()].sort(), IsTruncated: false }),
  },

  GetRolePolicy: {
    on: onRole,
    run: (call) => {
      const { name, inline } = seen(call);
      const policy = required(call.params, "PolicyName");
      const document = inline.get(policy);
      if (document === undefined) throw noSuchEntity(`The role policy with name ${policy} cannot be found.`);
      return { RoleName: name, PolicyName: policy, PolicyDocument: encodedDocument(document) };
    },
  },

  PutRolePolicy: {
    on: onRole,
    run: (call) => {
      const policy = required(call.params, "PolicyName");
      const document = required(call.params, "PolicyDocument");
      const { name, inline } = existing(call, call.state.actual);
      assertIdentityPolicy(document);
      const others = [...inline].filter(([other]) => other !== policy).map(([, text]) => size(text));
      if (others.reduce((sum, bytes) => sum + bytes, size(document)) > INLINE_QUOTA)
        throw new Refusal(
          409,
          "LimitExceeded",
          `Maximum policy size of ${INLINE_QUOTA} bytes exceeded for role ${name}`,
        );
      call.state.change((account) => existing(call, account).inline.set(policy, document));
      return undefined;
    },
  },

  DeleteRolePolicy: {
    on: onRole,
    run: (call) => {
      const policy = required(call.params, "PolicyName");
      if (!existing(call, call.state.actual).inline.has(policy))
        throw noSuchEntity(`The role policy with name ${policy} cannot be found.`);
      call.state.change((account) => existing(call, account).inline.delete(policy));
      return undefined;
    },
  },

  ListAttachedRolePolicies: {
    on: onRole,
    run: (call) => {
      const AttachedPolicies = seen(call).attached.map((arn) => ({
        PolicyName: arn.split("/").at(-1) ?? "",
        PolicyArn: arn,
      }));
      return { AttachedPolicies, IsTruncated: false };
    },
  },
};

function seen(call: QueryCall): Role {
  return existing(call, call.state.seen);
}

function existing({ params }: QueryCall, { roles }: Account): Role {
  const name = required(params, "RoleName");
  const role = roles.get(name);
  if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

function shown({ state }: QueryCall, role: Role): Result {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: state.roleArn(role),
    CreateDate: role.createdAt,
    AssumeRolePolicyDocument: encodedDocument(role.trust),
    Description: role.description === "" ? undefined : role.description,
    MaxSessionDuration: role.maxSessionSeconds,
    PermissionsBoundary:
      role.boundary === undefined
        ? undefined
        : { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: role.boundary },
    Tags: Object.entries(role.tags).map(([Key, Value]) => ({ Key, Value })),
  };
}
