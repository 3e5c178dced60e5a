import { gkeNameIn } from "../../domain/gcp/gke-name.ts";
import type { GoogleBucketFacts, HmacKeyFacts } from "../../domain/google-facts.ts";
import { GET_HMAC_KEY } from "../../domain/google-grants.ts";
import { absent, known, valueOf, type Known, type Unknown } from "../../domain/known.ts";
import { sentenceList } from "../../domain/text.ts";
import { formOf, shownKeyId } from "../../domain/values/key-form.ts";
import type { Sensitive } from "../../domain/sensitive.ts";
import { GoogleError, type Google } from "../../ports.ts";
import { defineCollector, type Cloud } from "../collector.ts";
import { staticCredentials } from "../storage/static-credentials.ts";
import { askGoogle, ofGoogle, toKnownGoogle } from "./ask-google.ts";
import { readGoogleBucket } from "./buckets.ts";

const REF = "the HMAC keys";
/** Ids of service accounts' keys have 61 characters, those of people 24 ("HMAC keys", Cloud Storage). */
const LENGTH_OF_PERSONS = 24;

/** HMAC keys that the nodes have, as Google knows them. Which project a key is of is not in it: those at hand are asked. */
export const hmacKeysCollector = defineCollector({
  gives: "hmacKeys",
  needs: ["cluster", "references", "environments", "aims"],
  wants: ["gkeCluster"],
  collect: async (
    { cluster, references, environments, aims },
    world,
    { gkeCluster },
  ): Promise<Known<readonly HmacKeyFacts[]>> => {
    const keys = staticCredentials(cluster, environments, references, () => undefined).filter(
      ({ id }) => formOf(textOf(id)) === "gcs-hmac-id",
    );
    if (keys.length === 0) return known([], { via: "kube", ref: REF });
    const buckets = [...new Set(aims.filter(({ identity }) => identity === "usual").map(({ bucket }) => bucket))];
    return askGoogle(world, REF, undefined, async (google) => {
      const own = gkeCluster && valueOf(gkeCluster)?.project;
      const projects = "off" in world.cloud ? [] : await projectsAtHand(google, world.cloud, own);
      const asked = await Promise.all(
        keys.map(async ({ id, source, secret, idKey }): Promise<HmacKeyFacts> => {
          const shown = shownKeyId(id);
          const ofPerson = textOf(id).length === LENGTH_OF_PERSONS;
          const key = ofPerson ? onlyTheirs(shown) : await keyIn(google, projects, textOf(id), shown);
          const found = key.state === "known" ? await readBuckets(google, buckets) : [];
          return { source, secret, idKey, keyId: shown, ofPerson, askedIn: projects, key, buckets: found };
        }),
      );
      return known(asked, ofGoogle(REF));
    });
  },
});

function textOf(value: Sensitive): string {
  return Buffer.from(value.reveal()).toString("utf8");
}

/** The project of the cluster, and that of the tool's own identity. */
async function projectsAtHand(google: Google, { gkeCluster, kube }: Cloud, own: string | undefined): Promise<string[]> {
  const ofTool = await google.project().catch((error: unknown) => {
    if (error instanceof GoogleError) return undefined;
    throw error;
  });
  const all = [own, gkeCluster?.project, gkeNameIn(kube.clusterEntry)?.project, ofTool];
  return [...new Set(all.filter((project) => project !== undefined))];
}

/** The one project that knows it tells; another one that may not be asked could be it. */
async function keyIn(
  google: Google,
  projects: readonly string[],
  accessId: string,
  shown: string,
): Promise<HmacKeyFacts["key"]> {
  const ref = `HMAC key ${shown}`;
  if (projects.length === 0) return untold(ref, "nothing says which project it is of");
  let unknown: Unknown | undefined;
  for (const project of projects) {
    const fact = await toKnownGoogle(`${ref} in project ${project}`, GET_HMAC_KEY, async () => {
      const { state, account, createdAt, project: of } = await google.getHmacKey(project, accessId);
      return known({ state, account, project: of, createdAt }, ofGoogle(ref));
    });
    if (fact.state === "known") return fact;
    if (fact.state === "unknown") unknown ??= fact;
  }
  return unknown ?? absent(ofGoogle(`${ref} in ${sentenceList(projects)}`));
}

function onlyTheirs(shown: string): Unknown {
  return untold(`HMAC key ${shown}`, "Google tells of a person's HMAC key nobody but that person");
}

function untold(ref: string, detail: string): Unknown {
  return { state: "unknown", why: "not-given", detail, origin: ofGoogle(ref) };
}

async function readBuckets(google: Google, buckets: readonly string[]): Promise<GoogleBucketFacts[]> {
  const found = await Promise.all(buckets.map((bucket) => readGoogleBucket(google, bucket)));
  return found.filter((one) => one !== undefined);
}
