/** `--metrics HOST:PORT`, checked before the screen is drawn: an address that cannot be had is a message, not a line of a log. */
import { createServer } from "node:net";
import { UsageError } from "../config/config-error.ts";
import { quoteValue } from "../config/decode/scalar.ts";
import { type Address, parseAddress } from "../config/parse-address.ts";
import type { Settings } from "../model/settings.ts";

/** The settings with the address in them. @throws UsageError for one that is none, or that cannot be listened at */
export async function withMetrics(settings: Settings, written: string | undefined): Promise<Settings> {
  if (written === undefined) return settings;
  const metrics = parse(written);
  await tryToListen(metrics);
  return { ...settings, metrics };
}

function parse(written: string): Address {
  try {
    return parseAddress(written, null);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--metrics ${quoteValue(written)} ${why}; write HOST:PORT, such as 127.0.0.1:9599`);
  }
}

function tryToListen({ host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "the port is in use" : (error.code ?? error.message);
      reject(new UsageError(`--metrics: cannot listen at ${host}, port ${port}: ${why}`));
    });
    server.listen(port, host, () => server.close(() => resolve()));
  });
}
