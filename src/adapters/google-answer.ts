import { GoogleError } from "../ports.ts";
import type { Json } from "./google-connection.ts";

/** Reads the fields of an answer; what is not as Google writes it is no answer to the question. */
export function text(answer: Json, field: string): string | undefined {
  const value = answer[field];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** @throws GoogleError when there is none */
export function needed(answer: Json, field: string, action: string): string {
  const value = text(answer, field);
  if (value === undefined) throw new GoogleError("malformed", action, `Google sent an answer without ${field}`);
  return value;
}

export function flag(answer: Json, field: string): boolean {
  return answer[field] === true;
}

/** An object within; empty where there is none. */
export function within(answer: Json, field: string): Json {
  const value = answer[field];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** Objects of a list; a missing list is empty, as Google leaves out what is. */
export function list(answer: Json, field: string): readonly Json[] {
  const value = answer[field];
  if (!Array.isArray(value)) return [];
  return value.filter((one): one is Json => typeof one === "object" && one !== null);
}

export function texts(answer: Json, field: string): readonly string[] {
  const value = answer[field];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

/** @throws GoogleError for an answer of another kind: one without anything in it would look empty */
export function ofKind(answer: Json, kind: string, action: string): Json {
  if (answer["kind"] === kind) return answer;
  throw new GoogleError("malformed", action, `Google sent an answer that is no ${kind}`);
}
