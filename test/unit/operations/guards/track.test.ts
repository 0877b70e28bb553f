import { describe, expect, it } from "vitest";
import { buildR1, buildServer, type Scene } from "../../../support/model-builders.ts";
import { listVerdicts, selectFindings } from "./verdicts.ts";

/** db2 and db3 alone read; the reader backend's servers follow checks of another backend, as `track` is used. */
function buildTracking(): Scene {
  const scene = buildR1();
  const checks = [1, 2, 3].map((id) => buildServer(`checks/db${id}`, `10.0.0.1${id}:3306`, { sessions: 0 }));
  scene.addHaproxy("lb1", [...scene.haproxyReport("lb1").servers, ...checks]);
  for (const id of [2, 3]) scene.server("lb1", `read_nodes/db${id}`, { tracks: `checks/db${id}` });
  for (const id of [1, 2]) scene.server("lb1", `write_nodes/db${id}`, { tracks: `checks/db${id}` });
  return scene.configure({ writer: { backend: "write_nodes", address: null, multiWriter: false } });
}

describe("Servers that follow another one", () => {
  it("count as taken out with it: the last usable server of their backend", () => {
    const scene = buildTracking().state("lb1", "read_nodes/db2", "down").state("lb1", "read_nodes/db4", "down");
    const found = selectFindings(scene, { command: "maint", targets: ["checks/db3"] });
    expect(found.map(({ guard, verdict }) => `${guard} ${verdict}`)).toEqual([
      "last-usable-server block",
      "tracked-server warn",
    ]);
    expect(found[0]?.subject).toBe("lb1 read_nodes");
  });

  it("count as taken out with it: the writer, whose read-only backup would get the writes", () => {
    expect(listVerdicts(buildTracking(), { command: "drain", targets: ["checks/db1"] })).toEqual([
      "writer-drain block",
      "tracked-server warn",
    ]);
  });

  it("count as put in with it: a second writer", () => {
    const scene = buildTracking().node("db2", { readOnly: false, channels: [] }).state("lb1", "checks/db1", "maint");
    scene.server("lb1", "write_nodes/db1", { state: "maint", adminReasons: ["maint-inherited"], sessions: 0 });
    expect(listVerdicts(scene, { command: "ready", targets: ["checks/db1"] })).toContain("second-writer block");
  });

  it("stay out when they were taken out by themselves", () => {
    const scene = buildTracking().node("db2", { readOnly: false, channels: [] }).state("lb1", "checks/db1", "maint");
    scene.server("lb1", "write_nodes/db1", {
      state: "maint",
      adminReasons: ["maint-forced", "maint-inherited"],
      sessions: 0,
    });
    const found = selectFindings(scene, { command: "ready", targets: ["checks/db1"] });
    expect(found.filter(({ subject }) => subject.includes("write_nodes"))).toEqual([]);
  });

  it("may be followed themselves", () => {
    const scene = buildTracking().server("lb1", "read_nodes/db4", { tracks: "read_nodes/db3" });
    scene.state("lb1", "read_nodes/db2", "down");
    expect(listVerdicts(scene, { command: "maint", targets: ["checks/db3"] })).toContain(
      "last-usable-server block force",
    );
  });
});
