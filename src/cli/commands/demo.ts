/** `signalbox demo`: a simulated cluster in this process, and the ordinary console on it through the ordinary drivers. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings, readSurroundings } from "../../config/load-settings.ts";
import type { Engine } from "../../engine/protocol.ts";
import { startSimulator } from "../../simulator/index.ts";
import { scenarios } from "../../simulator/training/scenarios.ts";
import { formatScenarioList } from "../demo/format.ts";
import { chooseDemo, type DemoOptions } from "../demo/options.ts";
import { startTrainingSession } from "../demo/session.ts";
import { withTour } from "../demo/tour.ts";
import { addScenarioLine } from "../demo/training-engine.ts";
import { buildSettingsRequest } from "../global-options.ts";
import type { CliIo } from "../io.ts";
import { openConsole } from "../open-console.ts";

/** @throws UsageError for choices that cannot be, and when other clusters are named too */
export async function runDemoCommand(io: CliIo, options: DemoOptions): Promise<number> {
  const { shape, product, speed, scenario } = chooseDemo(options);
  if (options.list === true) {
    io.stdout.write(formatScenarioList(scenarios));
    return 0;
  }
  const dir = await mkdtemp(join(tmpdir(), "signalbox-demo-"));
  const simulator = await startSimulator({
    shape,
    product,
    speed,
    ssh: true,
    incidents: scenario === null && shape === "r1",
  });
  try {
    // A real file: `signalbox status -c` from another terminal sees the same cluster.
    const configFile = join(dir, "signalbox.yaml");
    await writeFile(configFile, simulator.configYaml, { mode: 0o600 });
    // Recordings stay: what is saved of a demo is to be looked at after it.
    const outside = { ...io, env: { ...io.env } };
    // Operations on a cluster that is gone tomorrow do not belong into the journal of real ones. The engine's thread reads it there.
    process.env.SIGNALBOX_STATE_DIR = join(dir, "operations");
    const request = { ...buildSettingsRequest(options), configFile };
    const loaded = await loadSettings(request, readSurroundings(io.env, io.cwd));
    if (scenario === null)
      return await withTour(io, options, (tour) => openConsole(outside, options, loaded, undefined, tour));
    io.stdout.write(`Scenario ${scenario.name}: ${scenario.goal}\n`);
    const session = startTrainingSession(simulator, scenario);
    const addLine = (engine: Engine) => addScenarioLine(engine, session.currentLine);
    const exitCode = await openConsole(outside, options, loaded, addLine, { training: true });
    io.stdout.write(session.finish());
    return exitCode;
  } finally {
    await simulator.stop();
    await rm(dir, { recursive: true, force: true });
  }
}
