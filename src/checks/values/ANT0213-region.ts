import { distinctBy } from "../../domain/distinct.ts";
import {
  describeSource,
  isComplete,
  refOfSource,
  type EffectiveEnvironment,
  type Supply,
} from "../../domain/env/effective.ts";
import { ACCESS_KEY_ID, ENDPOINT_URL, REGION } from "../../domain/env/static-keys.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import type { PodFacts } from "../../domain/workload-facts.ts";
import { finding, type Finding, type Severity } from "../../domain/finding.ts";
import { writeKeys } from "../../domain/fixes.ts";
import { GET_SECRETS, LIST_PODS } from "../../domain/grants.ts";
import type { Generation } from "../../domain/operator/generation.ts";
import { partitionOf } from "../../domain/values/region.ts";
import { defineCheck } from "../define.ts";
import { judgedEnvironments, unreadReason } from "./judged-environments.ts";

const DEFAULT_VARIABLE = "AWS_DEFAULT_REGION";
/** What the database signs for when nobody names a region (operator facts, 7.1). */
const ASSUMED = "us-east-1";

export default defineCheck({
  code: "ANT0213",
  slug: "region",
  title: "AWS_REGION is the region of the endpoint",
  area: "values",
  scopes: ["cluster", "values"],
  causes: ["aws.partition", "s3.region-default", "s3.region-mismatch", "s3.region-only-default-var"],
  needs: ["cluster", "environments", "operator"],
  wants: ["pods"],
  after: ["ANT0201", "ANT0202"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS, LIST_PODS],
  run: ({ cluster, environments = [], operator, pods = [] }, { target }) => {
    if (cluster?.configured.endpoint === true) return { skip: "spec.config names the endpoint itself" };
    const judged = judgedEnvironments(cluster, environments);
    const placed = judged.filter(({ variables }) =>
      [REGION, DEFAULT_VARIABLE, ENDPOINT_URL].some((name) => variables[name]),
    );
    if (placed.length === 0) return judged.every(isComplete) ? { skip: "neither a region nor an endpoint is set" } : [];
    const own = placed.filter(({ of }) => !isInjected(of, pods));
    if (own.length === 0) return { skip: `the pods have ${REGION} from elsewhere, which ANT0209 compares` };
    const surroundings = { cluster, namespace: target.namespace, generation: operator?.generation };
    const found = own.flatMap((one) => faults(one, surroundings));
    if (found.length > 0) return distinctBy(found, ({ message }) => message);
    const unread = unreadReason(own, [REGION, DEFAULT_VARIABLE, ENDPOINT_URL]);
    return unread === undefined ? [] : { skip: unread };
  },
});

/** Every pod of the group has an `env` entry for the region: what `envFrom` says of it does not count. */
function isInjected(group: string, pods: readonly PodFacts[]): boolean {
  const mine = pods.filter((pod) => pod.group === group && !pod.terminating);
  return mine.length > 0 && mine.every((pod) => pod.env.some(({ name }) => name === REGION));
}

interface Surroundings {
  readonly cluster: ClusterFacts | undefined;
  readonly namespace: string;
  readonly generation: Generation | undefined;
}

function faults(environment: EffectiveEnvironment, surroundings: Surroundings): Finding[] {
  const { variables } = environment;
  const [region, endpoint] = [variables[REGION], variables[ENDPOINT_URL]?.from];
  if (region?.from !== undefined) return contradictions(region.from, endpoint, surroundings);
  // The Go images of generation 1 ask the bucket where it is. Without a key nobody signs.
  const signs = surroundings.generation !== 1 && variables[ACCESS_KEY_ID] !== undefined;
  if (region !== undefined || !signs) return [];
  const fallback = variables[DEFAULT_VARIABLE]?.from;
  return fallback === undefined
    ? noRegion(endpoint, surroundings)
    : onlyDefaultVariable(fallback, endpoint, surroundings);
}

/** The region and the endpoint name two places. */
function contradictions(region: Supply, endpoint: Supply | undefined, surroundings: Surroundings): Finding[] {
  const place = endpoint?.facts.endpoint;
  if (place === undefined) return [];
  const { generation } = surroundings;
  // One of the two is a mistake; whether it does harm yet is another matter.
  const severity: Severity = generation === 1 ? "warning" : "error";
  const harm =
    generation === 1
      ? "the images of this operator do not read it, later ones do"
      : "requests signed for one fail in the other";
  const told = region.facts.region;
  if (told === undefined) {
    const isOther = /(^|_)REGION$/i.test(region.key) && !region.facts.unread && region.facts.shape.length === 0;
    if (!isOther || place.region === undefined) return [];
    const what = `is not the name of a region, and ${ENDPOINT_URL} is in ${place.region}: ${harm}`;
    return [
      tell("s3.region-mismatch", severity, region, { what, want: place.region, has: "another text" }, surroundings),
    ];
  }
  const [suffix, wanted] = [suffixOf(partitionOf(told)), suffixOf(place.partition)];
  if (told !== "auto" && suffix !== undefined && wanted !== undefined && suffix !== wanted) {
    const what = `is ${told}, whose endpoints end in ${suffix}, and ${ENDPOINT_URL} ends in ${wanted}: ${harm}`;
    return [tell("aws.partition", severity, region, { what, want: `a region of ${wanted}`, has: told }, surroundings)];
  }
  if (place.region === undefined || told === place.region) return [];
  const what = `is ${told}, and ${ENDPOINT_URL} is in ${place.region}: ${harm}`;
  return [tell("s3.region-mismatch", severity, region, { what, want: place.region, has: told }, surroundings)];
}

/** The end of the host names in a partition, where it is known. */
function suffixOf(partition: string | undefined): string | undefined {
  if (partition === "aws-cn") return "amazonaws.com.cn";
  return partition === "aws" || partition === "aws-us-gov" ? "amazonaws.com" : undefined;
}

/** The name that AWS's own command line reads, and the database does not. */
function onlyDefaultVariable(fallback: Supply, endpoint: Supply | undefined, surroundings: Surroundings): Finding[] {
  const place = endpoint?.facts.endpoint;
  const meant = fallback.facts.region;
  if (place?.host === "gcs" || (meant === ASSUMED && (place?.region ?? ASSUMED) === ASSUMED)) return [];
  const elsewhere = place?.region !== undefined && place.region !== ASSUMED;
  const severity = elsewhere && surroundings.generation !== undefined ? "error" : "warning";
  const what = `is not read by the database, which signs for ${ASSUMED} unless ${REGION} says otherwise`;
  const want = place?.region ?? meant ?? "the region";
  const text = { what, want, has: `${DEFAULT_VARIABLE} alone` };
  return [tell("s3.region-only-default-var", severity, fallback, text, surroundings)];
}

function noRegion(endpoint: Supply | undefined, surroundings: Surroundings): Finding[] {
  const region = endpoint?.facts.endpoint?.region;
  if (endpoint === undefined || region === undefined || region === ASSUMED) return [];
  // Nobody knows yet which images will read an env file.
  const severity = surroundings.generation === undefined ? "warning" : "error";
  const what = `is in ${region}, and ${REGION} is not set: the database signs for ${ASSUMED}, and AWS answers AuthorizationHeaderMalformed`;
  return [tell("s3.region-default", severity, endpoint, { what, want: region, has: "not set" }, surroundings)];
}

/** `what` goes on after `AWS_REGION in Secret x`. */
function tell(
  cause: string,
  severity: Severity,
  at: Supply,
  { what, want, has }: { readonly what: string; readonly want: string; readonly has: string },
  { cluster, namespace }: Surroundings,
): Finding {
  const subject = refOfSource(at.source, namespace);
  const message = `${at.key} in ${describeSource({ ...at.source, prefix: "" })} ${what}`;
  const evidence = [{ label: REGION, want, has, path: `/data/${at.key}` }];
  return finding(cause, severity, subject, message, { evidence, fixes: [writeKeys(cluster, subject)] });
}
