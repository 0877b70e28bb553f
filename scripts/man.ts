/** `npm run man`: writes man/signalbox.1. */
import { mkdirSync, writeFileSync } from "node:fs";
import { makeManPage } from "./man/make.ts";

const folder = new URL("../man/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL("signalbox.1", folder), makeManPage());
