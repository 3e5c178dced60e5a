import { isMapping } from "../collect/inputs/documents.ts";
import type { Facts } from "../domain/facts.ts";
import { describeRef, type Ref } from "../domain/finding.ts";
import { refOfCluster } from "../domain/fixes.ts";
import { valueOf } from "../domain/known.ts";
import { SUPPRESS, suppressionsOn } from "../domain/suppression-annotation.ts";
import type { SuppressionEntry } from "../domain/suppression.ts";
import type { KubeObject } from "../ports.ts";
import { isCodeOrCause } from "./check-run.ts";
import type { Look } from "./look.ts";

/** Suppressions that are written on the objects that were read. */
export function suppressionsIn({ target: { namespace } }: Look, facts: Facts): SuppressionEntry[] {
  const cluster = facts.cluster && valueOf(facts.cluster);
  const account = facts.serviceAccount && valueOf(facts.serviceAccount);
  const secrets = Object.entries((facts.references && valueOf(facts.references)?.secrets) ?? {});
  const objects: [Ref, Readonly<Record<string, string>>][] = [
    ...(cluster === undefined ? [] : [[refOfCluster(cluster), cluster.annotations] as [Ref, Record<string, string>]]),
    ...secrets.flatMap(([name, fact]): [Ref, Readonly<Record<string, string>>][] =>
      fact.state === "known" ? [[{ kind: "Secret", namespace, name }, fact.value.annotations]] : [],
    ),
  ];
  if (account !== undefined)
    objects.push([{ kind: "ServiceAccount", namespace, name: account.name }, account.annotations]);
  return objects.flatMap(([ref, annotations]) => suppressionsOn(ref, annotations)).map(withKnownCodes);
}

/** Kinds whose annotation is read. */
const SUPPRESSING = new Set(["AntflyCluster", "Secret", "ServiceAccount"]);

/** Suppressions that are written on an object of a file, for findings about that one. */
export function suppressionsInFile(ref: Ref, object: KubeObject): SuppressionEntry[] {
  const { annotations } = isMapping(object["metadata"]) ? object["metadata"] : {};
  const text = isMapping(annotations) ? annotations[SUPPRESS] : undefined;
  if (!SUPPRESSING.has(ref.kind) || typeof text !== "string") return [];
  return suppressionsOn(ref, { [SUPPRESS]: text }).map((entry) =>
    withKnownCodes({ ...entry, subject: describeRef(ref) }),
  );
}

function withKnownCodes(entry: SuppressionEntry): SuppressionEntry {
  const wrong = entry.codes.find((code) => !isCodeOrCause(code));
  return wrong === undefined || entry.problem !== undefined
    ? entry
    : { ...entry, codes: [], problem: `no check has the code or cause "${wrong}"` };
}
