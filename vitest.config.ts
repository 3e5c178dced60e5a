import { defineConfig } from "vitest/config";

/** Fast lane: Node only. Test files share one process (`isolate: false`), so nothing global may be left behind. */
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/live/**", "test/matrix/**"],
    globalSetup: ["test/support/build-once.ts"],
    pool: "forks",
    isolate: false,
    // Most of the time goes into processes that are started and waited for.
    maxWorkers: "100%",
    testTimeout: 60_000,
    reporters: ["default", "./test/support/closing-line.ts"],
  },
});
