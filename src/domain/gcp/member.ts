import type { GkeName } from "../google-facts.ts";
import { gkePath } from "./gke-name.ts";

/** Whom a binding of an allow policy names (IAM, "Principal identifiers"). */
export type Member =
  /** `serviceAccount:EMAIL`. */
  | { readonly kind: "account"; readonly email: string }
  /** `serviceAccount:POOL[NAMESPACE/NAME]`: a ServiceAccount of Kubernetes. */
  | { readonly kind: "workload"; readonly pool: string; readonly namespace: string; readonly name: string }
  /** `principal://iam.googleapis.com/projects/NUMBER/…/subject/ns/NAMESPACE/sa/NAME`: the same one. */
  | {
      readonly kind: "principal";
      readonly project: string;
      readonly pool: string;
      readonly namespace: string;
      readonly name: string;
    }
  /** `principalSet://…`: all of a pool, of a namespace or of a cluster. */
  | {
      readonly kind: "set";
      readonly project: string;
      readonly pool: string;
      readonly of: "pool" | "namespace" | "cluster" | "other";
      readonly value: string;
    }
  | { readonly kind: "user" | "group" | "domain"; readonly name: string }
  /** `projectEditor:PROJECT`: whoever has that basic role there. */
  | {
      readonly kind: "holders";
      readonly role: "roles/owner" | "roles/editor" | "roles/viewer";
      readonly project: string;
    }
  /** `allUsers`, `allAuthenticatedUsers`. */
  | { readonly kind: "everyone"; readonly authenticated: boolean }
  /** `deleted:serviceAccount:EMAIL?uid=ID`: it holds no more, also for one that was made since under the same name. */
  | { readonly kind: "deleted"; readonly member: string; readonly uid: string | undefined }
  | { readonly kind: "other"; readonly text: string };

const EMAIL = /^[^\s@[\]]+@[^\s@[\]]+$/;
const WORKLOAD = /^([^[\]\s/]+\.svc\.id\.goog)\[([^[\]\s/]+)\/([^[\]\s/]+)\]$/;
const POOL_PATH = "iam\\.googleapis\\.com/projects/([^/]+)/locations/global/workloadIdentityPools/([^/]+)";
const PRINCIPAL = new RegExp(`^principal://${POOL_PATH}/subject/ns/([^/]+)/sa/([^/]+)$`);
const SET = new RegExp(`^principalSet://${POOL_PATH}/(.+)$`);
const HOLDERS = {
  projectOwner: "roles/owner",
  projectEditor: "roles/editor",
  projectViewer: "roles/viewer",
} as const;

/** By the exact grammar; what only looks like one of these is `other`. */
export function parseMember(text: string): Member {
  if (text === "allUsers" || text === "allAuthenticatedUsers")
    return { kind: "everyone", authenticated: text === "allAuthenticatedUsers" };
  const [, project = "", pool = "", namespace = "", name = ""] = PRINCIPAL.exec(text) ?? [];
  if (name !== "") return { kind: "principal", project, pool, namespace, name };
  const set = SET.exec(text);
  if (set !== null) return setOf(set[1] ?? "", set[2] ?? "", set[3] ?? "");
  const colon = text.indexOf(":");
  return withType(text, text.slice(0, colon), text.slice(colon + 1));
}

function withType(text: string, type: string, rest: string): Member {
  if (type === "deleted") {
    const [member = "", uid] = rest.split("?uid=");
    return { kind: "deleted", member, uid };
  }
  if (type === "serviceAccount") {
    const [, pool, namespace = "", name = ""] = WORKLOAD.exec(rest) ?? [];
    if (pool !== undefined) return { kind: "workload", pool, namespace, name };
    if (EMAIL.test(rest)) return { kind: "account", email: rest.toLowerCase() };
  }
  if ((type === "user" || type === "group") && EMAIL.test(rest)) return { kind: type, name: rest.toLowerCase() };
  if (type === "domain" && /^[^\s@:/]+$/.test(rest)) return { kind: type, name: rest.toLowerCase() };
  if (Object.hasOwn(HOLDERS, type) && rest !== "")
    return { kind: "holders", role: HOLDERS[type as keyof typeof HOLDERS], project: rest };
  return { kind: "other", text };
}

function setOf(project: string, pool: string, rest: string): Member {
  const base = { kind: "set", project, pool } as const;
  if (rest === "*") return { ...base, of: "pool", value: "" };
  for (const [start, of] of [
    ["namespace/", "namespace"],
    ["kubernetes.cluster/", "cluster"],
  ] as const)
    if (rest.startsWith(start)) return { ...base, of, value: rest.slice(start.length) };
  return { ...base, of: "other", value: rest };
}

/** A ServiceAccount of Kubernetes, as Google knows it. */
export interface Workload {
  /** `PROJECT.svc.id.goog`, of the project that the cluster is in. */
  readonly pool: string;
  /** Of that project; undefined where it could not be read. */
  readonly projectNumber: string | undefined;
  readonly namespace: string;
  readonly name: string;
  readonly cluster?: GkeName;
}

/** Who asks Google: a Google service account, or the ServiceAccount itself. */
export type Identity =
  | { readonly kind: "account"; readonly email: string }
  | ({ readonly kind: "workload" } & Workload);

/** `serviceAccount:acme-prod.svc.id.goog[production/antfly]`. */
export function memberOf({ pool, namespace, name }: Workload): string {
  return `serviceAccount:${pool}[${namespace}/${name}]`;
}

/** The number stands in the path, and the id in the name of the pool. */
export function principalOf({ pool, projectNumber, namespace, name }: Workload): string {
  return `principal://iam.googleapis.com/projects/${projectNumber ?? "PROJECT_NUMBER"}/locations/global/workloadIdentityPools/${pool}/subject/ns/${namespace}/sa/${name}`;
}

/** As a binding names it. */
export function identityMember(identity: Identity): string {
  return identity.kind === "account" ? `serviceAccount:${identity.email}` : principalOf(identity);
}

/** Whether a binding's member is this identity, or one of many that it is among; `maybe` for groups and holders of a basic role. */
export function covers(member: Member, who: Identity): "yes" | "no" | "maybe" {
  if (member.kind === "group" || member.kind === "holders") return "maybe";
  if (member.kind === "everyone") return member.authenticated && who.kind === "workload" ? "no" : "yes";
  if (who.kind === "account")
    return member.kind === "account" && member.email === who.email.toLowerCase() ? "yes" : "no";
  if (!("pool" in member) || member.pool !== who.pool) return "no";
  if (member.kind !== "set") {
    const same = member.namespace === who.namespace && member.name === who.name;
    return same ? (member.kind === "workload" ? "yes" : inProject(member.project, who)) : "no";
  }
  return coversSet(member, who);
}

function coversSet(member: Extract<Member, { kind: "set" }>, who: Workload): "yes" | "no" | "maybe" {
  const here = inProject(member.project, who);
  if (here === "no" || member.of === "pool") return here;
  if (member.of === "namespace") return member.value === who.namespace ? here : "no";
  if (member.of === "other") return "maybe";
  if (who.cluster === undefined) return "maybe";
  return member.value === `https://container.googleapis.com/v1/${gkePath(who.cluster)}` ? here : "no";
}

function inProject(project: string, { projectNumber }: Workload): "yes" | "no" | "maybe" {
  if (projectNumber === undefined) return "maybe";
  return project === projectNumber ? "yes" : "no";
}
