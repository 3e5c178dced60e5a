import { ANYTHING, fits } from "./s3-pattern.ts";

/**
 * What a `Resource` can name. `bucket` and `object` may both be so for a pattern: `arn:aws:s3:::b*` fits the bucket `b`
 * and every object in it, since `*` does not stop at a slash (S3 User Guide, "Amazon S3 resources").
 */
export type S3Resource =
  | {
      readonly kind: "bucket-or-object";
      readonly bucket: string;
      readonly canBeBucket: boolean;
      readonly canBeObject: boolean;
    }
  /** `*`, or every bucket there is. */
  | { readonly kind: "everything"; readonly canBeBucket: boolean; readonly canBeObject: boolean }
  /** Access points, jobs and the like: what they stand for cannot be told from the text. */
  | { readonly kind: "elsewhere" }
  | { readonly kind: "no-s3" };

export function s3Resource(text: string, variables: boolean): S3Resource {
  if (bucketNamed(text) !== undefined) return named(text.slice(text.indexOf(":::") + 3));
  if (reaches(text, ANYTHING, variables) || reaches(text, `${ANYTHING}/${ANYTHING}`, variables)) {
    return {
      kind: "everything",
      canBeBucket: reaches(text, ANYTHING, variables),
      canBeObject: reaches(text, `${ANYTHING}/${ANYTHING}`, variables),
    };
  }
  // What a template has yet to fill in may be anything.
  if (/^\$\{|^arn:\$\{/.test(text)) return { kind: "elsewhere" };
  const match = /^arn:[^:]*:s3:([^:]*):([^:]*):(.*)$/s.exec(text);
  if (match === null) return /^arn:[^:]*:s3[:-]/.test(text) ? { kind: "elsewhere" } : { kind: "no-s3" };
  const [, region, account, name = ""] = match;
  if (region !== "" || account !== "") return { kind: "elsewhere" };
  const resource = named(name);
  return /^\*+$/.test(resource.bucket) ? { ...resource, kind: "everything" } : resource;
}

function named(name: string): S3Resource & { readonly kind: "bucket-or-object" } {
  const slash = name.indexOf("/");
  const wild = /[*?]|\$\{/.test(name);
  return {
    kind: "bucket-or-object",
    bucket: slash < 0 ? name : name.slice(0, slash),
    canBeBucket: slash < 0,
    // An object may be called `folder/`, but nobody means that one.
    canBeObject: slash < 0 ? wild : wild || !name.endsWith("/"),
  };
}

/** The name of the bucket, when it is one name and no pattern. */
export function bucketNamed(text: string): string | undefined {
  return /^arn:[^:]*:s3:::([^/*?$]+)(\/|$)/.exec(text)?.[1];
}

/** The ARN of the bucket that an object's ARN is in. */
export function bucketOf(arn: string): string {
  return arn.replace(/^([^/]*)\/.*$/s, "$1");
}

/** The partition is left out of the comparison: that it is the same everywhere is a question of its own. */
export function fitOf(text: string, resource: string, variables: boolean): ReturnType<typeof fits> {
  const pattern = text.replace(/^arn:[^:]*:/, "arn:aws:");
  return fits(pattern, `arn:aws:s3:::${resource}`, { wildcards: true, variables });
}

function reaches(text: string, resource: string, variables: boolean): boolean {
  return fitOf(text, resource, variables) === "yes";
}
