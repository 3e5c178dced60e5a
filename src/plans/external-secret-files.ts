import { apiVersionOf, EXTERNAL_SECRET, SECRET_STORE, type ResourceType } from "../domain/resources.ts";
import { envFromPatch, envFromStep } from "./env-from-step.ts";
import { externalSecretSpec, storeSpec } from "./external-secret-objects.ts";
import type { IdentityFile } from "./manifest-files.ts";
import type { InitExternalSecretInput } from "./init-external-secret.ts";
import { readerFiles, type SecretReader } from "./secret-reader.ts";

/** All of it as files for Git, whatever of it is on the cluster already. None holds a secret. */
export function externalSecretFiles(
  input: InitExternalSecretInput,
  reader: SecretReader,
  renderYaml: (object: unknown) => string,
): IdentityFile[] {
  const { cluster, store, version, secret, entry } = input;
  const { namespace } = cluster;
  const manifest = (type: ResourceType, name: string, spec: object): IdentityFile => {
    const { kind } = type;
    const apiVersion = apiVersionOf({ ...type, version });
    return {
      name: `${kind.toLowerCase()}-${name}.yaml`,
      content: renderYaml({ apiVersion, kind, metadata: { name, namespace }, spec }),
    };
  };
  const references = envFromStep(input);
  return [
    ...(store.made === undefined ? [] : [manifest(SECRET_STORE, store.name, storeSpec(store.made))]),
    manifest(EXTERNAL_SECRET, secret, externalSecretSpec(input)),
    ...(references === undefined
      ? []
      : [{ name: `antflycluster-${cluster.name}.patch.yaml`, content: renderYaml(envFromPatch(references)) }]),
    ...(store.made === undefined ? [] : readerFiles(store.made.manager, entry, reader)),
  ];
}
