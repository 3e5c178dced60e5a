import { buildBed, type Built } from "./build.ts";
import { startCloud, type Cloud, type CloudAddress } from "./cloud.ts";
import { startControlPlane, type BedAddress, type ControlPlane } from "./control-plane.ts";
import { issuerOf, startIssuerFront, type IssuerFront } from "./issuer-front.ts";
import { inPrivateNetwork } from "./network.ts";

/** A control plane and the cloud that knows its issuer. */
export interface Bed {
  readonly plane: ControlPlane;
  readonly cloud: Cloud;
}

/** What another process must know of a bed. */
export interface BedAddresses {
  readonly plane: BedAddress;
  readonly cloud: CloudAddress;
}

export interface Beds {
  readonly built: Built;
  readonly beds: readonly Bed[];
  /** Seconds that each took to start. */
  readonly seconds: readonly number[];
  readonly stop: () => Promise<void>;
}

/**
 * Starts `n` control planes, each with a cloud beside it, and the host of their issuers.
 * @throws Error when this is not the private network, or with what tells why a part did not start
 */
export async function startBeds(n: number): Promise<Beds> {
  if (!inPrivateNetwork()) throw new Error("the bed runs in its private network alone: npm run test:live, npm run bed");
  const built = await buildBed();
  const front: IssuerFront = await startIssuerFront();
  const beds: Bed[] = [];
  const seconds: number[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(beds.flatMap(({ plane, cloud }) => [plane.stop(), cloud.stop()]));
    await front.stop();
  };
  try {
    // One after another: each looks for free ports.
    while (beds.length < n) {
      const start = performance.now();
      const issuer = issuerOf(beds.length + 1);
      const cloud = await startCloud(built, issuer, front.ca);
      const plane = await startControlPlane(built.bin, issuer).catch(async (error: unknown) => {
        await cloud.stop();
        throw error;
      });
      front.serve(issuer, plane.cluster);
      beds.push({ plane, cloud });
      seconds.push(Math.round((performance.now() - start) / 100) / 10);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { built, beds, seconds, stop };
}
