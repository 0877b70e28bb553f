/** What the doctor is asked with: a calm R1 on which nothing is found but what a test bends. */

import type { ClusterFacts, MachineFacts } from "../../../src/doctor/facts.ts";
import type { DoctorFinding } from "../../../src/doctor/finding.ts";
import { diagnose } from "../../../src/doctor/table.ts";
import { parseHaproxyConfig } from "../../../src/drivers/haproxy-config/parse.ts";
import type { NodeExamination } from "../../../src/drivers/mysql/examine/examine.ts";
import type { Flavor } from "../../../src/model/mysql.ts";
import type { NodePreflight } from "../../../src/model/preflight.ts";
import { buildR1, type Scene } from "../../support/model-builders.ts";
import { goodLogin, healthyNode } from "../operations/promotion/support/preflight.ts";

/** haproxy.cfg that says what the scene runs, and has nothing to complain of. */
export const GOOD_CONFIG = `global
    server-state-file /var/lib/haproxy/state
defaults
    load-server-state-from-file global
    default-server on-marked-down shutdown-sessions check rise 2 fall 3
listen write_nodes
    server db1 10.0.0.11:3306
    server db2 10.0.0.12:3306 backup
listen read_nodes
    server db2 10.0.0.12:3306
    server db3 10.0.0.13:3306
    server db4 10.0.0.14:3306
`;

export class Patient {
  readonly scene: Scene;
  readonly examinations = new Map<string, NodeExamination>();
  config: string | null = GOOD_CONFIG;
  patch: Partial<ClusterFacts> = {};

  constructor(flavor: Flavor = "mariadb") {
    this.scene = buildR1(flavor).configure({ replication: { user: "repl", password: null } });
    for (const name of this.scene.nodes.keys()) {
      const preflight = healthyNode(flavor);
      this.examinations.set(name, { preflight, clockOffsetMs: 3, readOnlyOrigin: "file", account: "'ops'@'%'" });
      this.scene.node(name, { gtid: { ...this.scene.report(name).gtid, strict: flavor === "mariadb" ? true : null } });
    }
  }

  examine(name: string, patch: Partial<NodeExamination>): this {
    const known = this.examinations.get(name);
    if (known === undefined) throw new Error(`no node ${name}`);
    this.examinations.set(name, { ...known, ...patch });
    return this;
  }

  preflight(name: string, patch: Partial<NodePreflight>): this {
    const known = this.examinations.get(name);
    if (known === undefined) throw new Error(`no node ${name}`);
    return this.examine(name, { preflight: { ...known.preflight, ...patch } });
  }

  facts(): ClusterFacts {
    const { scene, config } = this;
    const found =
      config === null
        ? null
        : { files: ["/etc/haproxy/haproxy.cfg"], config: parseHaproxyConfig([config]), serverLines: [] };
    return {
      settings: scene.settings,
      cluster: scene.snapshot(),
      readOnly: false,
      nodes: new Map([...this.examinations].map(([name, examination]) => [name, { examination, failure: null }])),
      logins: [...scene.nodes.keys()].map(goodLogin),
      configs: new Map([["lb1", found === null ? { found, why: "it runs on another machine" } : { found, why: null }]]),
      rivals: new Map(),
      ...this.patch,
    };
  }

  findings(machine: Partial<MachineFacts> = {}): readonly DoctorFinding[] {
    return diagnose([this.facts()], { ...GOOD_MACHINE, ...machine });
  }
}

export const GOOD_MACHINE: MachineFacts = {
  terminal: {
    term: "xterm-256color",
    columns: 100,
    rows: 30,
    utf8: true,
    manyColors: true,
    least: { columns: 60, rows: 15 },
  },
  stateDir: { path: "/state", mode: 0o40700, problem: null },
  configFile: { path: "/etc/signalbox/config.yaml", mode: 0o100640 },
  warnings: [],
  rivals: [],
};
