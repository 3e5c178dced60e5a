import type { Json } from "./client.ts";
import type { Command, Run } from "./command.ts";
import { GcloudFailure } from "./failure.ts";

interface Binding {
  readonly role: string;
  members: string[];
  readonly condition?: { readonly expression: string; readonly title?: string; readonly description?: string };
}

interface Policy {
  bindings?: Binding[];
  version?: number;
}

/** Where a policy is kept. */
export interface PolicyStore {
  readonly positional: string;
  read(run: Run): Promise<Json>;
  write(run: Run, policy: Json): Promise<Json>;
  /** Said on standard error when it is done. */
  done?(run: Run): string;
}

/** `add-iam-policy-binding` of anything that has a policy. */
export function addBinding(store: PolicyStore): Command {
  return {
    positional: [store.positional],
    flags: { member: "value", role: "value", condition: "value" },
    required: ["member", "role"],
    run: (run) => changed(store, run, add),
  };
}

/** `remove-iam-policy-binding`. */
export function removeBinding(store: PolicyStore): Command {
  return {
    positional: [store.positional],
    flags: { member: "value", role: "value", condition: "value", all: "switch" },
    required: ["member", "role"],
    run: (run) => changed(store, run, remove),
  };
}

/** gcloud does not try again when somebody else was faster: it fails. */
async function changed(
  store: PolicyStore,
  run: Run,
  change: (policy: Policy, flags: ReadonlyMap<string, string>) => void,
): Promise<Json> {
  const policy = (await store.read(run)) as Policy;
  change(policy, run.flags);
  policy.version = 3;
  const answer: Json = await store.write(run, policy);
  if (store.done !== undefined) process.stderr.write(`${store.done(run)}\n`);
  return answer;
}

function add(policy: Policy, flags: ReadonlyMap<string, string>): void {
  const bindings = (policy.bindings ??= []);
  if (conditional(bindings) && !flags.has("condition"))
    throw new GcloudFailure(
      1,
      "Adding a binding without specifying a condition to a policy containing conditions is prohibited in non-interactive mode. Run the command again with `--condition=None`",
    );
  const member = flags.get("member") ?? "";
  const role = flags.get("role") ?? "";
  assertNone(flags);
  const there = bindings.find((binding) => binding.role === role && binding.condition === undefined);
  if (there === undefined) bindings.push({ role, members: [member] });
  else if (!there.members.includes(member)) there.members.push(member);
}

function remove(policy: Policy, flags: ReadonlyMap<string, string>): void {
  const bindings = policy.bindings ?? [];
  const all = flags.has("all");
  if (!all && conditional(bindings) && !flags.has("condition"))
    throw new GcloudFailure(
      1,
      "Removing a binding without specifying a condition from a policy containing conditions is prohibited in non-interactive mode. Run the command again with `--condition=None` to remove a binding without condition or run command with `--all` to remove all bindings of the specified principal and role.",
    );
  assertNone(flags);
  const member = flags.get("member") ?? "";
  const hit = bindings.filter(
    (binding) =>
      binding.role === flags.get("role") &&
      binding.members.includes(member) &&
      (all || binding.condition === undefined),
  );
  if (hit.length === 0)
    throw new GcloudFailure(
      1,
      all
        ? "Policy bindings with the specified principal and role not found!"
        : "Policy binding with the specified principal, role, and condition not found!",
    );
  for (const binding of hit) binding.members = binding.members.filter((other) => other !== member);
  policy.bindings = bindings.filter(({ members }) => members.length > 0);
}

function conditional(bindings: readonly Binding[]): boolean {
  return bindings.some(({ condition }) => condition !== undefined);
}

/** No message of the tool adds or takes away a condition. */
function assertNone(flags: ReadonlyMap<string, string>): void {
  const condition = flags.get("condition") ?? "None";
  if (condition !== "None")
    throw new GcloudFailure(1, `this stand-in knows no other condition than None: ${condition}`);
}
