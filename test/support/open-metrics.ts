/** A strict reader of OpenMetrics text (https://prometheus.io/docs/specs/om/open_metrics_spec/), as far as signalbox writes it. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const TEXT = String.raw`(?:[^"\\\n]|\\["\\n])*`;
const LABEL = new RegExp(`([a-zA-Z_][a-zA-Z0-9_]*)="(${TEXT})"(,|$)`, "y");
const SAMPLE = new RegExp(String.raw`^(${NAME})(?:\{(.*)\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$`);

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const at = LABEL.lastIndex;
    const match = LABEL.exec(text);
    if (match === null) throw new Error(`labels at ${at}: ${text}`);
    const [, name = "", value = ""] = match;
    if (name in labels) throw new Error(`label ${name} twice: ${text}`);
    labels[name] = value.replace(/\\(.)/g, (_all, mark: string) => (mark === "n" ? "\n" : mark));
  }
  return labels;
}

/** The family from a line about it on. @throws Error when it is told twice, or the line is about another one */
function readAbout(about: RegExpExecArray, family: string, types: Map<string, string>): string {
  const [, what, name = "", rest = ""] = about;
  if (what === "HELP") {
    if (name !== family) throw new Error(`help of ${name} inside ${family}`);
    return family;
  }
  if (types.has(name)) throw new Error(`family ${name} twice`);
  if (rest !== "gauge" && rest !== "counter") throw new Error(`type ${rest}`);
  types.set(name, rest);
  return name;
}

/** @throws Error for anything that the specification does not allow */
export function parseOpenMetrics(text: string): readonly Sample[] {
  if (!text.endsWith("# EOF\n")) throw new Error("does not end with # EOF");
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  const seen = new Set<string>();
  let family = "";
  for (const line of text.slice(0, -"# EOF\n".length).split("\n").slice(0, -1)) {
    const about = new RegExp(`^# (TYPE|HELP) (${NAME}) (.+)$`).exec(line);
    if (about !== null) {
      family = readAbout(about, family, types);
      continue;
    }
    const match = SAMPLE.exec(line);
    if (match === null) throw new Error(`no sample: ${line}`);
    const [, name = "", labels = "", value = ""] = match;
    const expected = types.get(family) === "counter" ? `${family}_total` : family;
    if (name !== expected) throw new Error(`${name} inside ${family}`);
    const key = line.slice(0, line.lastIndexOf(" "));
    if (seen.has(key)) throw new Error(`sample twice: ${key}`);
    seen.add(key);
    samples.push({ name, labels: parseLabels(labels), value: Number(value) });
  }
  return samples;
}
