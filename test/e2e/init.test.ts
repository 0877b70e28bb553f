/** `signalbox init` on real clusters: what it writes shows the same cluster as the lab's own configuration. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import type { StatusJson } from "../../src/model/status-view.ts";
import { describeEngine } from "../lab/describe-engine.ts";
import { type Lab, labAccounts, startLab, waitFor } from "../lab/index.ts";
import { runSignalbox } from "./status-runner.ts";

const PASSWORDS = {
  SIGNALBOX_MYSQL_USER: labAccounts.ops.user,
  SIGNALBOX_MYSQL_PASSWORD: labAccounts.ops.password,
  SIGNALBOX_REPL_PASSWORD: labAccounts.repl.password,
};

/** Everything that is no figure of the moment; nodes are called by their address, since only a person knows other names for them. */
function shapeOf(json: StatusJson): unknown {
  const addressOf = new Map(json.nodes.map(({ name, address }) => [name, address]));
  const text = JSON.stringify({ ...json, at: null }, (key, value) => {
    if (/^(ageMs|uptimeSeconds|lastChangeSeconds|sessions|probedAt|pos|executedPos|checkInfo)$/.test(key)) return null;
    const isName = ["name", "sourceNode", "node", "probed"].includes(key);
    if (isName && typeof value === "string") return addressOf.get(value) ?? value;
    if (key === "expected" && Array.isArray(value)) return value.map((name) => addressOf.get(name) ?? name);
    return typeof value === "string" && (key === "message" || key === "advice")
      ? json.nodes.reduce((words, { name, address }) => words.replaceAll(name, address), value)
      : value;
  });
  return JSON.parse(text);
}

for (const topology of ["r1", "r3", "tier"] as const) {
  describeEngine(["mariadb-10.11", "haproxy-2.6"], `signalbox init on a real ${topology}`, () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await startLab({ topology });
    });
    afterAll(() => lab?.stop());

    const socket = () => `unix://${lab.haproxy().socketPath}`;

    it("writes a configuration with which status is what it is with the lab's own", async () => {
      const file = join(lab.dir, "made.yaml");
      const settled = await waitFor("a settled cluster", async () => {
        const seen = await runSignalbox(["status", "--json", "-c", lab.configPath]);
        const json: StatusJson = JSON.parse(seen.out);
        return json.health !== "critical" && { exitCode: seen.exitCode, json };
      });
      const made = await runSignalbox(["init", "--cluster", "lab", "--haproxy", socket(), "-o", file], PASSWORDS);
      expect(made).toMatchObject({ exitCode: 0, out: "" });
      expect(made.err).toContain(`found 1 HAProxy and ${lab.nodes.length} nodes; wrote ${file}`);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const look = await runSignalbox(["status", "--json", "-c", file], PASSWORDS);
      expect(look.err).toBe("");
      expect(look.exitCode).toBe(settled.exitCode);
      expect(shapeOf(JSON.parse(look.out))).toEqual(shapeOf(settled.json));
    });

    it("says who writes, who reads, where clients connect, and never a password", async () => {
      const { exitCode, out } = await runSignalbox(["init", "--haproxy", socket()], PASSWORDS);
      expect(exitCode).toBe(0);
      const config = parse(out);
      const [cluster] = config.clusters;
      expect(config.mysql).toMatchObject({ user: "ops", password_env: "SIGNALBOX_MYSQL_PASSWORD" });
      expect(cluster.writer).toEqual({ backend: lab.writer.backend, address: `127.0.0.1:${lab.writePort}` });
      expect(cluster.readers ?? []).toEqual(topology === "r3" ? [] : ["read_nodes"]);
      expect(cluster.nodes.map(({ address }: { address: string }) => address)).toEqual(
        lab.nodes.map(({ port }) => `127.0.0.1:${port}`),
      );
      expect(cluster.replication).toEqual({ user: "repl", password_env: "SIGNALBOX_REPL_PASSWORD" });
      expect(out).toContain("# Not found:");
      for (const password of [labAccounts.ops.password, labAccounts.repl.password]) expect(out).not.toContain(password);
    });

    it("finds the rest of the cluster through replication, from one node alone", async () => {
      const url = `mysql://ops@127.0.0.1:${lab.node("db1").port}`;
      const { exitCode, out, err } = await runSignalbox(["init", "--mysql", url], PASSWORDS);
      expect(exitCode).toBe(0);
      const addresses = parse(out).clusters[0].nodes.map(({ address }: { address: string }) => address);
      expect(addresses.sort()).toEqual(lab.nodes.map(({ port }) => `127.0.0.1:${port}`).sort());
      expect(err).toContain("not found: no HAProxy");
    });
  });
}

describeEngine(["mariadb-10.11", "haproxy-2.6"], "signalbox init and files", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ topology: "single" });
  });
  afterAll(() => lab?.stop());

  it("never overwrites a file, unless told to", async () => {
    const file = join(lab.dir, "mine.yaml");
    writeFileSync(file, "mine");
    const args = ["init", "--haproxy", `unix://${lab.haproxy().socketPath}`, "-o", file];
    const refused = await runSignalbox(args, PASSWORDS);
    expect(refused).toMatchObject({ exitCode: 64, out: "" });
    expect(refused.err).toBe(
      `signalbox: "${file}" exists and is not overwritten; name another file, or give --force\n`,
    );
    expect(readFileSync(file, "utf8")).toBe("mine");
    expect(await runSignalbox([...args, "--force"], PASSWORDS)).toMatchObject({ exitCode: 0 });
    expect(parse(readFileSync(file, "utf8")).clusters).toHaveLength(1);
  });

  it("takes the socket from a haproxy.cfg that is named, and says what has drifted in it", async () => {
    const copy = join(lab.dir, "copy.cfg");
    const text = readFileSync(lab.haproxy().configFile, "utf8");
    writeFileSync(copy, text.replace(/^( +server db1 .*)$/m, "$1 backup"));
    const { exitCode, out } = await runSignalbox(["init", "--haproxy-config", copy], PASSWORDS);
    expect(exitCode).toBe(0);
    expect(parse(out).clusters[0].haproxy).toEqual([{ name: "lb1", socket: `unix://${lab.haproxy().socketPath}` }]);
    expect(out).toContain("# DRIFT: write_nodes/db1 is backup in the file and active in the process");
  });

  it("loads without a password that is not there yet, and says which variables are to be exported", async () => {
    const file = join(lab.dir, "later.yaml");
    const made = await runSignalbox(["init", "--haproxy", `unix://${lab.haproxy().socketPath}`, "-o", file], {
      SIGNALBOX_MYSQL_USER: "ops",
    });
    expect(made.exitCode).toBe(0);
    expect(made.err).toContain("not found: db1 does not answer");
    expect(made.err).toContain("not found: the password of ops: $SIGNALBOX_MYSQL_PASSWORD is not set");
    expect(readFileSync(file, "utf8")).toContain("# password_env: SIGNALBOX_MYSQL_PASSWORD   # export it");
    expect((await runSignalbox(["status", "-c", file], PASSWORDS)).exitCode).toBe(0);
    expect(existsSync(file)).toBe(true);
  });
});
