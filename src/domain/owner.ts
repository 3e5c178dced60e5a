/** Another tool that would undo a change made by hand, with the field that shows it. */
export interface Owner {
  readonly tool: "Argo CD" | "Flux" | "Helm" | "External Secrets" | "Sealed Secrets";
  readonly evidence: string;
}

/** The parts of an object's metadata that show who manages it. */
export interface OwnershipMetadata {
  readonly labels?: Readonly<Record<string, string>> | null | undefined;
  readonly annotations?: Readonly<Record<string, string>> | null | undefined;
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[] | null | undefined;
}

/** The tool that would undo a change made by hand, if the object shows one. */
export function ownerOf({ labels, annotations, ownerReferences }: OwnershipMetadata): Owner | undefined {
  for (const { kind, name } of ownerReferences ?? []) {
    if (kind === "ExternalSecret") return { tool: "External Secrets", evidence: `owned by ExternalSecret ${name}` };
    // It makes ExternalSecrets, one a namespace.
    if (kind === "ClusterExternalSecret")
      return { tool: "External Secrets", evidence: `owned by ClusterExternalSecret ${name}` };
    if (kind === "SealedSecret") return { tool: "Sealed Secrets", evidence: `owned by SealedSecret ${name}` };
  }
  const marks: readonly [Owner["tool"], Readonly<Record<string, string>> | null | undefined, string, string?][] = [
    ["External Secrets", labels, "reconcile.external-secrets.io/managed"],
    ["Argo CD", annotations, "argocd.argoproj.io/tracking-id"],
    ["Argo CD", labels, "argocd.argoproj.io/instance"],
    ["Flux", labels, "kustomize.toolkit.fluxcd.io/name"],
    ["Flux", labels, "helm.toolkit.fluxcd.io/name"],
    ["Helm", annotations, "meta.helm.sh/release-name"],
    ["Helm", labels, "app.kubernetes.io/managed-by", "Helm"],
  ];
  for (const [tool, map, key, wanted] of marks) {
    const value = map?.[key];
    if (value !== undefined && (wanted === undefined || value === wanted)) return { tool, evidence: `${key}=${value}` };
  }
  return undefined;
}
