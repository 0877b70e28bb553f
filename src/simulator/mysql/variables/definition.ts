/** What a system variable is, and tables of them. */
import type { Node } from "../../world/state.ts";

export interface VariableDefinition {
  readonly type: "bool" | "int" | "text" | "real";
  readonly scope: "global" | "both" | "session";
  readonly writable: boolean;
  /** Text as SHOW VARIABLES has it. */
  readonly read: (node: Node) => string;
  /** What setting the global value does; null: it is kept among the node's variables. */
  readonly write: ((node: Node, text: string) => void) | null;
  /** Privileges of which one is needed to set the global value. */
  readonly privileges: readonly string[];
}

export type Kind = VariableDefinition["type"];

export function define(
  type: Kind,
  scope: VariableDefinition["scope"],
  writable: boolean,
  read: (node: Node) => string,
  ...privileges: string[]
): VariableDefinition {
  return { type, scope, writable, read, write: null, privileges: privileges.length > 0 ? privileges : ["SUPER"] };
}

export function fixed(kind: Kind, entries: Record<string, string>): [string, VariableDefinition][] {
  return Object.entries(entries).map(([name, text]) => [name, define(kind, "global", false, () => text)]);
}

export function settable(
  kind: Kind,
  scope: "global" | "both",
  entries: Record<string, string>,
): [string, VariableDefinition][] {
  return Object.entries(entries).map(([name, text]) => [
    name,
    define(kind, scope, true, (node) => node.variables.get(name) ?? text),
  ]);
}

export function onOff(value: boolean): string {
  return value ? "ON" : "OFF";
}

export type VariableList = readonly (readonly [name: string, definition: VariableDefinition])[];
