import { readFileSync } from "node:fs";

/** Filled in by the build (scripts/build.js). */
declare const __SIGNALBOX_VERSION__: string | undefined;

/** Whether this is the bundle of scripts/build.js, not the source. */
export const IS_BUNDLED = typeof __SIGNALBOX_VERSION__ === "string";

/** Version of the program: the built one knows it, a run from source reads package.json. */
export function readVersion(): string {
  if (typeof __SIGNALBOX_VERSION__ === "string") return __SIGNALBOX_VERSION__;
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
