/**
 * A program of its own that runs one operation and is killed (SIGKILL, by its own hand) right before or right after a given change is sent.
 * Real drivers, real journal. Arguments: configuration file, request as JSON, `before:N` or `after:N` (N = 1 for the first change sent).
 */
import { loadSettings, readSurroundings } from "../../../src/config/load-settings.ts";
import { openOperations } from "../../../src/engine/operations.ts";
import type { CommandRequest } from "../../../src/model/operation.ts";
import type { ClusterPorts } from "../../../src/operations/ports.ts";

const [configFile = "", requestText = "", point = ""] = process.argv.slice(2);
const [when, at] = point.split(":");
let sent = 0;

/** Never comes back. */
function die(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => {});
}

function cut(ports: ClusterPorts): ClusterPorts {
  return {
    ...ports,
    async send(...args) {
      sent += 1;
      const isHere = sent === Number(at);
      if (isHere && when === "before") return die();
      const result = await ports.send(...args);
      return isHere && when === "after" ? die() : result;
    },
  };
}

const request = {
  configFile,
  cluster: null,
  haproxyUrls: [],
  mysqlUrls: [],
  readOnly: false,
  theme: null,
  interval: null,
};
const { settings } = await loadSettings(request, readSurroundings(process.env, process.cwd()));
const operations = openOperations(settings, { wrapPorts: cut });
if (operations === null) throw new Error("started read-only");
const plan = await operations.plan(JSON.parse(requestText) as CommandRequest);
const { state, summary, refusals } = await operations.run(plan);
await operations.close();
process.stdout.write(`${JSON.stringify({ id: plan.id, state, summary, refusals, sent })}\n`);
process.exit(0);
