import fc from "fast-check";
import { expect, test } from "vitest";

import { probeFolder, probePolicies } from "../../src/domain/iam/probe-policy.ts";

const bucket = fc.stringMatching(/^[a-z][a-z0-9-]{2,40}[a-z0-9]$/);
const prefix = fc.oneof(fc.constant(""), fc.stringMatching(/^[a-zA-Z0-9*?$ ._-]{1,60}$/));
const targets = fc.array(fc.record({ bucket, prefix }), { maxLength: 40 });

test("every bucket is in one policy, and none is longer than STS takes", () => {
  fc.assert(
    fc.property(targets, (wanted) => {
      const policies = probePolicies("aws", wanted);
      expect(policies.flatMap((one) => one.targets)).toEqual(wanted);
      for (const { policy } of policies) expect(policy.length).toBeLessThanOrEqual(2048);
    }),
  );
});

test("objects are allowed in the folder of the probe alone", () => {
  fc.assert(
    fc.property(targets, (wanted) => {
      for (const { policy, targets: mine } of probePolicies("aws-cn", wanted)) {
        const [objects, list] = JSON.parse(policy).Statement;
        const plain = (text: string): string => text.replaceAll(/\$\{([*?$])\}/g, "$1").replaceAll("\0", "");
        const folders = mine.map((one) => `arn:aws-cn:s3:::${one.bucket}/${probeFolder(one.prefix)}*`);
        expect(objects.Resource.map(plain)).toEqual([...new Set(folders)]);
        expect(list.Condition.StringLike["s3:prefix"].map(plain)).toEqual([
          ...new Set(mine.map((one) => `${probeFolder(one.prefix)}*`)),
        ]);
      }
    }),
  );
});
