import { describeSource, refOfSource, type EffectiveEnvironment, type Supply } from "../../domain/env/effective.ts";
import { ACCESS_KEY_ID, ENDPOINT_URL, REGION } from "../../domain/env/static-keys.ts";
import type { ClusterFacts } from "../../domain/facts.ts";
import { finding, type Finding, type Severity } from "../../domain/finding.ts";
import { writeKeys } from "../../domain/fixes.ts";
import { GET_SECRETS } from "../../domain/grants.ts";
import type { Generation } from "../../domain/operator/generation.ts";
import { partitionOf } from "../../domain/values/region.ts";
import { defineCheck } from "../define.ts";
import { judgedEnvironments } from "./judged-environments.ts";

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
  after: ["ANT0201", "ANT0202"],
  required: true,
  effect: "read",
  severity: "error",
  grants: [GET_SECRETS],
  run: ({ cluster, environments = [], operator }, { target }) => {
    const judged = judgedEnvironments(cluster, environments);
    const placed = judged.filter((one) => endpointOf(one)?.facts.endpoint !== undefined || regionOf(one) !== undefined);
    if (placed.length === 0) return judged.length === 0 ? [] : { skip: "neither a region nor an endpoint is set" };
    const found = placed.flatMap((one) => faults(one, cluster, target.namespace, operator?.generation));
    return found.filter((one, i, list) => list.findIndex((other) => other.message === one.message) === i);
  },
});

function faults(
  environment: EffectiveEnvironment,
  cluster: ClusterFacts | undefined,
  namespace: string,
  generation: Generation | undefined,
): Finding[] {
  const [region, endpoint] = [regionOf(environment), endpointOf(environment)];
  const place = endpoint?.facts.endpoint;
  const fallback = environment.variables[DEFAULT_VARIABLE]?.from;
  const tell = (cause: string, severity: Severity, at: Supply, what: string, want: string, has: string): Finding => {
    const subject = refOfSource(at.source, namespace);
    const message = `${at.key} in ${describeSource({ ...at.source, prefix: "" })} ${what}`;
    const evidence = [{ label: REGION, want, has, path: `/data/${at.key}` }];
    return finding(cause, severity, subject, message, { evidence, fixes: [writeKeys(cluster, subject)] });
  };
  const told = region?.facts.region;
  if (region !== undefined && told !== undefined && place?.partition !== undefined) {
    const partition = partitionOf(told);
    const suffixOf = (one: string): string => (one === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com");
    const known = partition === "aws" || partition === "aws-cn" || partition === "aws-us-gov";
    if (known && suffixOf(partition) !== suffixOf(place.partition)) {
      const what = `is ${told}, whose endpoints end in ${suffixOf(partition)}; ${ENDPOINT_URL} ends in ${suffixOf(place.partition)}`;
      return [tell("aws.partition", "error", region, what, `a region of ${suffixOf(place.partition)}`, told)];
    }
  }
  if (region !== undefined && told !== undefined && place?.region !== undefined && told !== place.region) {
    const what = `is ${told}, and ${ENDPOINT_URL} is in ${place.region}: requests signed for one fail in the other`;
    return [tell("s3.region-mismatch", "error", region, what, place.region, told)];
  }
  if (region !== undefined || environment.variables[REGION] !== undefined) return [];
  if (fallback !== undefined) {
    const want = place?.region ?? fallback.facts.region ?? "the region";
    const severity = (fallback.facts.region ?? place?.region) === ASSUMED ? "warning" : "error";
    const what = `is not read by the database: it signs for ${ASSUMED} unless ${REGION} says otherwise`;
    return [tell("s3.region-only-default-var", severity, fallback, what, want, `${DEFAULT_VARIABLE} alone`)];
  }
  if (endpoint === undefined || place?.region === undefined || place.region === ASSUMED) return [];
  // The Go images of generation 1 ask the bucket where it is; an env file is for any of them.
  if (generation === 1 || environment.variables[ACCESS_KEY_ID] === undefined) return [];
  const severity = generation === undefined ? "warning" : "error";
  const what = `is in ${place.region}, and ${REGION} is not set: the database signs for ${ASSUMED}, and AWS answers AuthorizationHeaderMalformed`;
  return [tell("s3.region-default", severity, endpoint, what, place.region, "not set")];
}

function regionOf({ variables }: EffectiveEnvironment): Supply | undefined {
  return variables[REGION]?.from;
}

function endpointOf({ variables }: EffectiveEnvironment): Supply | undefined {
  return variables[ENDPOINT_URL]?.from;
}
