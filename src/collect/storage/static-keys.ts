import type { AwsCaller, CallOutcome, StaticKeyFacts, StorageAim } from "../../domain/aws-facts.ts";
import { isAboutKey } from "../../domain/call-outcome.ts";
import { REGION } from "../../domain/env/static-keys.ts";
import type { PodFacts } from "../../domain/workload-facts.ts";
import { known, valueOf, type Known } from "../../domain/known.ts";
import { shownKeyId } from "../../domain/values/key-form.ts";
import { partitionOf } from "../../domain/values/region.ts";
import { shownEndpoint, shownRegion } from "../../domain/values/shown.ts";
import type { Aws, AwsCredentials } from "../../ports.ts";
import { askAws } from "../aws/ask-aws.ts";
import { inPartition } from "../aws/in-partition.ts";
import { defineCollector, type Cloud } from "../collector.ts";
import { keepQuestions } from "./kept-questions.ts";
import { keyAccount, keyOwner } from "./key-owner.ts";
import { failedOutcome, notTried } from "./outcome.ts";
import { askStore } from "./recipe.ts";
import { DEFAULT_REGION, providerOf, questionOf } from "./signing.ts";
import { staticCredentials, type StaticCredential } from "./static-credentials.ts";

/** Static keys of the nodes, asked of AWS and of the stores that they are for. Nothing is written. */
export const staticKeysCollector = defineCollector({
  gives: "staticKeys",
  needs: ["cluster", "references", "environments", "aims"],
  wants: ["operator", "pods"],
  collect: ({ cluster, references, environments, aims }, world, wants): Promise<Known<readonly StaticKeyFacts[]>> =>
    askAws(world, "the static keys", undefined, async (aws, cloud) => {
      const pods = (wants.pods && valueOf(wants.pods)) ?? [];
      const found = staticCredentials(cluster, environments, references, (group) => injectedRegion(pods, group));
      // The Go images of generation 1 do not read the region, and ask the bucket (operator facts, 7.1).
      const follows = (wants.operator && valueOf(wants.operator))?.generation === 1;
      const mine = aims.filter(({ identity }) => identity === "usual");
      const keys = await Promise.all(found.map((one) => askKey({ ...one, follows }, mine, aws, cloud)));
      return known(keys, { via: "aws", ref: "the static keys" });
    }),
});

async function askKey(
  credential: StaticCredential & { readonly follows: boolean },
  aims: readonly StorageAim[],
  aws: Aws,
  cloud: Cloud,
): Promise<StaticKeyFacts> {
  const { id, secretKey, token, endpoint } = credential;
  const credentials: AwsCredentials = { accessKeyId: id, secretAccessKey: secretKey, sessionToken: token };
  const region = credential.region ?? DEFAULT_REGION;
  const provider = providerOf(endpoint);
  const shown = shownKeyId(id);
  const who = provider === "aws" ? await whose(aws, cloud, credentials, region) : NOT_AWS;
  const { follows } = credential;
  const signing = { endpoint, region, follows, credentials, account: who.caller?.account };
  const connect = (options: Parameters<Aws["objectStore"]>[0]): ReturnType<Aws["objectStore"]> =>
    aws.objectStore(options);
  const questions = aims.map((aim) => questionOf(aim, signing, cloud, connect));
  // A key that AWS does not take opens no bucket: that is told once.
  const asked = isAboutKey(who.identity) ? [] : await Promise.all(questions.map((one) => askStore(one)));
  const { source, secret, idKey, users, misshapen } = credential;
  const facts: StaticKeyFacts = {
    source,
    secret,
    idKey,
    users,
    misshapen,
    keyId: shown,
    provider,
    endpoint: shownEndpoint(endpoint),
    region: shownRegion(region),
    regionFrom: credential.region === undefined ? "default" : "AWS_REGION",
    ...who,
    stores: asked.map((store) => ({
      ...store,
      endpoint: shownEndpoint(store.endpoint),
      region: shownRegion(store.region),
    })),
  };
  keepQuestions(facts, questions);
  return facts;
}

/** What a webhook has put into each pod of the group wins over what `envFrom` says. */
function injectedRegion(pods: readonly PodFacts[], group: string): string | undefined {
  const mine = pods.filter((pod) => pod.group === group && !pod.terminating);
  const regions = new Set(mine.map(({ identity }) => identity?.variables[REGION]));
  return regions.size === 1 ? [...regions][0] : undefined;
}

type Who = Pick<StaticKeyFacts, "identity" | "caller" | "account" | "otherPartition" | "key">;

const NOT_ASKED: StaticKeyFacts["key"] = {
  state: "unknown",
  why: "not-given",
  detail: "the store is not AWS, which alone could tell whose key it is",
  origin: { via: "aws", ref: "the static keys" },
};
const NOT_AWS: Who = {
  identity: notTried("the store is not AWS, and has no STS to ask"),
  caller: undefined,
  account: undefined,
  otherPartition: undefined,
  key: NOT_ASKED,
};

/** Whose key it is by itself; IAM is asked as well, which may know why it is refused. Needs no permission of the key's. */
async function whose(usual: Aws, cloud: Cloud, credentials: AwsCredentials, region: string): Promise<Who> {
  const { accessKeyId: id } = credentials;
  const aws = await inPartition(usual, cloud, region);
  const [{ identity, caller }, key] = await Promise.all([
    identityOf(aws, credentials, region),
    keyOwner(aws, id, shownKeyId(id)),
  ]);
  if (identity.state !== "refused" || key.state === "known")
    return { identity, caller, account: undefined, otherPartition: undefined, key };
  // Most keys are of the partition that everybody uses.
  const other = partitionOf(region) === "aws" ? undefined : await cloud.aws(DEFAULT_REGION);
  const [account, there] = await Promise.all([
    keyAccount(aws, id),
    other && identityOf(other, credentials, DEFAULT_REGION),
  ]);
  return { identity, caller, account, otherPartition: there?.caller?.partition, key };
}

async function identityOf(
  aws: Aws,
  credentials: AwsCredentials,
  region: string,
): Promise<{ identity: CallOutcome; caller: AwsCaller | undefined }> {
  try {
    const { account, arn } = await aws.callerIdentity(credentials);
    const partition = arn.split(":")[1] ?? partitionOf(region);
    return { identity: { state: "ok", detail: arn }, caller: { account, arn, partition } };
  } catch (error) {
    return { identity: failedOutcome(error), caller: undefined };
  }
}
