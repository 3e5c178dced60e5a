import type { ExternalSecretsApi } from "../../domain/external-secrets-facts.ts";
import { EXTERNAL_SECRETS_GROUP } from "../../domain/external-secrets-facts.ts";
import { absent, known, type Known, type Origin } from "../../domain/known.ts";
import type { ResourceType } from "../../domain/resources.ts";
import type { Reader } from "../../ports.ts";
import { defineCollector, toKnown } from "../collector.ts";
import { mayBeInvolved } from "./involved.ts";

const ORIGIN: Origin = { via: "kube", ref: `the API ${EXTERNAL_SECRETS_GROUP}` };

/** Asked only where External Secrets has to do with the cluster: nobody else pays for it. */
export const externalSecretsApiCollector = defineCollector({
  gives: "externalSecretsApi",
  needs: ["references"],
  collect: async ({ references }, { reader }) => {
    if (!mayBeInvolved(references, reader)) return absent(ORIGIN);
    const served = await readExternalSecretsApi(reader);
    return served.state === "absent" ? known({ versions: [] }, ORIGIN) : served;
  },
});

/** The versions of `external-secrets.io` that are served; absent where it is not installed. Every user may ask. */
export function readExternalSecretsApi(reader: Pick<Reader, "servedVersions">): Promise<Known<ExternalSecretsApi>> {
  return toKnown(ORIGIN.ref, undefined, async () =>
    known({ versions: await reader.servedVersions(EXTERNAL_SECRETS_GROUP) }, ORIGIN),
  );
}

/** The versions of ExternalSecrets, the newest first; the group has kinds of other versions, too. */
const VERSIONS = ["v1", "v1beta1", "v1alpha1"];

/** The version to ask for objects of this kind in; v1 where it is not known which are served. */
export function inServedVersion(type: ResourceType, api: ExternalSecretsApi | undefined): ResourceType {
  const version = VERSIONS.find((one) => api?.versions.includes(one)) ?? type.version;
  return { ...type, version };
}
