import { describe, expect, it } from "vitest";
import {
  buildHaproxyReport,
  buildR1,
  buildR3,
  buildR4,
  failed,
  fresh,
  NOW,
  type Scene,
} from "../../../support/model-builders.ts";

const silentHaproxy = () => {
  const scene = buildR4();
  return scene.haproxy("lb2", { reading: failed(scene.haproxyReport("lb2")) });
};

describe("haproxy-unreachable", () => {
  it("is a warning while another HAProxy answers and critical when none does", () => {
    const scene = silentHaproxy();
    expect(scene.snapshot().alerts).toMatchObject([
      { code: "haproxy-unreachable", severity: "warning", subject: "lb2" },
    ]);
    scene.haproxy("lb1", { reading: failed(scene.haproxyReport("lb1")) });
    expect(scene.snapshot().alerts.map(({ severity }) => severity)).toEqual(["critical", "critical"]);
  });

  it.each([
    ["unix:///run/lb1.sock", 'echo "show info" | socat - UNIX-CONNECT:/run/lb1.sock'],
    ["ssh://ops@lb2/run/lb.sock", 'echo "show info" | socat - UNIX-CONNECT:/run/lb.sock'],
    ["tcp://10.0.0.5:9999", 'echo "show info" | socat - TCP:10.0.0.5:9999'],
    ["http://10.0.0.5:8080/stats", 'curl "http://10.0.0.5:8080/stats;csv"'],
  ])("advises how to ask %s by hand", (url, command) => {
    const scene = buildR1();
    scene.haproxy("lb1", { url, reading: failed(scene.haproxyReport("lb1")) });
    expect(scene.snapshot().alerts[0]?.advice).toContain(command);
  });

  it("is not raised before the first answer", () => {
    expect(
      buildR1()
        .haproxy("lb1", { reading: { state: "never", from: "lb1" } })
        .codes(),
    ).toEqual([]);
  });
});

describe("server-down of the writer", () => {
  const adviceOf = (scene: Scene) => scene.snapshot().alerts.find(({ code }) => code === "server-down")?.advice;

  it("is not told to come back over the one that takes the writes now", () => {
    const dead = buildR1().state("lb1", "write_nodes/db1", "down", { rise: 99_999_999 });
    expect(adviceOf(dead)).toContain('"set server write_nodes/db1 state maint", then "state ready"');
    const takenOver = adviceOf(dead.node("db2", { readOnly: false }));
    expect(takenOver).toContain("db2 gets the writes now: before it takes any again it has to have them all");
    expect(takenOver).not.toContain("state ready");
  });

  it("warns of a HAProxy that gives the writes back by itself, except where both take them", () => {
    const scene = buildR3().state("lb1", "mysql/db1", "down");
    expect(adviceOf(scene)).toContain(
      "whatever it has missed of what db2 got: if it must not, signalbox maint mysql/db1",
    );
    expect(adviceOf(buildR4().state("lb1", "mysql/db1", "down"))).toContain("HAProxy takes it back by itself when");
  });
});

describe("haproxy-disagree", () => {
  it.each(["drain", "maint"] as const)("is raised when one HAProxy has a server in %s", (state) => {
    const alerts = buildR4().state("lb2", "mysql/db2", state).snapshot().alerts;
    expect(alerts).toMatchObject([{ code: "haproxy-disagree", severity: "warning", subject: "mysql/db2" }]);
    expect(alerts[0]?.message).toContain(`lb1: active, in rotation; lb2: active, ${state}`);
  });

  it("is critical when new writes go to different nodes and that is not meant", () => {
    const scene = buildR4().configure({ writer: { backend: "mysql", address: null, multiWriter: false } });
    const alert = scene
      .state("lb2", "mysql/db1", "drain")
      .snapshot()
      .alerts.find(({ code }) => code === "haproxy-disagree");
    expect(alert).toMatchObject({ severity: "critical", subject: "mysql/db1" });
  });

  it("is raised for weight 0 on one side and for a server only one side has", () => {
    expect(buildR4().server("lb2", "mysql/db2", { weight: 0 }).codes()).toEqual(["haproxy-disagree"]);
    const scene = buildR4();
    const [first] = scene.haproxyReport("lb2").servers;
    scene.haproxy("lb2", { reading: fresh(buildHaproxyReport(first === undefined ? [] : [first])) });
    expect(scene.snapshot().alerts[0]?.message).toContain("lb2: not there");
  });

  it("leaves a young difference of health checks to the next check", () => {
    const young = buildR4().state("lb2", "mysql/db2", "down", { lastChangeSeconds: 2 });
    expect(young.codes()).not.toContain("haproxy-disagree");
    expect(buildR4().state("lb2", "mysql/db2", "down", { lastChangeSeconds: 60 }).codes()).toContain(
      "haproxy-disagree",
    );
  });

  it("is raised for a dead primary that one HAProxy never takes back, though its good checks are counted on and on", () => {
    const scene = buildR1();
    scene.addHaproxy("lb2", scene.haproxyReport("lb1").servers);
    const never = { status: "DOWN 41/99999999", rise: 99_999_999, inTransition: true, lastChangeSeconds: 60 };
    const alerts = scene.state("lb2", "write_nodes/db1", "down", never).snapshot().alerts;
    expect(alerts.find(({ code }) => code === "haproxy-disagree")).toMatchObject({
      severity: "critical",
      subject: "write_nodes/db1",
    });
    expect(scene.state("lb2", "write_nodes/db1", "down", { ...never, rise: 50 }).codes()).not.toContain(
      "haproxy-disagree",
    );
  });

  it("does not compare states of the first seconds after a reload", () => {
    const scene = buildR4().state("lb2", "mysql/db2", "down", { lastChangeSeconds: 60 });
    const report = scene.haproxyReport("lb1");
    const process = report.process === null ? null : { ...report.process, uptimeSeconds: 2 };
    scene.haproxy("lb1", { reading: fresh({ ...report, process }) });
    expect(scene.codes()).not.toContain("haproxy-disagree");
  });

  it("does not compare with a HAProxy that is silent", () => {
    const scene = buildR4().state("lb2", "mysql/db2", "drain");
    scene.haproxy("lb2", { reading: failed(scene.haproxyReport("lb2")) });
    expect(scene.codes()).toEqual(["haproxy-unreachable"]);
  });
});

describe("haproxy-reloaded and haproxy-not-admin", () => {
  it("tells what a reload took back", () => {
    const reload = { at: NOW - 5000, previousPid: 1, pid: 2, lost: ["read_nodes/db2 was drain, now up"] };
    const alerts = buildR1().haproxy("lb1", { reload }).snapshot().alerts;
    expect(alerts).toMatchObject([{ code: "haproxy-reloaded", severity: "warning" }]);
    expect(alerts[0]?.message).toContain("read_nodes/db2 was drain, now up");
    expect(
      buildR1()
        .haproxy("lb1", { reload: { ...reload, lost: [] } })
        .snapshot().health,
    ).toBe("ok");
  });

  it.each([
    ["operator", 1],
    ["user", 1],
    ["read-only", 1],
    ["admin", 0],
    [null, 0],
  ] as const)("with level %s raises haproxy-not-admin %i times", (level, count) => {
    const scene = buildR1();
    scene.haproxy("lb1", { reading: fresh({ ...scene.haproxyReport("lb1"), level }) });
    expect(scene.codes()).toHaveLength(count);
    expect(scene.snapshot().health).toBe("ok");
  });
});

describe("server-down and backend-no-server", () => {
  it("raises server-down, critical for the active server of the writer backend", () => {
    expect(buildR1().state("lb1", "read_nodes/db3", "down").snapshot().alerts).toMatchObject([
      { code: "server-down", severity: "warning", node: "db3", subject: "lb1 read_nodes/db3" },
    ]);
    const writer = buildR1().state("lb1", "write_nodes/db1", "down").snapshot().alerts;
    expect(writer.find(({ code }) => code === "server-down")?.severity).toBe("critical");
  });

  it("does not raise backend-no-server for a backend that is disabled in haproxy.cfg", () => {
    const scene = buildR1();
    const hidden = { status: null, sessions: null, queued: null, check: null, active: false };
    for (const id of [2, 3, 4]) scene.state("lb1", `read_nodes/db${id}`, "unknown", hidden);
    expect(scene.codes()).toEqual([]);
  });

  it("says when HAProxy will never take the server back by itself", () => {
    const advice = (rise: number) =>
      buildR1().state("lb1", "read_nodes/db3", "down", { rise }).snapshot().alerts[0]?.advice;
    expect(advice(2)).toContain("takes it back by itself when its checks pass");
    expect(advice(99_999_999)).toContain("never takes it back by itself (rise 99999999)");
  });

  it("says that the checks pass where they do, and does not send anybody to look at them", () => {
    const [alert] = buildR1().state("lb1", "read_nodes/db3", "down", { check: "L7OK" }).snapshot().alerts;
    expect(alert?.advice).toMatch(/^Its checks pass now\./);
    const [failing] = buildR1().state("lb1", "read_nodes/db3", "down", { check: "L7RSP" }).snapshot().alerts;
    expect(failing?.advice).toContain("look at the check user");
  });

  it("raises backend-no-server when every reader is out, and not while one is left", () => {
    const scene = buildR1();
    for (const id of [2, 3]) scene.state("lb1", `read_nodes/db${id}`, "drain");
    expect(scene.codes()).not.toContain("backend-no-server");
    scene.server("lb1", "read_nodes/db4", { weight: 0 });
    expect(scene.snapshot().alerts).toContainEqual(
      expect.objectContaining({ code: "backend-no-server", subject: "lb1 read_nodes" }),
    );
  });
});

describe("forgotten-drain", () => {
  it.each([
    [0, ["info"]],
    [1799, ["info"]],
    [1800, ["warning"]],
  ] as const)("after %i s of drain gives %j", (lastChangeSeconds, expected) => {
    const alerts = buildR1().state("lb1", "read_nodes/db3", "drain", { lastChangeSeconds }).snapshot().alerts;
    expect(alerts.map(({ severity }) => severity)).toEqual(expected);
  });

  it.each([
    ["a node that is late", buildR1().channel("db3", { secondsBehind: 6 })],
    ["a node with a stopped thread", buildR1().channel("db3", { sql: "no" })],
    ["a node that does not answer", buildR1().kill("db3")],
  ])("stays information, without the advice to bring it back, for %s", (_name, scene) => {
    scene.state("lb1", "read_nodes/db3", "drain", { lastChangeSeconds: 10_800 });
    const alert = scene.snapshot().alerts.find(({ code }) => code === "forgotten-drain");
    expect(alert).toMatchObject({ severity: "info", advice: expect.not.stringContaining("signalbox ready") });
  });

  it("is not raised for maintenance that comes from the configuration or from a tracked server", () => {
    for (const reason of ["maint-config", "maint-inherited", "unresolved"] as const) {
      const scene = buildR1().state("lb1", "read_nodes/db3", "maint", {
        lastChangeSeconds: 10_800,
        adminReasons: [reason],
      });
      expect(scene.codes()).toEqual([]);
    }
  });

  it("is not raised for an old primary kept out of the writer backend while another takes the writes", () => {
    const scene = buildR3After();
    expect(scene.codes()).not.toContain("forgotten-drain");
  });
});

function buildR3After() {
  return buildR4()
    .configure({ writer: { backend: "mysql", address: null, multiWriter: false } })
    .state("lb1", "mysql/db1", "maint", { lastChangeSeconds: 10_800, sessions: 0 })
    .state("lb2", "mysql/db1", "maint", { lastChangeSeconds: 10_800, sessions: 0 });
}

describe("check-cannot-work", () => {
  it.each([
    ["by its code", { check: "L7RSP", checkCode: 1251, checkInfo: "" }],
    [
      "by its text, where HAProxy gives no code",
      {
        check: "L7STS",
        checkCode: 0,
        checkInfo: "Client does not support authentication protocol requested by server",
      },
    ],
  ])("is raised %s", (_name, patch) => {
    const scene = buildR1("mysql").state("lb1", "read_nodes/db3", "down", patch);
    expect(scene.alerts()).toEqual(["server-down db3", "check-cannot-work db3"]);
  });

  it.each([
    ["a wrong check user", { check: "L7STS", checkCode: 1045, checkInfo: "#28000Access denied for user" }],
    ["a refused connection", { check: "L4CON", checkCode: 0, checkInfo: "Connection refused" }],
  ])("is not raised for %s", (_name, patch) => {
    expect(buildR1("mysql").state("lb1", "read_nodes/db3", "down", patch).codes()).toEqual(["server-down"]);
  });
});
