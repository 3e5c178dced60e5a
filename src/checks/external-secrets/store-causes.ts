/** What may be wrong with a store: ANT0502 finds it, and what follows from it is told under that. */
export const STORE_CAUSES = [
  "eso.cluster-store-denied",
  "eso.store-auth-secret",
  "eso.store-irsa",
  "eso.store-kind",
  "eso.store-missing",
  "eso.store-not-ready",
] as const;
