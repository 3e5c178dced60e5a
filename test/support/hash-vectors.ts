/** Data of the vectors' objects; values are latin1 text of the decoded bytes. */
export const OBJECTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "Secret/backup-credentials": {
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE0001",
    AWS_SECRET_ACCESS_KEY: "example-secret-1",
    AWS_ENDPOINT_URL: "https://s3.us-east-1.amazonaws.com",
  },
  "Secret/rotated": {
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE0001",
    AWS_SECRET_ACCESS_KEY: "example-secret-2",
    AWS_ENDPOINT_URL: "https://s3.us-east-1.amazonaws.com",
  },
  "Secret/extra": { FOO: "bar" },
  "Secret/bin": { BLOB: "\u0000\u00ff\u0010\u0080" },
  "Secret/nl": { K: "v\n" },
  "Secret/nonl": { K: "v" },
  "Secret/empty": {},
  "Secret/amb1": { AB: "C" },
  "Secret/amb2": { A: "BC" },
  "Secret/sort": { b: "1", B: "2", _: "3", "a.b": "4", "a-b": "5", A1: "6" },
  "ConfigMap/cfg": { LOG_LEVEL: "info", REGION: "us-east-1" },
};

export interface HashVector {
  readonly id: string;
  readonly title: string;
  readonly namespace: string;
  readonly sources: readonly { readonly kind: "Secret" | "ConfigMap"; readonly name: string }[];
  /** Where an object holds other data than its name says. */
  readonly data?: Readonly<Record<string, string>>;
  readonly content: string | undefined;
  readonly reference: string | undefined;
}

const secret = (name: string) => ({ kind: "Secret", name }) as const;
const configMap = (name: string) => ({ kind: "ConfigMap", name }) as const;

function vector(
  id: string,
  title: string,
  sources: HashVector["sources"],
  content: string | undefined,
  reference: string | undefined,
  more: Partial<Pick<HashVector, "namespace" | "data">> = {},
): HashVector {
  return { id, title, namespace: "default", sources, content, reference, ...more };
}

const BC = secret("backup-credentials");
const CFG = configMap("cfg");

/** Computed with two independent scripts; eight of them were read off real operators of both generations. */
export const VECTORS: readonly HashVector[] = [
  vector("V1", "no sources", [], undefined, undefined),
  vector("V2", "one Secret", [BC], "e71c574c07379227", "ab8f1c1f91401936"),
  vector("V3", "the same reference, rotated data", [BC], "815daa465ee3e4da", "ab8f1c1f91401936", {
    data: { "backup-credentials": "rotated" },
  }),
  vector("V4", "two Secrets", [BC, secret("extra")], "2b3f61be1a0a8bd4", "04df5a605438095c"),
  vector("V5", "two Secrets the other way round", [secret("extra"), BC], "3c7aaae13be44c32", "030800b6511765ee"),
  vector("V6", "one Secret twice", [BC, BC], "85eeadb078711736", "f77936d541d68769"),
  vector("V7", "a missing Secret", [secret("missing")], "e3b0c44298fc1c14", "dceee619d58a97a2"),
  vector(
    "V8",
    "a missing Secret before one that is there",
    [secret("missing"), BC],
    "e71c574c07379227",
    "fb98e572d8c06b10",
  ),
  vector("V9", "an empty Secret", [secret("empty")], "e3b0c44298fc1c14", "c0234a9ae85d2d9a"),
  vector("V10", "binary data", [secret("bin")], "7b4ec27655ed99bd", "85b77c14938ac41c"),
  vector("V11", "a trailing newline", [secret("nl")], "30d437e09286caaa", "18aef9bd33f41e7a"),
  vector("V12", "no trailing newline", [secret("nonl")], "6171614c470b797a", "1b352140816ee94c"),
  vector("V13", "no separator between key and value", [secret("amb1")], "b5d4045c3f466fa9", "2764298f327cad38"),
  vector("V14", "…so another split collides", [secret("amb2")], "b5d4045c3f466fa9", "ab4ae31bcd1d93ad"),
  vector("V15", "keys in byte order", [secret("sort")], "8ad0d8f6bfeda497", "61b7cbcf3f329355"),
  vector("V16", "a ConfigMap", [CFG], "bc326a2187de8f46", "bc326a2187de8f46"),
  vector("V17", "Secret, then ConfigMap", [BC, CFG], "d7c19c43feb22188", "a99c980c034003d4"),
  vector("V18", "ConfigMap, then Secret", [CFG, BC], "0942fd70c06c8ccc", "a8e436829d695ac5"),
  vector("V19", "a missing ConfigMap", [configMap("missing")], "e3b0c44298fc1c14", "e3b0c44298fc1c14"),
  vector("V20", "another namespace", [BC], "e71c574c07379227", "1265a28a6b40fcc6", { namespace: "prod" }),
  vector("V21", "prefix and optional change nothing", [BC], "e71c574c07379227", "ab8f1c1f91401936"),
];
