// Which test files on real servers run one after the other, and whether all of them did.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

/** These never run beside each other: promotions measure write stops, and a second one on the same cores would lengthen them. */
const TOGETHER = /^test\/(e2e\/(promotion\/|console)|stories\/(?!scenario)|lab\/)/;

/** Seconds of a file nobody has measured yet. */
const UNKNOWN_SECONDS = 10;

const DURATIONS = new URL("durations.json", import.meta.url);

/** Seconds by test file, as the last run with SIGNALBOX_WRITE_DURATIONS=1 measured them. */
export function readDurations() {
  return JSON.parse(readFileSync(DURATIONS, "utf8"));
}

export function writeDurations(durations) {
  writeFileSync(DURATIONS, `${JSON.stringify(durations, null, 2)}\n`);
}

/** Every test file that is no unit test. */
export function listRealTests(projectDir) {
  return readdirSync(join(projectDir, "test"), { recursive: true })
    .map((name) => `test/${name.replaceAll("\\", "/")}`)
    .filter((name) => /\.test\.tsx?$/.test(name) && !/^test\/(unit\/|[^/]+$)/.test(name))
    .sort();
}

/** Two lists that take about the same time, the same ones at every run: the longest file left goes where less has been put so far. */
export function splitLanes(files, durations = readDurations()) {
  const secondsOf = (file) => durations[file] ?? UNKNOWN_SECONDS;
  const sum = (list) => list.reduce((seconds, file) => seconds + secondsOf(file), 0);
  const lanes = [files.filter((file) => TOGETHER.test(file)), []];
  const free = files.filter((file) => !TOGETHER.test(file));
  for (const file of free.sort((a, b) => secondsOf(b) - secondsOf(a) || a.localeCompare(b))) {
    const [shorter] = [...lanes].sort((a, b) => sum(a) - sum(b));
    shorter.push(file);
  }
  return lanes;
}

/** Files that were to run and that the report of their run does not name. */
export function findUntold(files, report, projectDir) {
  const told = new Set((report?.testResults ?? []).map(({ name }) => relative(projectDir, name).replaceAll("\\", "/")));
  return files.filter((file) => !told.has(file));
}

/** Seconds by file out of vitest's results. */
export function measureDurations(testResults, projectDir) {
  const seconds = testResults.map(({ name, startTime, endTime }) => [
    relative(projectDir, name),
    Math.round((endTime - startTime) / 1000),
  ]);
  return Object.fromEntries(seconds.sort(([a], [b]) => (a < b ? -1 : 1)));
}
