import { type LabOptions, startLab } from "../lab.ts";
import { startTraffic } from "../traffic.ts";
import { commandTable, type ServedSession } from "./commands.ts";
import { serve } from "./control.ts";

export interface BackgroundOptions extends LabOptions {
  readonly dir: string;
  readonly traffic: boolean;
}

/** Body of the background process: starts the lab, answers commands until `down` or a signal, then ends everything. */
export async function runInBackground(options: BackgroundOptions): Promise<void> {
  process.on("SIGHUP", () => undefined);
  const lab = await startLab(options);
  const session: ServedSession = {
    lab,
    filled: new Map(),
    traffic: options.traffic ? startTraffic({ port: lab.writePort }) : undefined,
  };
  const down = async (): Promise<string> => {
    await session.traffic?.stop();
    await lab.stop();
    setImmediate(() => process.exit(0));
    return "everything is stopped";
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void down());
  await serve(options.dir, ([name = "", ...words]) => {
    if (name === "down") return down();
    const command = commandTable[name];
    return command ? command(session, words) : Promise.reject(new Error(`no command ${name}`));
  });
}
