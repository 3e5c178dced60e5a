import { CreateAccessKeyCommand, UpdateAccessKeyCommand } from "@aws-sdk/client-iam";

import { filledIn, type AwsKey, type TestCloud } from "../support/test-cloud.ts";
import { cloudClients } from "./cloud-clients.ts";
import { ACCOUNT, cloudEnvironment } from "./cloud.ts";
import { emptyCloud } from "./empty-cloud.ts";
import { bedAddresses } from "./live-cluster.ts";
import { seedCloud } from "./seed-cloud.ts";

/** Whose keys the tool runs with where a test denies it something. */
const TOOL = "antfly-creds-tool";

/** The cloud that the live lane started for this worker, emptied. */
export async function liveCloud(): Promise<TestCloud> {
  const address = bedAddresses().cloud;
  const { issuer, s3 } = address;
  const clients = cloudClients(address);
  let env = cloudEnvironment(address);
  await emptyCloud(clients, address);

  const createKey = async (user: string): Promise<AwsKey> => {
    const { AccessKey } = await clients.iam.send(new CreateAccessKeyCommand({ UserName: user }));
    return { id: AccessKey?.AccessKeyId ?? "", secret: AccessKey?.SecretAccessKey ?? "" };
  };
  const beDenied = async (actions: readonly string[]): Promise<void> => {
    if (actions.length === 0) {
      env = cloudEnvironment(address);
      return;
    }
    const Statement = [
      { Effect: "Allow", Action: "*", Resource: "*" },
      { Effect: "Deny", Action: actions, Resource: "*" },
    ];
    await seedCloud(clients, { users: [{ name: TOOL, inline: { denied: { Version: "2012-10-17", Statement } } }] });
    const { id, secret } = await createKey(TOOL);
    env = { ...env, AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret };
  };
  return {
    kind: "real",
    account: ACCOUNT,
    issuer,
    s3,
    get env() {
      return env;
    },
    seed: async (state) => {
      const { denied, ...seed } = filledIn(state, { issuer, account: ACCOUNT });
      await seedCloud(clients, seed);
      if (denied !== undefined) await beDenied(denied);
    },
    createKey,
    deactivateKey: async (UserName, AccessKeyId) => {
      await clients.iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: "Inactive" }));
    },
    stop: async () => {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
