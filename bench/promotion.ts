/** The write gap of a planned promotion as clients see it: 8 writers through HAProxy, about 1000 inserts/s on one machine. */
import { Actor } from "../test/e2e/act-runner.ts";
import {
  type Failure,
  findViolations,
  type Lab,
  type Positioning,
  type ServerEngineName,
  startLab,
  startTraffic,
  waitFor,
} from "../test/lab/index.ts";
import { median, type Result } from "./measure.ts";

const ROUNDS = Number(process.env.ROUNDS ?? 20);
const GAP_ROUNDS = 10;

interface Round {
  readonly gapMs: number;
  readonly engineGapMs: number | null;
  /** Connections in use that broke. */
  readonly brokenPerClient: number;
  /** Attempts to come back during the gap that failed. */
  readonly reconnectsPerClient: number;
  /** What the oracle found: lost rows, a second writer, a node that does not follow… */
  readonly violations: readonly string[];
  readonly tookMs: number;
}

async function promoteOnce(lab: Lab, actor: Actor, to: string): Promise<Round> {
  const traffic = startTraffic({ port: lab.writePort, writers: 8, rate: 1_000 });
  await waitFor("writers to be under way", () => traffic.summary().acknowledged.length > 1_000);
  const start = performance.now();
  const { exitCode, out, err } = await actor.run(["promote", to, "--yes", "--json"]);
  const tookMs = performance.now() - start;
  if (exitCode !== 0) throw new Error(`promote ${to} ended with ${exitCode}: ${err}${out.slice(-2_000)}`);
  const before = traffic.summary().acknowledged.length;
  await waitFor("writers to go on", () => traffic.summary().acknowledged.length > before + 300);
  const summary = await traffic.stop();
  const violations = await findViolations(lab, { primary: to }, summary);
  for (const violation of violations) process.stderr.write(`${violation}\n`);
  const gap = /"gapMs":([\d.]+)/g;
  const told = [...out.matchAll(gap)].at(-1)?.[1];
  const worst = (during: Failure["during"]) => {
    const byWriter = new Map<number, number>();
    for (const each of summary.failures) {
      if (each.during === during) byWriter.set(each.writer, (byWriter.get(each.writer) ?? 0) + 1);
    }
    return Math.max(0, ...byWriter.values());
  };
  return {
    gapMs: summary.longestGapMs,
    engineGapMs: told === undefined ? null : Number(told),
    brokenPerClient: worst("statement"),
    reconnectsPerClient: worst("first") + worst("connect"),
    violations,
    tookMs,
  };
}

async function measureVariant(engine: ServerEngineName, positioning: Positioning, budget: number): Promise<Result[]> {
  const lab = await startLab({ topology: "r1", engine, positioning });
  try {
    const actor = new Actor(lab);
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round++)
      rounds.push(await promoteOnce(lab, actor, round % 2 === 0 ? "db2" : "db1"));
    const gaps = rounds.slice(0, GAP_ROUNDS).map(({ gapMs }) => gapMs);
    const name = `${engine} ${positioning === "gtid" ? "GTID" : "file/position"}`;
    const told = rounds.flatMap(({ engineGapMs }) => engineGapMs ?? []);
    return [
      {
        name: `${name}: longest gap between acknowledged writes, median of ${GAP_ROUNDS}`,
        value: median(gaps),
        unit: "ms",
        budget,
      },
      { name: `${name}: write stop as the engine measured it, median`, value: median(told), unit: "ms", budget },
      {
        name: `${name}: rows lost and other violations in ${ROUNDS} runs`,
        value: rounds.flatMap(({ violations }) => violations).length,
        unit: "",
        budget: 0,
      },
      {
        name: `${name}: broken connections per client, worst`,
        value: Math.max(...rounds.map(({ brokenPerClient }) => brokenPerClient)),
        unit: "",
        budget: 1,
      },
      {
        name: `${name}: reconnects during the gap that failed, per client, worst`,
        value: Math.max(...rounds.map(({ reconnectsPerClient }) => reconnectsPerClient)),
        unit: "",
        budget: null,
      },
      {
        name: `${name}: whole switchover, command to exit, median`,
        value: median(rounds.map(({ tookMs }) => tookMs)),
        unit: "ms",
        budget: 5_000,
      },
    ];
  } finally {
    await lab.stop();
  }
}

/** PROMOTION_ENGINE=mysql-9.7: only on that one. */
export async function measurePromotion(): Promise<Result[]> {
  const only = process.env.PROMOTION_ENGINE;
  const engines = (["mariadb-10.11", "mysql-9.7"] as const).filter((engine) => only === undefined || engine === only);
  const results: Result[] = [];
  for (const engine of engines) {
    results.push(...(await measureVariant(engine, "gtid", 60)), ...(await measureVariant(engine, "file", 100)));
  }
  return results;
}
