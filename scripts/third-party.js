// Licences of the packages that are inside the bundle: most of them want their text to go with every copy.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const LICENCE_FILE = /^(licen[cs]e|copying)(\.|-|$)/i;

/** Folders of packages whose files went into the bundle. */
function listPackageFolders(metafile) {
  const folders = Object.keys(metafile.inputs).flatMap((input) => {
    const end = input.lastIndexOf("node_modules/");
    const name = /^(?:@[^/]+\/)?[^/]+/.exec(input.slice(end + "node_modules/".length))?.[0];
    return end < 0 || name === undefined ? [] : [`${input.slice(0, end)}node_modules/${name}`];
  });
  return [...new Set(folders)].sort();
}

function describePackage(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => LICENCE_FILE.test(each));
  if (file === undefined && license === undefined) throw new Error(`${name} ${version} in the bundle has no licence`);
  const text = file === undefined ? "" : `\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  return `${name} ${version} (${license ?? "see below"})\n${text}`;
}

/** Name, version and licence text of every package in the bundle, as one text. Throws for a package without a licence. */
export function buildThirdPartyText(metafile, root) {
  const folders = listPackageFolders(metafile).map((folder) => join(root, folder));
  const parts = folders.map(describePackage);
  return `signalbox contains these packages.\n\n${parts.join(`\n${"-".repeat(78)}\n\n`)}`;
}
