import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type GatherParts, gatherFacts } from "../../../src/doctor/gather.ts";
import { DriverError } from "../../../src/drivers/errors.ts";
import { goodLogin, healthyNode } from "../operations/promotion/support/preflight.ts";
import { Patient } from "./facts.ts";

const never = <T>() => new Promise<T>(() => undefined);
const good: GatherParts = {
  examine: async () => ({ preflight: healthyNode(), clockOffsetMs: 0, readOnlyOrigin: "file", account: "'ops'@'%'" }),
  tryLogin: async ({ name }) => goodLogin(name),
  findRivals: async () => [],
  readConfig: async () => ({ found: null, why: "it is not here" }),
};

describe("gathering", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function gather(parts: Partial<GatherParts>, patient = new Patient(), readOnly = false) {
    const { settings } = patient.scene;
    const all = { ...good, ...parts };
    const gathering = gatherFacts(settings, patient.scene.snapshot(), all, { readOnly, timeoutMs: 3000 });
    await vi.advanceTimersByTimeAsync(3500);
    return gathering;
  }

  it("asks every node that answers, and who does not is not asked again", async () => {
    const patient = new Patient();
    patient.scene.kill("db3");
    const asked: string[] = [];
    const facts = await gather(
      {
        examine: async (node, bounds) => {
          asked.push(`${node.name} ${node.host}:${node.port} ${node.access.user}`);
          return good.examine(node, bounds);
        },
      },
      patient,
    );
    expect(asked).toEqual(["db1 10.0.0.11:3306 ops", "db2 10.0.0.12:3306 ops", "db4 10.0.0.14:3306 ops"]);
    expect([...facts.nodes.keys()]).toEqual(["db1", "db2", "db4"]);
    expect(facts.logins.map(({ node }) => node)).toEqual(["db1", "db2", "db4"]);
  });

  it("asks no host by which right it could move the address where nothing may be changed: sudo would be written down there", async () => {
    const asked: string[] = [];
    const readAddressHosts: GatherParts["readAddressHosts"] = async ({ name }) => {
      asked.push(name);
      return new Map();
    };
    await gather({ readAddressHosts }, new Patient(), true);
    expect(asked).toEqual([]);
    await gather({ readAddressHosts });
    expect(asked).toHaveLength(1);
  });

  it("one node that hangs in every question costs the bound and nothing of the others", async () => {
    let told = false;
    const facts = await gather({
      examine: (node, bounds) => {
        if (node.name !== "db2") return good.examine(node, bounds);
        bounds.signal.addEventListener("abort", () => {
          told = true;
        });
        return never();
      },
      tryLogin: (node, login, bounds) => (node.name === "db2" ? never() : good.tryLogin(node, login, bounds)),
    });
    expect(facts.nodes.get("db1")?.examination).not.toBeNull();
    expect(facts.nodes.get("db2")).toMatchObject({ examination: null, failure: { kind: "timeout" } });
    expect(facts.logins.find(({ node }) => node === "db2")).toMatchObject({ ok: false, failure: { kind: "timeout" } });
    expect(told).toBe(true);
  });

  it("keeps the words of a driver that gives up by itself", async () => {
    const refused = new DriverError({
      kind: "auth",
      target: "db2",
      operation: "connect",
      message: "refused",
      advice: "do x",
    });
    const facts = await gather({
      examine: (node, bounds) => (node.name === "db2" ? Promise.reject(refused) : good.examine(node, bounds)),
    });
    expect(facts.nodes.get("db2")).toMatchObject({ failure: { kind: "auth", message: "refused", advice: "do x" } });
  });

  it("a file that cannot be read in time is unknown", async () => {
    const facts = await gather({ readConfig: never });
    expect(facts.configs.get("lb1")).toEqual({ found: null, why: "reading it took too long" });
  });

  it("asks every host behind SSH once for rivals; one that hangs or refuses delays and hides nothing", async () => {
    const patient = new Patient();
    const [lb1] = patient.scene.settings.haproxies;
    const location = { kind: "ssh", user: "ops", host: "lb1", port: null, path: "/run/a.sock" } as const;
    const [db1] = patient.scene.settings.nodes;
    if (lb1 === undefined || db1 === undefined) throw new Error("no R1");
    patient.scene.configure({
      haproxies: [
        { ...lb1, location },
        { ...lb1, name: "lb2", location },
      ],
      nodes: [
        { ...db1, ssh: "bastion" },
        { ...db1, ssh: "hangs" },
        { ...db1, ssh: "refuses" },
      ],
    });
    const asked: string[] = [];
    const { rivals } = await gather(
      {
        findRivals: (target) => {
          asked.push(target);
          if (target === "hangs") return never();
          return target === "refuses" ? Promise.reject(new Error("no")) : Promise.resolve(["orchestrator"]);
        },
      },
      patient,
    );
    expect(asked.sort()).toEqual(["bastion", "hangs", "ops@lb1", "refuses"]);
    expect([...rivals.keys()].sort()).toEqual(["bastion", "ops@lb1"]);
  });

  it("tries no login where nothing may be changed", async () => {
    expect((await gather({}, new Patient(), true)).logins).toEqual([]);
  });
});
