import { UserError } from "../domain/errors.ts";
import { printable } from "../domain/text.ts";
import { endpointKind } from "../domain/values/endpoint.ts";
import { isRegionName } from "../domain/values/region.ts";
import type { App } from "../ports.ts";
import type { Provider } from "./value-sources.ts";

export const GOOGLE_ENDPOINT = "https://storage.googleapis.com";

/** The S3 endpoint of a region of AWS. */
export function awsEndpoint(region: string): string {
  return `https://s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}

/** @throws UserError for what is no http or https URL, or holds a password */
export function assertEndpointUrl(endpoint: string): void {
  const { scheme, host } = endpointKind(endpoint);
  if ((scheme !== "https" && scheme !== "http") || host === "malformed") {
    throw new UserError("bad-endpoint", "the endpoint is not an http or https URL", {
      hint: "for example --endpoint https://minio.example.com",
    });
  }
  const url = new URL(endpoint);
  if (url.username !== "" || url.password !== "")
    throw new UserError("bad-endpoint", "the endpoint holds a user name or a password; leave them out");
}

/** Other stores than AWS name their regions as they like. */
export function assertRegionName(region: string, what = `"${printable(region)}"`): void {
  if (/^[a-z0-9-]+$/.test(region)) return;
  throw new UserError("bad-region", `${what} is no name of a region`, { hint: "for example us-east-1" });
}

/** @throws UserError where nobody can be asked */
export async function askForRegionName(app: App, before?: string): Promise<string> {
  if (!app.terminal.interactive) {
    throw new UserError("no-region", "the region of the bucket is not known", {
      hint: "add --region, for example --region us-east-1",
    });
  }
  return app.terminal.ask("Region of the bucket", {
    initial: before !== undefined && isRegionName(before) ? before : "us-east-1",
  });
}

/** @throws UserError where nobody can be asked */
export async function askForEndpoint(provider: Provider, app: App): Promise<string> {
  if (!app.terminal.interactive) {
    throw new UserError("no-endpoint", `--provider ${provider} needs the store's address`, {
      hint: "add --endpoint https://HOST",
    });
  }
  return app.terminal.ask("S3 endpoint (https://…)", {
    validate: (text) => (/^https?:\/\/[^/]/.test(text) ? undefined : "a URL, please"),
  });
}
