export type PolicyKind = "identity" | "trust" | "resource";
export function kindOfPolicy(_: unknown): PolicyKind | undefined {
  return undefined;
}
