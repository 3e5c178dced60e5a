import type { ClockFacts, PodFacts } from "../../domain/facts.ts";
import { edit, finding, safeCommand, type Finding } from "../../domain/finding.ts";
import { LIST_LEASES, LIST_PODS } from "../../domain/grants.ts";
import { defineCheck } from "../define.ts";

/** A kubelet renews its Lease every 10 s; what is far beyond that is a wrong clock, or a kubelet that stopped. */
const LATE_SECONDS = 120;
/** Answers carry whole seconds, and take some to arrive. */
const EARLY_SECONDS = 10;
/** AWS refuses requests that are off by more (S3: 15 minutes, STS: 5). */
const REFUSED_SECONDS = 300;

export default defineCheck({
  code: "ANT0705",
  slug: "clocks",
  title: "The nodes' clocks are right",
  area: "rollout",
  causes: ["aws.clock-skew"],
  needs: ["clocks", "pods"],
  after: ["ANT0101"],
  notIn: { files: "files do not show nodes" },
  thorough: true,
  required: false,
  effect: "read",
  severity: "error",
  grants: [LIST_LEASES, LIST_PODS],
  run: ({ clocks = [], pods = [] }) => {
    const used = clocks.filter(({ node }) => pods.some((pod) => pod.node === node));
    if (used.length === 0) return { skip: "the cluster's nodes have no Leases" };
    return used.flatMap((clock) =>
      judge(
        clock,
        pods.filter((pod) => pod.node === clock.node),
      ),
    );
  },
});

function judge({ node, behindSeconds }: ClockFacts[number], pods: readonly PodFacts[]): Finding[] {
  const subject = { kind: "Node", name: node };
  const evidence = [
    {
      label: "heartbeat",
      want: "within the last 40 s",
      has: behindSeconds < 0 ? `${Math.round(-behindSeconds)} s ahead` : `${Math.round(behindSeconds)} s ago`,
    },
    { label: "pods", has: pods.map((pod) => pod.name).join(", ") },
  ];
  const fixes = [
    safeCommand`kubectl get lease ${node} -n kube-node-lease -o yaml`,
    edit(`mend the time service (chrony, systemd-timesyncd) of node ${node}`),
  ];
  if (behindSeconds < -EARLY_SECONDS) {
    const ahead = Math.round(-behindSeconds);
    const message = `The clock of node ${node} is ${ahead} s ahead of the API server's: AWS answers RequestTimeTooSkewed or Signature not yet current`;
    return [
      finding("aws.clock-skew", ahead > REFUSED_SECONDS ? "error" : "warning", subject, message, { evidence, fixes }),
    ];
  }
  // A node that is not heard of loses its pods' readiness within a minute: with Ready pods it is the clock.
  if (behindSeconds <= LATE_SECONDS || !pods.some((pod) => pod.ready)) return [];
  const message = `The clock of node ${node} seems to be ${Math.round(behindSeconds)} s behind: its heartbeats lie in the past, and its pods are Ready`;
  return [
    finding("aws.clock-skew", behindSeconds > REFUSED_SECONDS ? "error" : "warning", subject, message, {
      evidence,
      fixes,
    }),
  ];
}
