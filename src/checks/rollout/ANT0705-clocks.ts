import type { ClockFacts } from "../../domain/server-facts.ts";
import type { PodFacts } from "../../domain/workload-facts.ts";
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
    const nodes = [...new Set(pods.flatMap((pod) => pod.node ?? []))];
    if (nodes.length === 0) return { skip: "no pod of the cluster runs on a node" };
    if (!nodes.some((node) => clocks.some((clock) => clock.node === node)))
      return { skip: "the cluster's nodes have no Leases" };
    const findings: Finding[] = [];
    const undecided: string[] = [];
    for (const node of nodes) {
      const clock = clocks.find((one) => one.node === node);
      const mine = pods.filter((pod) => pod.node === node && !pod.terminating);
      const verdict = clock === undefined ? `node ${node} has no Lease` : judge(clock, mine);
      if (typeof verdict === "string") undecided.push(verdict);
      else if (verdict !== undefined) findings.push(verdict);
    }
    return { findings, undecided };
  },
});

/** What is wrong, or in words why it cannot be told. */
function judge({ node, behindSeconds }: ClockFacts[number], pods: readonly PodFacts[]): Finding | string | undefined {
  const ahead = Math.round(-behindSeconds);
  const behind = Math.round(behindSeconds);
  if (behindSeconds < -EARLY_SECONDS) {
    return skewed(node, `is ${ahead} s ahead of the API server's`, ahead, `${ahead} s ahead`, pods);
  }
  if (behindSeconds <= LATE_SECONDS) return undefined;
  // A node that is not heard of loses its pods' readiness within a minute: with Ready pods it is the clock.
  if (!pods.some((pod) => pod.ready))
    return `node ${node} was last heard of ${behind} s ago, and none of its pods is Ready: it may be down, or its clock wrong`;
  return skewed(node, `seems to be ${behind} s behind the API server's`, behind, `${behind} s ago`, pods);
}

function skewed(node: string, how: string, seconds: number, has: string, pods: readonly PodFacts[]): Finding {
  const refused = seconds > REFUSED_SECONDS;
  const then = refused
    ? "S3 and STS refuse what its pods sign (RequestTimeTooSkewed, Signature expired or not yet current)"
    : "from 5 minutes on, requests that its pods sign are refused";
  const subject = { kind: "Node", name: node };
  return finding(
    "aws.clock-skew",
    refused ? "error" : "warning",
    subject,
    `The clock of node ${node} ${how}: ${then}`,
    {
      evidence: [
        { label: "heartbeat", want: "within the last 40 s", has },
        { label: "pods", has: pods.map((pod) => pod.name).join(", ") },
      ],
      fixes: [
        safeCommand`kubectl get lease ${node} -n kube-node-lease -o yaml`,
        edit(`mend the time service (chrony, systemd-timesyncd) of node ${node}`),
      ],
    },
  );
}
