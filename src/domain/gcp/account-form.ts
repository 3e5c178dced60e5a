import { editDistance } from "../text.ts";

/** What is wrong with a text that is to be the address of a Google service account. */
export interface AccountProblem {
  /** Goes on after the text: `is a name, and not the whole address`. */
  readonly problem: string;
  /** The address that was meant, where that can be told. */
  readonly meant: string | undefined;
}

const OWN = /^[a-z][a-z0-9-]{4,28}[a-z0-9]@(?:[a-z0-9.-]+:)?[a-z0-9.-]+\.iam\.gserviceaccount\.com$/;
/** Of projects of a domain the domain comes last: `ID@PROJECT.example.com.iam.gserviceaccount.com`. */
const DEFAULTS =
  /^(?:\d+-compute@developer|[a-z0-9.-]+@(?:[a-z0-9.-]+\.)?appspot|[a-z0-9-]+@[a-z0-9.-]+\.iam|\d+@cloudservices)\.gserviceaccount\.com$/;

export function isAccountEmail(text: string): boolean {
  return OWN.test(text) || DEFAULTS.test(text);
}

/** Undefined for an address that Google takes. `project` is where an account without one is looked for. */
export function accountProblem(text: string, project: string | undefined): AccountProblem | undefined {
  if (isAccountEmail(text)) return undefined;
  for (const [inner, problem] of AROUND) {
    const found = inner.exec(text)?.[1];
    if (found !== undefined) return { problem, meant: meantBy(found.trim(), project) };
  }
  const [, name = "", domain] = /^([^\s@]+)@?([^\s@]*)$/.exec(text) ?? [];
  if (name === "" || domain === undefined) return { problem: "is no address of a service account", meant: undefined };
  if (domain === "") return { problem: "is a name, and not the whole address", meant: meantBy(text, project) };
  if (text !== text.toLowerCase() && isAccountEmail(text.toLowerCase()))
    return { problem: "has capital letters, which no address of a service account has", meant: text.toLowerCase() };
  const meant = meantBy(text, project);
  if (meant !== undefined) return { problem: `does not end with ${meant.slice(meant.indexOf("@") + 1)}`, meant };
  return {
    problem: /\.svc\.id\.goog/.test(text)
      ? "is of a workload pool, and no Google service account"
      : "is the address of a person or a group, and of no service account",
    meant: undefined,
  };
}

/** What is found around an address, and the rest. */
const AROUND: readonly (readonly [RegExp, string])[] = [
  [/^(?=\s|[\s\S]*\s$)\s*([\s\S]*?)\s*$/, "has a space or a line break around it"],
  [/^["'`]([\s\S]*)["'`]$/, "has quotes around it"],
  [
    /^(?:serviceAccount|user|member):(.*)$/i,
    "begins with a type, as members of a policy do, and the address alone belongs there",
  ],
  [
    /^(?:\/\/iam\.googleapis\.com\/)?projects\/[^/]+\/serviceAccounts\/(.*)$/,
    "is the name of a resource, and the address alone belongs there",
  ],
  [/^mailto:(.*)$/i, "begins with mailto:"],
];

/** The nearest address: with the end that is missing or misspelt, in the project that it names. */
function meantBy(text: string, project: string | undefined): string | undefined {
  const plain = text.toLowerCase();
  if (isAccountEmail(plain)) return plain;
  const [, name, rest = ""] = /^([a-z][a-z0-9-]{4,28}[a-z0-9])(?:@(.*))?$/.exec(plain) ?? [];
  if (name === undefined) return undefined;
  const [of = "", ...labels] = rest.split(".");
  const end = labels.join(".");
  const isEnd = end === "" || end === "iam" || [END, END.slice(4)].some((whole) => editDistance(end, whole) <= 4);
  const where = of === "" ? project : of;
  return isEnd && where !== undefined ? `${name}@${where}.${END}` : undefined;
}

const END = "iam.gserviceaccount.com";

/** Project of an address; undefined for default accounts, whose address names a number. */
export function projectOfAccount(email: string): string | undefined {
  const place = /@([a-z0-9.-]+)\.iam\.gserviceaccount\.com$/.exec(email)?.[1];
  if (place === undefined) return /^([a-z0-9-]+)@appspot\./.exec(email)?.[1];
  // `acme.example.com` is project `example.com:acme`.
  const [project = "", ...domain] = place.split(".");
  return domain.length === 0 ? project : `${domain.join(".")}:${project}`;
}
