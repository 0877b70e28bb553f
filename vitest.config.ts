import { defineConfig } from "vitest/config";

/**
 * Two projects: `unit` needs no server and runs in parallel; `real` starts servers of its own (lab) or pseudo-terminals,
 * so its files run one after the other: on a small machine two clusters at once would starve each other.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.{ts,tsx}", "test/*.test.ts"],
          environment: "node",
          // What is slow on a machine that others use as well has not failed.
          testTimeout: 30_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        test: {
          name: "real",
          include: [
            "test/contract/**/*.test.ts",
            "test/lab/**/*.test.ts",
            "test/stories/**/*.test.{ts,tsx}",
            "test/e2e/**/*.test.ts",
          ],
          environment: "node",
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
