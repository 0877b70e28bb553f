/** docs/guards.md, made from the table of guards. */
import type { Guard } from "./guard.ts";

function buildTable(guards: readonly Guard[]): string {
  const rows = guards.map(({ name, explains }) => `| \`${name}\` | ${explains} |`);
  return ["| guard | what must hold |", "|---|---|", ...rows].join("\n");
}

/** Returns the whole text of the page, ending with a newline. */
export function buildGuardDocs(
  guards: readonly Guard[],
  promotionGuards: readonly Guard[],
  addressGuards: readonly Guard[],
): string {
  return `# Guards

Generated from src/operations/guards; do not edit. Guards are asked when a plan is shown and again, on fresh readings, right before every step.
\`block\` refuses, and so does \`unknown\`: a guard that could not be checked counts as failed. \`warn\` is shown and refuses nothing. \`--force\`
overrides only the verdicts that say so. Two more speak only while a plan runs: \`as-planned\` (what the plan found must still be so right
before the step) and \`operator-lock\` (another operator's disruptive operation runs on the cluster).

${buildTable(guards)}

## Promotion, failover and rejoin

Plans that move writes are asked these instead. \`--force\` never overrides what could put two writers in, lose acknowledged writes or make data differ.

${buildTable(promotionGuards)}

## Moving the floating address

\`move-ip\`, and what takes it back, is asked these ([floating-ip.md](floating-ip.md)).

${buildTable(addressGuards)}
`;
}
