import { defineConfig, mergeConfig } from "vitest/config";

import fast from "./vitest.config.ts";

/** Matrix lane: each call of a command with each failure, each step cut off; in process, and too long to be waited for. */
const { include: _, exclude: __, ...test } = fast.test ?? {};
export default mergeConfig({ test }, defineConfig({ test: { include: ["test/matrix/**/*.test.ts"] } }));
