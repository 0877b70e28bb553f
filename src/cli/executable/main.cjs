// What Node runs in the one-file executable: one CommonJS script, which cannot hold the program itself (modules with top-level await, loaded
// when they are needed). It starts load.mjs, and that the program.
const { getAsset } = require("node:sea");

// React must see production mode before it is imported.
process.env.NODE_ENV ??= "production";
import(`data:text/javascript,${encodeURIComponent(getAsset("load.mjs", "utf8"))}#signalbox.js`);
