/** `signalbox demo`: a simulated cluster in this process, and the ordinary console on it through the ordinary drivers. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../config/config-error.ts";
import { loadSettings, readSurroundings } from "../../config/load-settings.ts";
import { startSimulator } from "../../simulator/index.ts";
import { buildSettingsRequest, type GlobalOptions } from "../global-options.ts";
import type { CliIo } from "../io.ts";
import { openConsole } from "../open-console.ts";

/** @throws UsageError when other clusters are named too */
export async function runDemoCommand(io: CliIo, options: GlobalOptions): Promise<number> {
  if (options.config ?? options.haproxy ?? options.mysql ?? options.cluster) {
    throw new UsageError("demo has a cluster of its own and takes no --config, --cluster, --haproxy or --mysql");
  }
  const dir = await mkdtemp(join(tmpdir(), "signalbox-demo-"));
  const simulator = await startSimulator();
  try {
    // A real file: `signalbox status -c` from another terminal sees the same cluster.
    const configFile = join(dir, "signalbox.yaml");
    await writeFile(configFile, simulator.configYaml, { mode: 0o600 });
    const request = { ...buildSettingsRequest(options), configFile };
    return await openConsole(io, options, await loadSettings(request, readSurroundings(io.env, io.cwd)));
  } finally {
    await simulator.stop();
    await rm(dir, { recursive: true, force: true });
  }
}
