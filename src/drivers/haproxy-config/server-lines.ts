/** Where in the files each server stands, as it is written there. */
import type { WrittenServer } from "../../model/written-server.ts";
import { isSection } from "./parse.ts";
import { splitWords } from "./words.ts";

/** @param files with their texts, in the order HAProxy is given them */
export function findServerLines(
  files: readonly { readonly file: string; readonly text: string }[],
): readonly WrittenServer[] {
  return files.flatMap(({ file, text }) => {
    let backend: string | null = null;
    return text.split(/\r?\n/).flatMap((raw, index): WrittenServer[] => {
      const [keyword = "", name = null] = splitWords(raw);
      if (isSection(keyword)) backend = keyword === "backend" || keyword === "listen" ? name : null;
      if (keyword !== "server" || name === null || backend === null) return [];
      return [{ backend, server: name, file, line: index + 1, text: raw.trim() }];
    });
  });
}
