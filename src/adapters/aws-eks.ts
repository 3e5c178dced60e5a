import {
  CreatePodIdentityAssociationCommand,
  DeletePodIdentityAssociationCommand,
  DescribeAddonCommand,
  DescribeClusterCommand,
  DescribePodIdentityAssociationCommand,
  EKSClient,
  ListClustersCommand,
  ListPodIdentityAssociationsCommand,
} from "@aws-sdk/client-eks";

import { AwsError, type Aws } from "../ports.ts";
import type { AwsConnection } from "./aws-connection.ts";
import type { Mode } from "./aws-transport.ts";

export type EksCalls = Pick<
  Aws,
  | "describeCluster"
  | "listClusters"
  | "listPodIdentityAssociations"
  | "describePodIdentityAssociation"
  | "createPodIdentityAssociation"
  | "deletePodIdentityAssociation"
  | "describeAddOn"
>;

const MOST_PAGES = 100;

/** Calls of EKS, which is another one in each region. */
export function eksCalls({ transport, settings, region }: AwsConnection): EksCalls {
  const made = new Map<Mode, EKSClient>();
  /** @throws AwsError where no region is set */
  const client = (action: string, mode: Mode = "read"): EKSClient => {
    if (region === undefined)
      throw new AwsError("invalid", action, "no AWS region is set: give --region, or set AWS_REGION");
    const known = made.get(mode) ?? transport.adopt(new EKSClient(settings("EKS", mode)));
    made.set(mode, known);
    return known;
  };
  return {
    async describeCluster(name) {
      const action = "eks:DescribeCluster";
      const eks = client(action);
      const { cluster } = await transport.read(action, (options) =>
        eks.send(new DescribeClusterCommand({ name }), options),
      );
      if (cluster?.arn === undefined) throw unreadable(action);
      const { arn, endpoint, identity, computeConfig, encryptionConfig } = cluster;
      // From 1.28 on the key is for all objects, and `resources` says nothing any more.
      const withKey = encryptionConfig?.find(({ provider }) => provider?.keyArn !== undefined);
      return {
        name: cluster.name ?? name,
        arn,
        endpoint,
        issuer: identity?.oidc?.issuer,
        autoMode: computeConfig?.enabled ?? false,
        encryptionKey: withKey?.provider?.keyArn,
      };
    },

    async listClusters() {
      const action = "eks:ListClusters";
      const eks = client(action);
      const names: string[] = [];
      let nextToken: string | undefined;
      for (let pages = 0; pages < MOST_PAGES; pages++) {
        const command = new ListClustersCommand({ nextToken });
        const page = await transport.read(action, (options) => eks.send(command, options));
        if (page.clusters === undefined) throw unreadable(action);
        names.push(...page.clusters);
        nextToken = page.nextToken;
        if (nextToken === undefined) return names;
      }
      throw new AwsError("malformed", action, "the list never ends");
    },

    async listPodIdentityAssociations(clusterName, namespace) {
      const action = "eks:ListPodIdentityAssociations";
      const eks = client(action);
      const found: { id: string; namespace: string; serviceAccount: string }[] = [];
      let nextToken: string | undefined;
      for (let pages = 0; pages < MOST_PAGES; pages++) {
        const command = new ListPodIdentityAssociationsCommand({ clusterName, namespace, nextToken });
        const page = await transport.read(action, (options) => eks.send(command, options));
        if (page.associations === undefined) throw unreadable(action);
        for (const { associationId, namespace: of = "", serviceAccount = "" } of page.associations)
          found.push({ id: associationId ?? "", namespace: of, serviceAccount });
        nextToken = page.nextToken;
        if (nextToken === undefined) return found;
      }
      throw new AwsError("malformed", action, "the list never ends");
    },

    async describePodIdentityAssociation(clusterName, id) {
      const action = "eks:DescribePodIdentityAssociation";
      const eks = client(action);
      const command = new DescribePodIdentityAssociationCommand({ clusterName, associationId: id });
      const { association } = await transport.read(action, (options) => eks.send(command, options));
      if (association?.roleArn === undefined) throw unreadable(action);
      return {
        id: association.associationId ?? id,
        namespace: association.namespace ?? "",
        serviceAccount: association.serviceAccount ?? "",
        roleArn: association.roleArn,
        targetRoleArn: association.targetRoleArn,
        sessionTagsDisabled: association.disableSessionTags === true,
        createdAt: association.createdAt?.toISOString(),
      };
    },

    async createPodIdentityAssociation({ cluster, namespace, serviceAccount, roleArn, tags, requestToken }) {
      const action = "eks:CreatePodIdentityAssociation";
      const eks = client(action, "write");
      const command = new CreatePodIdentityAssociationCommand({
        clusterName: cluster,
        namespace,
        serviceAccount,
        roleArn,
        tags: { ...tags },
        clientRequestToken: requestToken,
      });
      const { association } = await transport.write(action, (options) => eks.send(command, options));
      if (association?.associationId === undefined) throw unreadable(action);
      return { id: association.associationId, arn: association.associationArn ?? "" };
    },

    async deletePodIdentityAssociation(clusterName, id) {
      const action = "eks:DeletePodIdentityAssociation";
      const eks = client(action, "write");
      const command = new DeletePodIdentityAssociationCommand({ clusterName, associationId: id });
      await transport.write(action, (options) => eks.send(command, options));
    },

    async describeAddOn(clusterName, addonName) {
      const action = "eks:DescribeAddon";
      const eks = client(action);
      const command = new DescribeAddonCommand({ clusterName, addonName });
      const { addon } = await transport.read(action, (options) => eks.send(command, options));
      if (addon?.status === undefined) throw unreadable(action);
      return { status: addon.status };
    },
  };
}

function unreadable(action: string): AwsError {
  return new AwsError("malformed", action, "EKS sent an answer without what was asked for");
}
