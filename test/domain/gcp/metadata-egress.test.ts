import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { metadataReach, type EgressRule, type NetworkPolicyFacts } from "../../../src/domain/gcp/metadata-egress.ts";

const LABELS = { "app.kubernetes.io/name": "antfly-database", "app.kubernetes.io/component": "data" };
const policy = (
  egress: readonly EgressRule[] | undefined,
  more: Partial<NetworkPolicyFacts> = {},
): NetworkPolicyFacts => ({
  name: "p",
  labels: {},
  expressions: false,
  egress,
  ...more,
});
const to = (cidr: string, except: readonly string[] = []): EgressRule["to"] => [{ cidr, except }];
const tcp = (port?: number, endPort?: number): EgressRule["ports"] => [{ protocol: "TCP", port, endPort }];
const open = (...policies: readonly NetworkPolicyFacts[]): number[] =>
  metadataReach(policies, LABELS).certain.open.map(({ port }) => port);

describe("whether pods reach the metadata server", () => {
  test.each<[string, readonly EgressRule[], number[]]>([
    ["nothing is allowed", [], []],
    ["everything is", [{ to: undefined, ports: undefined }], [988, 80]],
    [
      "both addresses are",
      [
        { to: to("169.254.169.252/31"), ports: undefined },
        { to: to("169.254.169.254/32"), ports: undefined },
      ],
      [988, 80],
    ],
    ["a net is, for all ports", [{ to: to("169.254.0.0/16"), ports: tcp() }], [988, 80]],
    ["a net is, but for one of them", [{ to: to("169.254.0.0/16", ["169.254.169.254/32"]), ports: undefined }], [988]],
    ["one port is", [{ to: undefined, ports: tcp(80) }], [80]],
    ["a range of ports is", [{ to: undefined, ports: tcp(900, 1000) }], [988]],
    ["UDP is", [{ to: undefined, ports: [{ protocol: "UDP", port: undefined, endPort: undefined }] }], []],
    ["other pods are", [{ to: [], ports: undefined }], []],
    ["an address of IPv6 is", [{ to: to("::/0"), ports: undefined }], []],
    ["no address is", [{ to: to("metadata/32"), ports: undefined }], []],
  ])("where %s", (_, egress, ports) => expect(open(policy(egress))).toEqual(ports));

  test("without a policy of egress all is open; of several each adds", () => {
    expect(open()).toEqual([988, 80]);
    expect(open(policy(undefined))).toEqual([988, 80]);
    expect(open(policy([]), policy([{ to: undefined, ports: tcp(80) }]))).toEqual([80]);
  });

  test("policies count for the pods that they select", () => {
    const { certain, perhaps } = metadataReach([policy([], { labels: { zone: "a" } })], LABELS);
    expect([certain.open.length, perhaps.open.length]).toEqual([2, 0]);
    expect(open(policy([], { labels: { "app.kubernetes.io/component": "metadata" } }))).toEqual([988, 80]);
    expect(open(policy([], { labels: { "app.kubernetes.io/component": "data" } }))).toEqual([]);
    expect(metadataReach([policy([], { expressions: true })], LABELS).perhaps.open).toEqual([]);
  });

  test("a rule more never closes anything", () => {
    const rule = fc.record({
      to: fc.constantFrom(
        undefined,
        [],
        to("169.254.169.252/32"),
        to("10.0.0.0/8"),
        to("0.0.0.0/0", ["169.254.169.254/32"]),
      ),
      ports: fc.constantFrom(undefined, tcp(), tcp(80), tcp(988), tcp(1, 1000)),
    }) as fc.Arbitrary<EgressRule>;
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 3 }), rule, (rules, more) => {
        const before = open(policy(rules));
        const after = new Set(open(policy([...rules, more])));
        return before.every((port) => after.has(port));
      }),
    );
  });
});
