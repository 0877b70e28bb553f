import { expect, it, onTestFinished, vi } from "vitest";
import { findFreePorts } from "./ports.ts";

it("gives ports of the range of this run only, and none of them twice", async () => {
  vi.stubEnv("SIGNALBOX_LAB_PORTS", "19000-19039");
  onTestFinished(() => void vi.unstubAllEnvs());
  const ports = [...(await findFreePorts(10)), ...(await findFreePorts(10))];
  expect(new Set(ports).size).toBe(20);
  for (const port of ports) expect(port).toBeOneOf(Array.from({ length: 40 }, (_, index) => 19_000 + index));
});
