import { edit, finding, type Code, type Finding, type Fix, type Ref } from "../../finding.ts";
import type { TrustFinding } from "./trust-types.ts";

/** What lets in more than it should; all else keeps somebody out. */
export const TOO_WIDE = [
  "irsa.aud-missing",
  "irsa.condition-missing",
  "irsa.forallvalues",
  "irsa.ifexists",
  "irsa.principal-wildcard",
  "irsa.stringlike-broad",
  "irsa.sub-missing",
  "irsa.trust-size",
] as const;

/** The check that finds the cause on a cluster. */
export function codeOfTrustCause(cause: string): Code {
  if (cause.startsWith("epi.")) return "ANT0309";
  return isTooWide(cause) ? "ANT0305" : "ANT0304";
}

/** Whether it is about who is let in, and not about who is kept out. */
export function isTooWide(cause: string): boolean {
  return (TOO_WIDE as readonly string[]).includes(cause) || cause === "epi.trust-unscoped";
}

/** A finding of the engine in the shape that findings have everywhere. `fixes` come before what the engine says in words. */
export function asFinding(found: TrustFinding, subject: Ref, file: string | undefined, fixes: readonly Fix[]): Finding {
  const { cause, severity, message, path, place, want, has, marked, fix } = found;
  const evidence = {
    label: path === "" ? "policy" : path,
    path,
    ...(want === undefined ? {} : { want }),
    ...(has === undefined ? {} : { has }),
  };
  const difference = marked === undefined ? [] : [{ label: "difference", has: marked, path }];
  const whole = finding(cause, severity, subject, message, {
    evidence: [evidence, ...difference],
    fixes: [...fixes, ...(fix === undefined ? [] : [edit(fix)])],
  });
  return file === undefined || place === undefined ? whole : { ...whole, location: { file, ...place } };
}
