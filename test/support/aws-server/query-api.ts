import { randomUUID } from "node:crypto";

import type { Answer } from "./answer.ts";
import type { Caller } from "./caller.ts";
import { validation, type Refusal } from "./refusal.ts";
import type { State } from "./state.ts";
import { element } from "./xml.ts";

/** A call of STS or IAM. */
export interface QueryCall {
  readonly params: URLSearchParams;
  readonly caller: Caller;
  readonly state: State;
  readonly region: string;
  /** By the server's clock. */
  readonly time: number;
}

/** What stands in `<…Result>`; undefined where there is none. */
export type Result = Parameters<typeof element>[1];

export interface IamAction {
  /** What the caller must be allowed to do it on: the ARN that policies name, and how an AccessDenied names it. */
  readonly on: (call: QueryCall) => { readonly arn: string; readonly words: string };
  readonly run: (call: QueryCall) => Result;
}

const NAMESPACES = {
  sts: "https://sts.amazonaws.com/doc/2011-06-15/",
  iam: "https://iam.amazonaws.com/doc/2010-05-08/",
} as const;

export function resultAnswer(service: "sts" | "iam", action: string, result: Result): Answer {
  const body = element(`${action}Response xmlns="${NAMESPACES[service]}"`, {
    [`${action}Result`]: result,
    ResponseMetadata: { RequestId: randomUUID() },
  });
  return { status: 200, headers: { "content-type": "text/xml" }, body };
}

export function errorAnswer(service: "sts" | "iam", { status, code, message, headers }: Refusal): Answer {
  const body = element(`ErrorResponse xmlns="${NAMESPACES[service]}"`, {
    Error: { Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message },
    RequestId: randomUUID(),
  });
  return { status, headers: { "content-type": "text/xml", ...headers }, body };
}

/** A parameter that must be there. */
export function required(params: URLSearchParams, name: string): string {
  const value = params.get(name);
  if (value === null || value === "") {
    const field = name.charAt(0).toLowerCase() + name.slice(1);
    throw validation(
      `1 validation error detected: Value null at '${field}' failed to satisfy constraint: Member must not be null`,
    );
  }
  return value;
}

/** `Name.member.1`, `Name.member.2` … */
export function members(params: URLSearchParams, name: string): string[] {
  const found: string[] = [];
  for (let i = 1; params.has(`${name}.member.${i}`); i++) found.push(params.get(`${name}.member.${i}`) ?? "");
  return found;
}

/** `Tags.member.1.Key`, `Tags.member.1.Value` … */
export function tags(params: URLSearchParams): Record<string, string> {
  const found: Record<string, string> = {};
  for (let i = 1; params.has(`Tags.member.${i}.Key`); i++)
    found[params.get(`Tags.member.${i}.Key`) ?? ""] = params.get(`Tags.member.${i}.Value`) ?? "";
  return found;
}

/** IAM sends documents percent-encoded (RFC 3986). */
export function encodedDocument(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
