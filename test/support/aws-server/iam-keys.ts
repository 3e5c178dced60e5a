import { randomBytes } from "node:crypto";

import { CANARY_STEM } from "../canaries.ts";
import { required, type QueryCall, type Result, type IamAction } from "./query-api.ts";
import { noSuchEntity, Refusal, validation } from "./refusal.ts";
import { newId, now, type Account, type Key, type User } from "./state.ts";

const MOST_KEYS = 2;

export const onUser: IamAction["on"] = ({ params, state }) => {
  const name = params.get("UserName") ?? "";
  return { arn: state.arn(`user/${name}`), words: `user ${name}` };
};

/** Calls on the keys of users. */
export const KEY_ACTIONS: Readonly<Record<string, IamAction>> = {
  ListAccessKeys: {
    on: onUser,
    run: (call) => {
      const { name, keys } = existingUser(call, call.state.seen);
      const AccessKeyMetadata = [...keys.values()].map(({ id, status, createdAt }) => ({
        UserName: name,
        AccessKeyId: id,
        Status: status,
        CreateDate: createdAt,
      }));
      return { AccessKeyMetadata, IsTruncated: false };
    },
  },

  GetAccessKeyLastUsed: {
    on: ({ params, state }) => {
      const id = params.get("AccessKeyId") ?? "";
      const owner = ownerOf(state.seen, id, state.account);
      return { arn: state.arn(`user/${owner?.name ?? "*"}`), words: `access key ${id}` };
    },
    run: ({ params, state, caller }) => {
      const id = required(params, "AccessKeyId");
      const owner = ownerOf(state.seen, id, state.account);
      const key = owner?.keys.get(id);
      // AWS does not tell a key of another account from one that never was.
      if (owner === undefined || key === undefined) {
        const message = `User: ${caller.arn} is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key ${id}`;
        throw new Refusal(403, "AccessDenied", message);
      }
      const AccessKeyLastUsed: Result =
        key.lastUsedAt === undefined
          ? { ServiceName: "N/A", Region: "N/A" }
          : { LastUsedDate: key.lastUsedAt, ServiceName: "s3", Region: "us-east-1" };
      return { UserName: owner.name, AccessKeyLastUsed };
    },
  },

  CreateAccessKey: {
    on: onUser,
    run: (call) => {
      const { name, keys } = existingUser(call, call.state.actual);
      if (keys.size >= MOST_KEYS)
        throw new Refusal(409, "LimitExceeded", `Cannot exceed quota for AccessKeysPerUser: ${MOST_KEYS}`);
      const key = newKey();
      call.state.change((account) => existingUser(call, account).keys.set(key.id, key));
      const { id, secret, status, createdAt } = key;
      return {
        AccessKey: { UserName: name, AccessKeyId: id, SecretAccessKey: secret, Status: status, CreateDate: createdAt },
      };
    },
  },

  UpdateAccessKey: {
    on: onUser,
    run: (call) => {
      const status = required(call.params, "Status");
      if (status !== "Active" && status !== "Inactive")
        throw validation(
          `1 validation error detected: Value '${status}' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]`,
        );
      keyOf(call, call.state.actual);
      call.state.change((account) => (keyOf(call, account).status = status));
      return undefined;
    },
  },

  DeleteAccessKey: {
    on: onUser,
    run: (call) => {
      const { id } = keyOf(call, call.state.actual);
      call.state.change((account) => existingUser(call, account).keys.delete(id));
      return undefined;
    },
  },
};

export function newKey(): Key {
  const secret = `${CANARY_STEM}${randomBytes(9).toString("hex")}`;
  return { id: newId("AKIA", 16), secret, status: "Active", createdAt: now(), lastUsedAt: undefined };
}

/** @throws Refusal where there is no such user */
export function existingUser({ params, caller }: QueryCall, { users }: Account): User {
  const name = params.get("UserName") ?? caller.arn.split("/").at(-1) ?? "";
  const user = users.get(name);
  if (user === undefined) throw noSuchEntity(`The user with name ${name} cannot be found.`);
  return user;
}

function keyOf(call: QueryCall, account: Account): Key {
  const id = required(call.params, "AccessKeyId");
  const key = existingUser(call, account).keys.get(id);
  if (key === undefined) throw noSuchEntity(`The Access Key with id ${id} cannot be found.`);
  return key;
}

function ownerOf({ users }: Account, id: string, account: string): User | undefined {
  return [...users.values()].find((user) => user.account === account && user.keys.has(id));
}
