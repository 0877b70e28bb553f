/** A program that drains two servers on two HAProxies and never sends the second group: to be killed between two steps. */

import { loadSettings, readSurroundings } from "../../../src/config/load-settings.ts";
import { openOperations } from "../../../src/engine/operations.ts";
import { buildRequest } from "../../support/requests.ts";

const configFile = process.argv[2] ?? "";
const { settings } = await loadSettings(
  { configFile, cluster: null, haproxyUrls: [], mysqlUrls: [], readOnly: false, theme: null, interval: null },
  readSurroundings(process.env, process.cwd()),
);
const operations = openOperations(settings);
if (operations === null) throw new Error("no operations");
const request = buildRequest({ command: "drain", cluster: "lab", targets: ["read_nodes/db2", "read_nodes/db3"] });
const plan = await operations.plan(request);
await operations.run(plan, {
  onProgress({ steps }) {
    // Announced and not yet sent: nothing runs any more from here on.
    if (steps[2]?.outcome === "running") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});
