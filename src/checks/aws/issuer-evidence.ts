import type { IssuerFacts } from "../../domain/aws-facts.ts";
import type { Evidence } from "../../domain/finding.ts";

const SOURCES: Readonly<Record<IssuerFacts["source"], string>> = {
  token: "a token of the ServiceAccount",
  discovery: "the API server's discovery document",
  eks: "eks describe-cluster",
};

/** The issuer that was judged with, and who said so. */
export function issuerEvidence({ url, source }: IssuerFacts): Evidence {
  return { label: "issuer", has: `${url} (${SOURCES[source]})` };
}
