/** Rows of `show servers state`, looked up by the servers of `show stat`. */
import { keyOfServer } from "./server-key.ts";
import type { ServerStateRow } from "./show-servers-state.ts";

/**
 * Both commands list the servers in the order of the configuration, so the row wanted next is nearly always the next one: no look-up by
 * name is built unless the lists part, as they do at a backend that `show stat` hides.
 */
export class ServerStates {
  readonly #rows: readonly ServerStateRow[];
  readonly #taken: boolean[];
  #next = 0;
  #places: ReadonlyMap<string, number> | null = null;

  constructor(rows: readonly ServerStateRow[]) {
    this.#rows = rows;
    this.#taken = rows.map(() => false);
  }

  /** The row of this server, which counts as taken from now on; undefined when there is none. */
  take(backend: string, server: string): ServerStateRow | undefined {
    const next = this.#rows[this.#next];
    const place = next?.server === server && next.backend === backend ? this.#next : this.#find(backend, server);
    if (place === undefined) return undefined;
    this.#next = place + 1;
    this.#taken[place] = true;
    return this.#rows[place];
  }

  /** Rows nobody asked for. */
  selectUntaken(): readonly ServerStateRow[] {
    return this.#rows.filter((_, place) => this.#taken[place] !== true);
  }

  #find(backend: string, server: string): number | undefined {
    if (this.#rows.length === 0) return undefined;
    this.#places ??= new Map(this.#rows.map((row, place) => [keyOfServer(row.backend, row.server), place]));
    return this.#places.get(keyOfServer(backend, server));
  }
}
