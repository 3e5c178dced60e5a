import { liveCluster, bedAddresses } from "../bed/live-cluster.ts";
import { googleFaults } from "../contract/google-faults.contract.ts";
import {
  GOOGLE_BINDING_FAULTS,
  GOOGLE_BUCKET_FAULTS,
  GOOGLE_IDENTITY_FAULTS,
} from "../support/mending/google-faults.ts";

googleFaults(
  async () => ({ cluster: await liveCluster(), tools: [bedAddresses().plane.bin] }),
  [...GOOGLE_IDENTITY_FAULTS, ...GOOGLE_BINDING_FAULTS, ...GOOGLE_BUCKET_FAULTS],
);
