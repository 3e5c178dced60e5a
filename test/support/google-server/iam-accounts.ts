import { accountResource, may, projectResource } from "./authorize.ts";
import { assertSwitchedOn, type Call, type Route } from "./call.ts";
import { Policy } from "./policy.ts";
import { errorInfo, iamDenied, invalidArgument, notFound, Refusal } from "./refusal.ts";
import { setPolicy } from "./set-policy.ts";
import { newUniqueId, type Account } from "./state.ts";

const TITLE = "Identity and Access Management (IAM) API";
const ACCOUNT = String.raw`^v1\/projects\/([^/]+)\/serviceAccounts\/([^/:]+)`;

/** Whether an account is there is told to those alone who might see it. */
function accountFor(call: Call, permission: string, [project = "", name = ""]: string[]): Account {
  const { state, caller } = call;
  const account = state.accounts.get(name) ?? [...state.accounts.values()].find(({ uniqueId }) => uniqueId === name);
  const email = account?.email ?? name;
  if (!may(state, caller, permission, accountResource(state, email))) {
    const of = account === undefined ? project : account.project;
    throw iamDenied(permission, `projects/${of}/serviceAccounts/${email}`);
  }
  const elsewhere = project !== "-" && state.projectOf(project)?.id !== account?.project;
  if (account === undefined || elsewhere) throw notFound(`Unknown service account`);
  assertSwitchedOn(state, account.project, "iam.googleapis.com", TITLE);
  return account;
}

function shown({ email, project, uniqueId, displayName, description, disabled, policy }: Account): object {
  return {
    name: `projects/${project}/serviceAccounts/${email}`,
    projectId: project,
    uniqueId,
    email,
    ...(displayName === "" ? {} : { displayName }),
    etag: policy.etag,
    ...(description === "" ? {} : { description }),
    oauth2ClientId: uniqueId,
    ...(disabled ? { disabled: true } : {}),
  };
}

function create(call: Call, name = ""): object {
  const { state, caller, body } = call;
  const project = state.projectOf(name);
  if (project === undefined || !may(state, caller, "iam.serviceAccounts.create", projectResource(project)))
    throw iamDenied("iam.serviceAccounts.create", `projects/${name}`);
  assertSwitchedOn(state, project.id, "iam.googleapis.com", TITLE);
  const id: unknown = body?.accountId;
  if (typeof id !== "string" || !/^[a-z](?:[-a-z0-9]{4,28}[a-z0-9])$/.test(id))
    throw invalidArgument(
      `Invalid account ID "${String(id)}": it must be 6 to 30 lower-case letters, digits and dashes.`,
    );
  const { displayName = "", description = "" } = body.serviceAccount ?? {};
  if (displayName.length > 100) throw invalidArgument("The display name must be 100 characters at most.");
  if (description.length > 256) throw invalidArgument("The description must be 256 characters at most.");
  const email = `${id}@${project.id}.iam.gserviceaccount.com`;
  if (state.accounts.has(email)) {
    const message = `Service account ${id} already exists within project projects/${project.id}.`;
    const resource = `projects/${project.id}/serviceAccounts/${email}`;
    throw new Refusal(409, "ALREADY_EXISTS", message, [
      { "@type": "type.googleapis.com/google.rpc.ResourceInfo", resourceName: resource },
    ]);
  }
  const account: Account = {
    email,
    project: project.id,
    uniqueId: newUniqueId(),
    displayName,
    description,
    policy: new Policy(),
    groups: [],
    keys: [],
    knownFrom: state.time() + state.lagMs,
    disabled: false,
  };
  state.accounts.set(email, account);
  return shown(account);
}

/** Its name in every policy becomes that of something deleted, which a new account of the same name is not. */
export function deleteAccount({ state }: Pick<Call, "state">, { email, uniqueId }: Account): void {
  state.accounts.delete(email);
  const gone = `deleted:serviceAccount:${email}?uid=${uniqueId}`;
  for (const policy of state.policies()) policy.rename(`serviceAccount:${email}`, gone);
}

function testPermissions(call: Call, ...parts: string[]): object {
  const { state, caller, body } = call;
  const [, email = ""] = parts;
  if (!state.accounts.has(email)) throw notFound("Unknown service account");
  const asked: readonly string[] = body?.permissions ?? [];
  const unknown = asked.find((permission) => !permission.startsWith("iam.serviceAccount"));
  if (unknown !== undefined)
    throw new Refusal(400, "INVALID_ARGUMENT", `Permission ${unknown} is not valid for this resource.`, [
      errorInfo("INVALID_PERMISSION", "iam.googleapis.com", { permission: unknown }),
    ]);
  const permissions = asked.filter((permission) => may(state, caller, permission, accountResource(state, email)));
  return permissions.length === 0 ? {} : { permissions };
}

const on = (
  method: string,
  suffix: string,
  verb: string,
  run: (call: Call, account: Account) => object,
  kind = "serviceAccounts",
): Route => {
  const permission = kind === "serviceAccounts" ? `iam.serviceAccounts.${verb}` : `iam.serviceAccountKeys.${verb}`;
  return {
    operation: `iam.projects.serviceAccounts.${kind === "serviceAccounts" ? verb : `keys.${verb}`}`,
    permission,
    method,
    path: new RegExp(`${ACCOUNT}${suffix}$`),
    run: (call, ...parts) => run(call, accountFor(call, permission, parts)),
  };
};

export const ACCOUNT_ROUTES: readonly Route[] = [
  on("GET", "", "get", (_, account) => shown(account)),
  on("DELETE", "", "delete", (call, account) => {
    deleteAccount(call, account);
    return {};
  }),
  on("POST", ":enable", "enable", (_, account) => {
    account.disabled = false;
    return {};
  }),
  on("POST", ":disable", "disable", (_, account) => {
    account.disabled = true;
    return {};
  }),
  on("POST", ":getIamPolicy", "getIamPolicy", ({ request, body }, { policy }) =>
    policy.shown(
      Number(request.query.get("options.requestedPolicyVersion") ?? body?.options?.requestedPolicyVersion ?? 1),
    ),
  ),
  on("POST", ":setIamPolicy", "setIamPolicy", ({ state, body }, { policy }) => {
    setPolicy(state, "account", policy, body?.policy);
    return policy.shown(3);
  }),
  on(
    "GET",
    String.raw`\/keys`,
    "list",
    (_, { email, project, keys }) => ({
      keys: keys.map(({ id, disabled, validBefore }) => ({
        name: `projects/${project}/serviceAccounts/${email}/keys/${id}`,
        validAfterTime: "2026-01-01T00:00:00Z",
        validBeforeTime: validBefore,
        keyAlgorithm: "KEY_ALG_RSA_2048",
        keyOrigin: "GOOGLE_PROVIDED",
        keyType: "USER_MANAGED",
        ...(disabled ? { disabled: true } : {}),
      })),
    }),
    "keys",
  ),
  {
    operation: "iam.projects.serviceAccounts.testIamPermissions",
    permission: "",
    method: "POST",
    path: new RegExp(`${ACCOUNT}:testIamPermissions$`),
    run: testPermissions,
  },
  {
    operation: "iam.projects.serviceAccounts.create",
    permission: "iam.serviceAccounts.create",
    method: "POST",
    path: /^v1\/projects\/([^/]+)\/serviceAccounts$/,
    run: create,
  },
];
