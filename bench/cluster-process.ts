/** A training cluster in a process of its own, so that its CPU and memory never count as the console's. Prints one JSON line when ready. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator } from "../src/simulator/index.ts";

const [servers, nodes] = process.argv.slice(2).map(Number);
const simulator = await startSimulator({
  ...(servers === undefined ? {} : { servers }),
  ...(nodes === undefined ? {} : { nodes }),
});
const folder = mkdtempSync(join(tmpdir(), "signalbox-bench-"));
const configPath = join(folder, "signalbox.yaml");
writeFileSync(configPath, simulator.configYaml, { mode: 0o600 });
process.stdout.write(`${JSON.stringify({ configPath })}\n`);

/** The parent closes our stdin when it is done, also when it dies. */
process.stdin.resume();
process.stdin.on("end", () => {
  void simulator.stop().finally(() => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  });
});
