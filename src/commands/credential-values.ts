import { ACCESS_KEY_ID, ENDPOINT_URL, REGION, SECRET_ACCESS_KEY, SESSION_TOKEN } from "../domain/env/static-keys.ts";
import { UserError } from "../domain/errors.ts";
import type { Sensitive } from "../domain/sensitive.ts";
import { printable } from "../domain/text.ts";
import { shapesOf } from "../domain/values/classify.ts";
import { endpointKind, type EndpointKind } from "../domain/values/endpoint.ts";
import { SHAPE_TEXT } from "../domain/values/shapes.ts";
import type { App } from "../ports.ts";
import {
  askForEndpoint,
  askForRegionName,
  assertEndpointUrl,
  assertRegionName,
  awsEndpoint,
  GOOGLE_ENDPOINT,
} from "./bucket-address.ts";
import {
  askForKeys,
  describeSource,
  shown,
  valuesFromSources,
  type GivenValue,
  type Provider,
  type ValueOptions,
} from "./value-sources.ts";

export type GivenValues = ReadonlyMap<string, GivenValue>;
/** What the Secret holds already, by key. */
export type HeldValues = Readonly<Record<string, Sensitive>>;

/** What the Secret is to hold in the end: keys with new values, and keys that must go because they belong to old ones. */
export interface WantedValues {
  readonly given: GivenValues;
  readonly remove: readonly string[];
}

/**
 * The values that the user gives, completed: the endpoint follows from the provider and the region, and only what is
 * missing is asked for. Who brings nothing and says `--overwrite` is asked for all of it.
 * @throws UserError for values that cannot work, and when something is missing and nobody can be asked
 */
export async function wantedValues(options: ValueOptions, held: HeldValues, app: App): Promise<WantedValues> {
  const given = await valuesFromSources(options, app);
  const anew = options.overwrite === true && given.size === 0 && describeSource(options) === undefined;
  const staying = anew ? ofOwnStore(held) : held;
  const missing = [ACCESS_KEY_ID, SECRET_ACCESS_KEY].filter((key) => !given.has(key) && staying[key] === undefined);
  if (missing.length > 0) await askForKeys(given, missing, options, app);
  await addEndpoint(given, options, staying, app, textOf(held[REGION]));
  for (const [key, { value }] of given) assertShape(key, value);
  assertRegion(given);
  assertEndpoint(given);
  return { given, remove: assertFits(given, held) };
}

/** Address and region of a store that is neither AWS nor Google: they follow from nothing. */
function ofOwnStore(held: HeldValues): HeldValues {
  const { [ENDPOINT_URL]: endpoint, [REGION]: region } = held;
  const text = textOf(endpoint) ?? "";
  const { host, scheme } = endpointKind(text);
  const sound = shapesOf(Buffer.from(text)).length === 0 && (scheme === "https" || scheme === "http");
  if (endpoint === undefined || !sound || ["aws", "gcs", "malformed"].includes(host)) return {};
  return { [ENDPOINT_URL]: endpoint, ...(region === undefined ? {} : { [REGION]: region }) };
}

/** The endpoint is always written: most database images refuse s3:// without it. */
async function addEndpoint(
  given: Map<string, GivenValue>,
  options: ValueOptions,
  held: HeldValues,
  app: App,
  regionBefore: string | undefined,
): Promise<void> {
  if (given.has(ENDPOINT_URL)) return;
  const heldEndpoint = textOf(held[ENDPOINT_URL]);
  const heldHost = heldEndpoint === undefined ? undefined : endpointKind(heldEndpoint).host;
  const provider = options.provider ?? providerOf(given, held);
  if (provider === "gcs") {
    if (heldHost !== "gcs" && (heldHost === undefined || options.provider !== undefined))
      given.set(ENDPOINT_URL, shown(GOOGLE_ENDPOINT));
    if (!given.has(REGION) && held[REGION] === undefined) given.set(REGION, shown("auto"));
    return;
  }
  if (provider === "aws") {
    const stays = heldHost === "aws" || options.provider === undefined;
    if (heldHost !== undefined && stays && options.region === undefined) return;
    const region =
      textOf(given.get(REGION)?.value) ?? textOf(held[REGION]) ?? (await askForRegion(given, app, regionBefore));
    given.set(ENDPOINT_URL, shown(awsEndpoint(region)));
    return;
  }
  if (heldHost === undefined) given.set(ENDPOINT_URL, shown(await askForEndpoint(provider, app)));
}

/** Told by the key, where the user does not say. */
function providerOf(given: GivenValues, held: HeldValues): Provider {
  const id = textOf(given.get(ACCESS_KEY_ID)?.value) ?? textOf(held[ACCESS_KEY_ID]) ?? "";
  return id.startsWith("GOOG") ? "gcs" : "aws";
}

async function askForRegion(given: Map<string, GivenValue>, app: App, before: string | undefined): Promise<string> {
  const region = await askForRegionName(app, before);
  given.set(REGION, shown(region));
  return region;
}

function textOf(value: Sensitive | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value.reveal()).toString("utf8");
}

function assertShape(key: string, value: Sensitive): void {
  const [shape] = shapesOf(value.reveal());
  if (shape === undefined) return;
  throw new UserError("bad-value", `the value of ${key} ${SHAPE_TEXT[shape].problem}`, {
    hint: `wanted: ${SHAPE_TEXT[shape].want}; nothing was changed`,
  });
}

function assertRegion(given: GivenValues): void {
  const { value, shown: visible } = given.get(REGION) ?? {};
  const region = textOf(value);
  if (region !== undefined) assertRegionName(region, visible === undefined ? REGION : `"${printable(visible)}"`);
}

function assertEndpoint(given: GivenValues): void {
  const endpoint = textOf(given.get(ENDPOINT_URL)?.value);
  if (endpoint !== undefined) assertEndpointUrl(endpoint);
}

/**
 * Combinations that no store accepts.
 * @returns keys of the Secret that belong to the old access key and would spoil the new one
 */
function assertFits(given: GivenValues, held: HeldValues): string[] {
  const id = textOf(given.get(ACCESS_KEY_ID)?.value);
  const endpoint = textOf(given.get(ENDPOINT_URL)?.value) ?? textOf(held[ENDPOINT_URL]);
  assertSameStore(
    id ?? textOf(held[ACCESS_KEY_ID]) ?? "",
    endpoint === undefined ? undefined : endpointKind(endpoint).host,
  );
  if (id === undefined) return [];
  const hasToken = given.has(SESSION_TOKEN) || held[SESSION_TOKEN] !== undefined;
  if (id.startsWith("ASIA")) {
    if (hasToken) return [];
    throw new UserError("bad-value", `${ACCESS_KEY_ID} is a temporary key (ASIA…) and ${SESSION_TOKEN} is missing`, {
      hint: "use the key of an IAM user (AKIA…)",
    });
  }
  if (given.has(SESSION_TOKEN) && id.startsWith("AKIA")) {
    throw new UserError("bad-value", `${SESSION_TOKEN} does not belong to a long-term key (AKIA…)`, {
      hint: "leave the token out, or give the temporary key (ASIA…) that it belongs to",
    });
  }
  return held[SESSION_TOKEN] !== undefined && !given.has(SESSION_TOKEN) ? [SESSION_TOKEN] : [];
}

function assertSameStore(id: string, host: EndpointKind["host"] | undefined): void {
  if (id.startsWith("GOOG") && host === "aws") {
    throw new UserError("bad-value", `${ACCESS_KEY_ID} is a Google HMAC key (GOOG…), and the endpoint is AWS's`, {
      hint: "use --provider gcs",
    });
  }
  if (/^(AKIA|ASIA)/.test(id) && host === "gcs") {
    throw new UserError("bad-value", `${ACCESS_KEY_ID} is an AWS key, and the endpoint is Google's`, {
      hint: "use --provider aws",
    });
  }
}
