import type { TestCloud } from "../support/test-cloud.ts";
import { cloudClients } from "./cloud-clients.ts";
import { ACCOUNT, cloudEnvironment } from "./cloud.ts";
import { emptyCloud } from "./empty-cloud.ts";
import { bedAddresses } from "./live-cluster.ts";
import { seedCloud } from "./seed-cloud.ts";

/** The cloud that the live lane started for this worker, emptied. */
export async function liveCloud(): Promise<TestCloud> {
  const address = bedAddresses().cloud;
  const clients = cloudClients(address);
  await emptyCloud(clients, address);
  return {
    kind: "real",
    account: ACCOUNT,
    env: cloudEnvironment(address),
    issuer: address.issuer,
    seed: (state) => seedCloud(clients, address, state),
    stop: async () => {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}
