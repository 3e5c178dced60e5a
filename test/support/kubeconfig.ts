import { stringify } from "yaml";

/** A kubeconfig with one context named `test`. */
export function kubeconfigFor(
  url: string,
  ca: string,
  token: string,
  { namespace = "default", clusterEntry = "test" }: { namespace?: string; clusterEntry?: string } = {},
): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    clusters: [
      {
        name: clusterEntry,
        cluster: { server: url, "certificate-authority-data": Buffer.from(ca).toString("base64") },
      },
    ],
    users: [{ name: "test", user: { token } }],
    contexts: [{ name: "test", context: { cluster: clusterEntry, user: "test", namespace } }],
  });
}
