/** Text of OpenMetrics 1.0: families in order, each once, each sample once. */

export const CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

export type Labels = Readonly<Record<string, string>>;

export interface Exposition {
  /** A figure that is not known is not there: null adds nothing. Names are given without `signalbox_`. */
  gauge(name: string, help: string, labels: Labels, value: number | boolean | null): void;
  counter(name: string, help: string, labels: Labels, value: number): void;
  text(): string;
}

interface Family {
  readonly type: "gauge" | "counter";
  readonly help: string;
  readonly samples: Map<string, number>;
}

export function createExposition(): Exposition {
  const families = new Map<string, Family>();
  const add = (type: Family["type"], name: string, help: string, labels: Labels, value: number) => {
    const family = families.get(name) ?? { type, help, samples: new Map() };
    families.set(name, family);
    if (Number.isFinite(value)) family.samples.set(formatLabels(labels), value);
  };
  return {
    gauge(name, help, labels, value) {
      if (value !== null) add("gauge", name, help, labels, Number(value));
    },
    counter: (name, help, labels, value) => add("counter", name, help, labels, value),
    text() {
      const lines = [...families].flatMap(([name, { type, help, samples }]) => [
        `# TYPE signalbox_${name} ${type}`,
        `# HELP signalbox_${name} ${escapeText(help)}`,
        ...[...samples].map(
          ([labels, value]) => `signalbox_${name}${type === "counter" ? "_total" : ""}${labels} ${value}`,
        ),
      ]);
      return [...lines, "# EOF", ""].join("\n");
    },
  };
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeText(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeText(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/"/g, '\\"');
}
