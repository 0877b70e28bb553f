// Puts the blob of a single-executable application into a copy of Node. A process of its own, because what postject prints (warnings about
// sections without a name, in every Node) has to be caught.
import { readFileSync } from "node:fs";
import { inject } from "postject";

const [program, blob] = process.argv.slice(2);
// Where Node looks for it, and the fuse in its binary that says there is one: https://nodejs.org/api/single-executable-applications.html
await inject(program, "NODE_SEA_BLOB", readFileSync(blob), {
  sentinelFuse: "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2",
});
