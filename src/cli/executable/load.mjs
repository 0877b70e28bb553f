// Start file of each thread of the one-file executable, given as a data: URL whose fragment names the module to run. Modules are looked up in
// the executable, as if it were a folder: no file is written anywhere, so it also runs from a read-only disk and without a home.
import { registerHooks } from "node:module";
import { getAsset } from "node:sea";
import { pathToFileURL } from "node:url";

const inside = `${pathToFileURL(process.execPath)}/`;
const names = new Set(getAsset("names.txt", "utf8").split("\n"));

function find(specifier, parent) {
  if (!specifier.startsWith(inside) && !(specifier.startsWith(".") && parent?.startsWith(inside))) return null;
  const { href } = new URL(specifier, parent);
  // What is not here, such as ssh2's optional native parts, is left to Node, which says so.
  return names.has(href.slice(inside.length)) ? href : null;
}

registerHooks({
  resolve(specifier, context, next) {
    const url = find(specifier, context.parentURL);
    return url === null ? next(specifier, context) : { url, format: "module", shortCircuit: true };
  },
  load(url, context, next) {
    if (!url.startsWith(inside)) return next(url, context);
    return { format: "module", source: getAsset(url.slice(inside.length), "utf8"), shortCircuit: true };
  },
});

await import(inside + new URL(import.meta.url).hash.slice(1));
