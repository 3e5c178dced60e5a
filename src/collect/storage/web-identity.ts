import type { CallOutcome, StorageAim, WebIdentityFacts } from "../../domain/aws-facts.ts";
import { REGION } from "../../domain/env/static-keys.ts";
import { nodeEnvironments } from "../../domain/env/groups.ts";
import type { ClusterFacts, Facts } from "../../domain/facts.ts";
import { MINT_TOKEN } from "../../domain/grants.ts";
import { probePolicies } from "../../domain/iam/probe-policy.ts";
import { tokenAudience } from "../../domain/identity-use.ts";
import { absent, known, valueOf, type Known } from "../../domain/known.ts";
import type { Sensitive } from "../../domain/sensitive.ts";
import { regionIn } from "../../domain/values/region.ts";
import type { Aws, AwsCredentials } from "../../ports.ts";
import { askAws, notAsked } from "../aws/ask-aws.ts";
import { defineCollector, toKnown, type Cloud } from "../collector.ts";
import { keepQuestions } from "./kept-questions.ts";
import { failedOutcome, notTried } from "./outcome.ts";
import { askBeforeWrite, type StoreQuestion } from "./recipe.ts";
import { DEFAULT_REGION, questionOf } from "./signing.ts";
import { claimsOf } from "./token-claims.ts";

/** For a role that no bucket is known of. */
const NOTHING = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }] });
/** The least that the API server gives. */
const TOKEN_SECONDS = 600;
/** The least that STS gives. */
const SESSION_SECONDS = 900;

/**
 * The token of the pods' ServiceAccount, taken to STS: what IRSA does in a pod, from here. The session is limited to the
 * folder of the probe. Absent where the ServiceAccount has no role.
 */
export const webIdentityCollector = defineCollector({
  gives: "webIdentity",
  needs: ["cluster", "serviceAccount", "aims"],
  wants: ["pods", "environments"],
  collect: async ({ cluster, serviceAccount, aims }, world, wants): Promise<Known<WebIdentityFacts>> => {
    const { name, awsRole: roleArn } = serviceAccount;
    if (roleArn === undefined) return absent({ via: "kube", ref: `ServiceAccount ${name}` });
    const ref = `role ${roleArn}`;
    // Other facts are told better by a token that was minted, and do without one.
    if (!("off" in world.cloud) && !world.cloud.prove)
      return notAsked(ref, "no token is minted unless --prove asks for it");
    const audience = tokenAudience(serviceAccount, wants.pods && valueOf(wants.pods));
    const own = regionOfPods(cluster, wants);
    const [, partition = "aws"] = roleArn.split(":");
    const place = own === undefined ? undefined : regionIn(partition, own);
    const ask = async (aws: Aws, cloud: Cloud): Promise<Known<WebIdentityFacts>> =>
      toKnown(`a token of ServiceAccount ${name}`, MINT_TOKEN, async () => {
        const token = await cloud.kube.createToken(world.namespace, name, audience, TOKEN_SECONDS);
        const start = { serviceAccount: name, roleArn, audience, token: claimsOf(token) };
        const mine = aims.filter(({ identity }) => identity !== "own-keys");
        const region = own ?? aws.region ?? DEFAULT_REGION;
        return known(await asRole(start, { token, aims: mine, region }, aws, cloud), { via: "aws", ref });
      });
    return askAws(world, ref, undefined, ask, place);
  },
});

/** The region that the webhook put into the pods, or that their environment has. */
function regionOfPods(cluster: ClusterFacts, { pods, environments }: Facts): string | undefined {
  const injected = ((pods && valueOf(pods)) ?? []).flatMap(({ identity }) => identity?.variables[REGION] ?? []);
  const nodes = nodeEnvironments(cluster, (environments && valueOf(environments)) ?? []);
  return injected[0] ?? nodes.flatMap(({ variables }) => variables[REGION]?.from?.facts.region ?? [])[0];
}

type Start = Pick<WebIdentityFacts, "serviceAccount" | "roleArn" | "audience" | "token">;

interface Wanted {
  readonly token: Sensitive;
  readonly aims: readonly StorageAim[];
  readonly region: string;
}

async function asRole(
  start: Start,
  { token, aims, region }: Wanted,
  aws: Aws,
  cloud: Cloud,
): Promise<WebIdentityFacts> {
  const [, partition = "aws", , , account = ""] = start.roleArn.split(":");
  const policies = probePolicies(partition, aims);
  // Without a bucket the role is taken on all the same: that is what was asked.
  const sessions = policies.length > 0 ? policies : [{ targets: [], policy: NOTHING }];
  const questions: StoreQuestion[] = [];
  let assumed: CallOutcome = notTried("no session was asked for");
  let assumedArn: string | undefined;
  for (const { targets, policy } of sessions) {
    try {
      const session = await aws.assumeRoleWithWebIdentity({
        roleArn: start.roleArn,
        token,
        sessionName: `antfly-creds-${cloud.runId}`,
        durationSeconds: SESSION_SECONDS,
        policy,
      });
      assumed = { state: "ok", detail: session.arn };
      assumedArn = session.arn;
      questions.push(...targets.map((aim) => ask(aim, session.credentials)));
    } catch (error) {
      assumed = failedOutcome(error);
      break;
    }
  }
  const stores = await Promise.all(questions.map((question) => askBeforeWrite(question)));
  const facts = { ...start, assumed, assumedArn, stores };
  keepQuestions(facts, questions);
  return facts;

  function ask(aim: StorageAim, credentials: AwsCredentials): StoreQuestion {
    const signing = { endpoint: undefined, region, follows: true, credentials, account };
    return questionOf(aim, signing, cloud, (options) => aws.objectStore(options));
  }
}
