/** Parsed sets by text: most nodes repeat most of their GTID texts with every tick, and long sets are dear to parse. */
import { GtidParseError } from "./gtid-error.ts";
import { type MariadbGtidSet, parseMariadbSet } from "./mariadb-set.ts";
import { type MysqlGtidSet, parseMysqlSet } from "./mysql-set.ts";

const CAPACITY = 512;

/** Returns a bounded memo of a parser; a text that cannot be parsed gives null, as does null. Least recently used texts leave first. */
function createCachedParser<T>(parse: (text: string) => T): (text: string | null) => T | null {
  const cache = new Map<string, T | null>();
  return (text) => {
    if (text === null) return null;
    let parsed = cache.get(text);
    if (parsed === undefined) {
      parsed = tryParse(parse, text);
      if (cache.size >= CAPACITY) {
        const oldest = cache.keys().next();
        if (oldest.done !== true) cache.delete(oldest.value);
      }
    } else cache.delete(text);
    cache.set(text, parsed);
    return parsed;
  };
}

function tryParse<T>(parse: (text: string) => T, text: string): T | null {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof GtidParseError) return null;
    throw error;
  }
}

/** The set, or null when the text is null or no GTID set: not comparable. */
export const readMysqlSet: (text: string | null) => MysqlGtidSet | null = createCachedParser(parseMysqlSet);
export const readMariadbSet: (text: string | null) => MariadbGtidSet | null = createCachedParser(parseMariadbSet);
