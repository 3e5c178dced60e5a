import { valuesOfSecret } from "../collect/inputs/loose-values.ts";
import { UserError } from "../domain/errors.ts";
import type { Source } from "../domain/report.ts";
import { printable } from "../domain/text.ts";
import { KubeError, type App } from "../ports.ts";
import { fingerprints, liveSource, type Look } from "./look.ts";
import { asReadFailure } from "./read-failure.ts";
import { kubeSelection, type ClusterOptions } from "./options.ts";
import { factsOfValues, staticLook } from "./static-look.ts";

/**
 * The values of one Secret on a cluster, by themselves.
 * @throws UserError when it is not there, or cannot be read
 */
export async function lookAtSecret(
  name: string,
  options: ClusterOptions,
  app: App,
): Promise<{ looks: Look[]; source: Source; calls: number }> {
  const kube = await app.kube(kubeSelection(options));
  try {
    const { namespace, context, flags } = kube;
    const [secret, { minor }] = await Promise.all([
      kube.getSecret(namespace, name).catch((error: unknown) => {
        if (error instanceof KubeError && error.failure === "not-found") {
          throw new UserError("absent", `there is no Secret ${printable(name)} in namespace ${namespace}`, {
            hint: `kubectl get secrets -n ${namespace} lists them`,
          });
        }
        throw error;
      }),
      kube.version(),
    ]);
    const holder = { kind: "Secret", namespace, name };
    app.redactor.allow(name);
    const values = valuesOfSecret(secret, holder, fingerprints(app));
    const look = staticLook(
      { id: "t1", scope: "values", context, namespace, cluster: undefined, holder },
      factsOfValues(values, minor),
      { answers: ["values"], flags },
    );
    return { looks: [look], source: liveSource(kube), calls: kube.calls() };
  } catch (error) {
    throw asReadFailure(error);
  } finally {
    await kube.close();
  }
}
