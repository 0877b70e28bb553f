/** docs/alerts.md, made from the table of rules. */
import type { AlertRule } from "./rule.ts";

/** Returns the whole text of the page, ending with a newline. */
export function buildAlertDocs(rules: readonly AlertRule[]): string {
  const rows = rules.map(({ code, severity, title }) => `| [\`${code}\`](#${code}) | ${severity} | ${title} |`);
  const sections = rules.map(
    ({ code, severity, title, explains }) => `## \`${code}\`\n\n**${title}** (${severity})\n\n${explains}\n`,
  );
  return `# Alerts

Generated from src/model/alerts; do not edit. Every alert carries a message with figures and an advice. Only readings that are fresh raise
an alert: what is past or unknown raises none, and the endpoint that is silent has an alert of its own. The severity is the usual one; the
text says when it differs. \`status\` exits 2 with a critical alert, 1 with a warning; info does not count.

| code | severity | what |
|---|---|---|
${rows.join("\n")}

${sections.join("\n")}`;
}
