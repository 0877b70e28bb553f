/** docs/doctor.md, made from the table of rules. */
import { CLUSTER_RULES, LOCAL_RULES } from "./table.ts";

/** Returns the whole text of the page, ending with a newline. */
export function buildDoctorDocs(): string {
  const rules = [...CLUSTER_RULES, ...LOCAL_RULES];
  const rows = rules.map(({ code, severity, title, breaks }) => {
    const broken = breaks.length === 0 ? "–" : breaks.join(", ");
    return `| [\`${code}\`](#${code}) | ${severity} | ${title} | ${broken} |`;
  });
  const sections = rules.map(
    ({ code, severity, title, explains }) => `## \`${code}\`\n\n**${title}** (${severity})\n\n${explains}\n`,
  );
  return `# What the doctor finds

Generated from src/doctor; do not edit. \`signalbox doctor\` looks at every endpoint of the configuration, or of \`--haproxy\` and \`--mysql\`, changes
nothing, and says what would keep an action from working, with the fix: a GRANT, a line of a file, a command. An endpoint that is dead or hangs delays
the others by nothing; everything is bounded by a few seconds. \`--json\` prints
\`{"schema": 1, "findings": [{"code", "severity", "cluster", "subject", "message", "breaks", "fix"}]}\`; \`cluster\` is null for this machine.

Exit codes as \`status\`: 0 nothing but information, 1 a warning, 2 critical, 3 no endpoint answers. The severity below is the usual one; a text says when
it differs. Findings that are [alerts](alerts.md) too have the same code and words.

What stands only in haproxy.cfg is read from \`--haproxy-config FILE\` (repeatable: the first file for the first HAProxy; the last one for all that follow),
or found by the command line of a HAProxy that runs on this machine, or on the host through which its socket is reached by SSH.

| code | severity | what | breaks |
|---|---|---|---|
${rows.join("\n")}

${sections.join("\n")}`;
}
