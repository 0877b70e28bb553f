/** What was found of the ways to move the address: steps, or why there is none. */
import type { AddressMeans } from "../../model/floating-move.ts";
import type { Machine } from "./machines.ts";

export interface MeansStep {
  /** Where it is run. */
  readonly host: Machine;
  readonly means: AddressMeans;
  /** Null: the account may not run it there. */
  readonly undo: { readonly host: Machine; readonly means: AddressMeans } | null;
  readonly title: string;
  readonly found: string;
}

export interface NoMeans {
  /** The guard that says it. */
  readonly guard: "address-tool" | "address-right" | "address-means";
  readonly verdict: "block" | "unknown";
  readonly subject: string;
  readonly message: string;
  readonly advice: string;
}

export type FoundMeans = { readonly steps: readonly MeansStep[]; readonly notes: readonly string[] } | NoMeans;

export const BY_HAND = "Move it by the means of whatever moves it there, and look at both hosts with `ip addr`.";

export const noMeans = (subject: string, message: string, advice: string): NoMeans => ({
  guard: "address-means",
  verdict: "block",
  subject,
  message,
  advice,
});
