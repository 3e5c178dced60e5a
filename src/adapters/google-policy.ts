import type { IamBinding, IamCondition, IamPolicy } from "../domain/gcp/iam-policy.ts";
import { needed, list, text, texts, within } from "./google-answer.ts";
import type { Json } from "./google-connection.ts";

/** An older version shows a role that is given on a condition under a name of its own, and would write that back. */
export const POLICY_VERSION = 3;

/** @throws GoogleError for what is no policy: without its etag a change would undo somebody else's */
export function policyIn(answer: Json, action: string): IamPolicy {
  const etag = needed(answer, "etag", action);
  const { version, bindings: _bindings, etag: _etag, ...rest } = answer;
  return {
    version: typeof version === "number" ? version : 1,
    etag,
    bindings: list(answer, "bindings").map(bindingIn),
    rest,
  };
}

function bindingIn(binding: Json): IamBinding {
  const role = text(binding, "role") ?? "";
  const members = texts(binding, "members");
  if (binding["condition"] === undefined) return { role, members };
  const given = within(binding, "condition");
  const condition: IamCondition = {
    expression: text(given, "expression") ?? "",
    ...optional("title", text(given, "title")),
    ...optional("description", text(given, "description")),
    ...optional("location", text(given, "location")),
  };
  return { role, members, condition };
}

function optional<K extends string>(name: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [P in K]?: string });
}

/** The policy as Google takes it, with all that was not understood. */
export function policyOut({ etag, bindings, rest }: IamPolicy): object {
  return { ...rest, version: POLICY_VERSION, ...(etag === undefined ? {} : { etag }), bindings };
}
