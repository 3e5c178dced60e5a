import { defineConfig } from "vitest/config";

/** Live lane: a real control plane for each worker; every test has a namespace of its own. */
export default defineConfig({
  test: {
    include: ["test/live/**/*.test.ts"],
    globalSetup: ["test/support/build-once.ts", "test/bed/global-setup.ts"],
    pool: "forks",
    isolate: false,
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ["default", "./test/support/closing-line.ts"],
  },
});
