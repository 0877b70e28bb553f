// The worker when it runs from sources: threads do not inherit tsx on Node 20, so it is registered first. Not part of the build.
import { register } from "tsx/esm/api";

register();
await import("./entry.ts");
