/** The program's first file, built or run from source. */
import { start } from "./start.ts";
import { IS_BUNDLED } from "./version.ts";

await start(new URL(IS_BUNDLED ? "./engine.js" : "../engine/entry.ts", import.meta.url));
