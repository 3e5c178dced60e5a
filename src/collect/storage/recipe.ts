import type { CallOutcome, StorageAim, StoreFacts } from "../../domain/aws-facts.ts";
import { isDenied, readingOf } from "../../domain/call-outcome.ts";
import { folderOf } from "../../domain/iam/s3-needs.ts";
import { absent, known, type Known, type Origin } from "../../domain/known.ts";
import { toKnownAws } from "../aws/ask-aws.ts";
import { CloudError, type ObjectStore, type ObjectStoreOptions } from "../../ports.ts";
import { failedOutcome, notTried, outcomeOf } from "./outcome.ts";

/** What has to be known to ask one bucket. */
export interface StoreQuestion {
  readonly aim: StorageAim;
  /** As the database has it. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** Who signs asks the bucket where it is, whatever the region says. */
  readonly follows: boolean;
  readonly outOfReach: string | undefined;
  /** Options but for the region; undefined: it is not asked. */
  readonly options: Omit<ObjectStoreOptions, "region" | "bucket">;
  /** Account of the identity. */
  readonly account: string | undefined;
  readonly connect: (options: ObjectStoreOptions) => ObjectStore;
  readonly runId: string;
}

const NOT_ASKED: CallOutcome = notTried("the bucket was not asked before");

/**
 * The read-only recipe (failure catalogue, 3.5): the bucket's region, listing under the prefix, reading an object that is
 * not there, and what the bucket keeps. The first answer that decides ends it. What is asked of one bucket in vain is not
 * asked again.
 */
export async function askStore(question: StoreQuestion): Promise<StoreFacts> {
  const bare = startOf(question);
  if (question.outOfReach !== undefined) return bare;
  const region = await regionOf(question);
  if (region.end !== undefined) {
    const speaksTls = await answersToTls(question, region.end);
    return { ...bare, bucketRegion: region.known, list: region.end, speaksTls };
  }
  const facts: StoreFacts = { ...bare, bucketRegion: region.known };
  if (isElsewhere(facts, question))
    return { ...facts, list: notTried("the bucket is in another region than the database signs for") };
  const place = placeOf(facts, question);
  const store = storeIn(question, place);
  const listed = await listIn(store, question, place);
  if (!isAnswered(listed.list)) return { ...facts, ...listed };
  const folder = folderOf(question.aim.prefix);
  const [read, versioning, encryption, objectLock] = await Promise.all([
    readMissing(store, `${folder}.antfly-creds-probe/${question.runId}/missing`),
    versioningOf(store, question),
    encryptionOf(store, question),
    lockOf(store, question),
  ]);
  return { ...facts, ...listed, ...read, versioning, encryption, objectLock };
}

/** What has to be known of a bucket before a role writes to it: the write itself shows the rest. */
export async function askBeforeWrite(question: StoreQuestion): Promise<StoreFacts> {
  const bare = startOf(question);
  if (question.outOfReach !== undefined) return bare;
  const region = await regionOf(question);
  if (region.end !== undefined) return { ...bare, bucketRegion: region.known, list: region.end };
  const facts: StoreFacts = { ...bare, bucketRegion: region.known };
  return { ...facts, objectLock: await lockOf(storeIn(question, placeOf(facts, question)), question) };
}

function startOf({ aim, endpoint, region, outOfReach }: StoreQuestion): StoreFacts {
  const untold: Known<never> = {
    state: "unknown",
    why: "not-collected",
    detail: outOfReach ?? "the bucket was not asked",
    origin: originOf(aim),
  };
  return {
    aim,
    endpoint,
    region,
    outOfReach,
    bucketRegion: untold,
    list: NOT_ASKED,
    listAll: NOT_ASKED,
    speaksTls: undefined,
    foreign: undefined,
    read: NOT_ASKED,
    versioning: untold,
    encryption: untold,
    objectLock: untold,
  };
}

export function storeIn({ connect, options, aim: { bucket } }: StoreQuestion, region: string): ObjectStore {
  return connect({ ...options, bucket, region });
}

function originOf({ bucket }: Pick<StorageAim, "bucket">): Origin {
  return { via: "aws", ref: `bucket ${bucket}` };
}

/**
 * The header that AWS sends whatever it answers. Google asks for `storage.buckets.get` first, which few keys have, and
 * takes any region. `end` is an answer after which nothing more is asked.
 */
async function regionOf(question: StoreQuestion): Promise<{ known: Known<string>; end: CallOutcome | undefined }> {
  const origin = originOf(question.aim);
  if (question.options.provider === "gcs") return { known: absent(origin), end: undefined };
  try {
    const region = await storeIn(question, question.region).bucketRegion();
    return { known: region === undefined ? absent(origin) : known(region, origin), end: undefined };
  } catch (error) {
    const end = failedOutcome(error);
    const untold = { state: "unknown", why: "server-error", detail: messageOf(end), origin } as const;
    // A refusal says nothing of the bucket that listing it would not say better.
    return { known: untold, end: end.state === "failed" ? end : undefined };
  }
}

/** A server that speaks TLS cuts plain HTTP off, or answers what is no S3: then the same is asked with TLS, once. */
async function answersToTls(question: StoreQuestion, end: CallOutcome): Promise<boolean | undefined> {
  const { endpoint } = question.options;
  if (end.state !== "failed" || endpoint?.startsWith("http://") !== true) return undefined;
  if (end.network === "ENOTFOUND" || end.network === "ECONNREFUSED") return undefined;
  const options = { ...question.options, endpoint: endpoint.replace("http://", "https://") };
  const again = await outcomeOf(
    async () => void (await storeIn({ ...question, options }, question.region).bucketRegion()),
  );
  return again.state !== "failed" || UNTRUSTED.test(again.network ?? "");
}

/** A certificate was shown, and is not trusted here. */
const UNTRUSTED = /CERT|UNABLE_TO_/;

function messageOf(outcome: CallOutcome): string {
  return outcome.state === "refused" ? outcome.message : outcome.state === "failed" ? outcome.why : "";
}

function isElsewhere({ bucketRegion }: StoreFacts, { options, region, follows }: StoreQuestion): boolean {
  return options.provider === "aws" && !follows && bucketRegion.state === "known" && bucketRegion.value !== region;
}

/** The region that requests are signed for. */
export function placeOf({ bucketRegion }: StoreFacts, { region, options, follows }: StoreQuestion): string {
  return options.provider === "aws" && follows && bucketRegion.state === "known" ? bucketRegion.value : region;
}

/** The store answered something about the bucket: yes, or that this identity may not. */
function isAnswered(outcome: CallOutcome): boolean {
  return outcome.state === "ok" || isDenied(outcome);
}

/** Listing below the prefix; where that is denied also without one, and without saying whose the bucket has to be. */
async function listIn(
  store: ObjectStore,
  question: StoreQuestion,
  place: string,
): Promise<Pick<StoreFacts, "list" | "listAll" | "foreign">> {
  const { aim, account, options } = question;
  const prefix = folderOf(aim.prefix);
  const own = account !== undefined && options.provider === "aws" ? { owner: account } : undefined;
  const strict = own === undefined ? store : storeIn({ ...question, options: { ...options, ...own } }, place);
  const first = await listOnce(strict, prefix);
  if (!isDenied(first)) {
    return { list: first, listAll: NOT_ASKED, foreign: own && first.state === "ok" ? false : undefined };
  }
  const [list, listAll] = await Promise.all([
    own === undefined ? first : listOnce(store, prefix),
    prefix === "" ? NOT_ASKED : listOnce(store, ""),
  ]);
  return { list, listAll, foreign: list.state === "ok" ? true : undefined };
}

function listOnce(store: ObjectStore, prefix: string): Promise<CallOutcome> {
  return outcomeOf(async () => void (await store.list(prefix, 1)));
}

/** Where the denial does not say which right lacks, it is that to read only if the whole bucket may be listed. */
async function readMissing(store: ObjectStore, key: string): Promise<Pick<StoreFacts, "read"> & Partial<StoreFacts>> {
  const read = readingOf(await outcomeOf(() => readNobodys(store, key)));
  if (!isDenied(read) || /\bs3:GetObject\b/.test(read.message)) return { read };
  const listAll = await listOnce(store, "");
  return { listAll, read: listAll.state === "ok" ? read : notTried(UNTOLD) };
}

async function readNobodys(store: ObjectStore, key: string): Promise<void> {
  await store.get(key);
  throw new CloudError("malformed", "s3:GetObject", "the store answered with an object that nobody has written");
}

const UNTOLD = "the store does not tell who may not read from who may not list";

function versioningOf(store: ObjectStore, { aim }: StoreQuestion): Promise<StoreFacts["versioning"]> {
  return askOf(aim, "s3:GetBucketVersioning", async () => known(await store.versioning(), originOf(aim)));
}

function encryptionOf(store: ObjectStore, { aim }: StoreQuestion): Promise<StoreFacts["encryption"]> {
  return askOf(aim, "s3:GetEncryptionConfiguration", async () => {
    const found = await store.encryption();
    return found === undefined ? absent(originOf(aim)) : known(found, originOf(aim));
  });
}

function lockOf(store: ObjectStore, { aim }: StoreQuestion): Promise<StoreFacts["objectLock"]> {
  return askOf(aim, "s3:GetBucketObjectLockConfiguration", async () => known(await store.objectLock(), originOf(aim)));
}

/** Worth knowing, and no more: stores of one's own often have no such call. */
function askOf<T>({ bucket }: StorageAim, action: string, read: () => Promise<Known<T>>): Promise<Known<T>> {
  const grant = { action, resource: `arn:aws:s3:::${bucket}`, optional: true };
  return toKnownAws(`bucket ${bucket}`, grant, read);
}
