/** The program's first file inside the one-file executable (scripts/build-executable.js): there the worker is no file either. */
import { getAsset } from "node:sea";
import { start } from "../start.ts";

await start(new URL(`data:text/javascript,${encodeURIComponent(getAsset("load.mjs", "utf8"))}#engine.js`));
