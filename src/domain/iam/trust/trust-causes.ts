import { edit, finding, type Code, type Finding, type Fix, type Ref } from "../../finding.ts";
import type { TrustFinding } from "./trust-types.ts";

/** What lets in more than it should; all else keeps somebody out. */
const TOO_WIDE: ReadonlySet<string> = new Set([
  "irsa.aud-missing",
  "irsa.condition-missing",
  "irsa.forallvalues",
  "irsa.ifexists",
  "irsa.principal-wildcard",
  "irsa.stringlike-broad",
  "irsa.sub-missing",
  "irsa.trust-size",
]);

/** The check that finds the cause on a cluster. */
export function codeOfTrustCause(cause: string): Code {
  if (cause.startsWith("epi.")) return "ANT0309";
  return TOO_WIDE.has(cause) ? "ANT0305" : "ANT0304";
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
