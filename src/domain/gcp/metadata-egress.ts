/** A NetworkPolicy, as far as it says what pods may reach. */
export interface NetworkPolicyFacts {
  readonly name: string;
  /** `podSelector.matchLabels`. */
  readonly labels: Readonly<Record<string, string>>;
  /** It selects by expressions, too. */
  readonly expressions: boolean;
  /** Rules for egress; undefined where it leaves that alone. */
  readonly egress: readonly EgressRule[] | undefined;
}

export interface EgressRule {
  /** Blocks of addresses; undefined for anywhere. Pods and namespaces have none. */
  readonly to: readonly { readonly cidr: string; readonly except: readonly string[] }[] | undefined;
  /** Undefined for any; `port` is undefined for all of the protocol. */
  readonly ports:
    | readonly { readonly protocol: string; readonly port: number | undefined; readonly endPort: number | undefined }[]
    | undefined;
}

/**
 * Where pods reach GKE's metadata server: at the first address on the data path of old, at the second with Dataplane V2
 * ("About Workload Identity Federation for GKE", network policies).
 */
const METADATA_ADDRESSES = [
  { address: "169.254.169.252", port: 988 },
  { address: "169.254.169.254", port: 80 },
] as const;

/** Those that count with a data path (`networkConfig.datapathProvider`); both where it is not known, or being changed. */
export function metadataAddresses(datapath: string | undefined): readonly (typeof METADATA_ADDRESSES)[number][] {
  const [legacy, advanced] = METADATA_ADDRESSES;
  if (datapath === "LEGACY_DATAPATH") return [legacy];
  return datapath === "ADVANCED_DATAPATH" ? [advanced] : METADATA_ADDRESSES;
}

export interface MetadataReach {
  /** Policies that say what these pods may reach. */
  readonly policies: readonly string[];
  /** Addresses that may be reached. */
  readonly open: readonly (typeof METADATA_ADDRESSES)[number][];
}

/** By the policies that certainly select pods with these labels, and by those that perhaps do besides. */
export function metadataReach(
  policies: readonly NetworkPolicyFacts[],
  labels: Readonly<Record<string, string>>,
): { readonly certain: MetadataReach; readonly perhaps: MetadataReach } {
  const certain = policies.filter((policy) => selects(policy, labels) === "yes" && policy.egress !== undefined);
  const perhaps = policies.filter((policy) => selects(policy, labels) !== "no" && policy.egress !== undefined);
  return { certain: reachBy(certain), perhaps: reachBy(perhaps) };
}

/** Each policy adds to what the others allow; without any, all may be reached. */
function reachBy(policies: readonly NetworkPolicyFacts[]): MetadataReach {
  const rules = policies.flatMap(({ egress }) => egress ?? []);
  const open =
    policies.length === 0
      ? METADATA_ADDRESSES
      : METADATA_ADDRESSES.filter((one) => rules.some((rule) => allows(rule, one.address, one.port)));
  return { policies: policies.map(({ name }) => name), open };
}

/** Pods have more labels than are known here. */
function selects(policy: NetworkPolicyFacts, labels: Readonly<Record<string, string>>): "yes" | "no" | "maybe" {
  const wanted = Object.entries(policy.labels);
  if (wanted.some(([key, value]) => labels[key] !== undefined && labels[key] !== value)) return "no";
  return policy.expressions || wanted.some(([key]) => labels[key] === undefined) ? "maybe" : "yes";
}

function allows({ to, ports }: EgressRule, address: string, port: number): boolean {
  const there =
    to === undefined || to.some(({ cidr, except }) => isIn(address, cidr) && !except.some((one) => isIn(address, one)));
  const through =
    ports === undefined ||
    ports.some(
      ({ protocol, port: from, endPort }) =>
        protocol === "TCP" && (from === undefined || (port >= from && port <= (endPort ?? from))),
    );
  return there && through;
}

/** IPv4; any other block holds none of these addresses. */
function isIn(address: string, cidr: string): boolean {
  const [network = "", length = "32"] = cidr.split("/");
  const bits = Number(length);
  const from = numberOf(network);
  const at = numberOf(address);
  if (from === undefined || at === undefined || !(bits >= 0 && bits <= 32)) return false;
  const size = 2 ** (32 - bits);
  return Math.floor(from / size) === Math.floor(at / size);
}

function numberOf(address: string): number | undefined {
  const parts = address.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
