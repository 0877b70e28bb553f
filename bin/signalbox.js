#!/usr/bin/env node
// Start file, no logic: React must see production mode before it is imported, and the compile cache halves the start of later runs.
import module from "node:module";

process.env.NODE_ENV ??= "production";
module.enableCompileCache?.();
await import("../dist/signalbox.js");
