import type { IssuerFacts } from "../domain/aws-facts.ts";

/** Who told the issuer. */
export const SOURCES: Readonly<Record<IssuerFacts["source"], string>> = {
  token: "a token of the ServiceAccount",
  discovery: "the API server",
  eks: "EKS",
};
