import { createProcessIo } from "../../src/cli/io.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { readVersion } from "../../src/cli/version.ts";
import { buildManPage } from "./page.ts";

/** Text of man/signalbox.1. */
export function makeManPage(): string {
  const io = createProcessIo(new URL("file:///nonexistent"));
  return buildManPage(
    buildProgram(io, () => undefined),
    readVersion(),
  );
}
