const SPARE_PLACES = 64;

/** Finds the place of a name in the frames of a history, and gives new names one at the end. */
export class PlaceList {
  readonly #list: string[];
  #names: readonly string[];
  readonly #begun: number;
  readonly #places: Map<string, number>;
  /** The same for names in parts: putting a thousand names together at every tick costs more than looking their parts up. */
  readonly #byParts = new Map<string, Map<string, Map<string, number>>>();

  constructor(names: readonly string[]) {
    this.#list = [...names];
    this.#names = names;
    this.#begun = names.length;
    this.#places = new Map(names.map((name, place) => [name, place]));
  }

  /** The same list while no name was added. */
  get names(): readonly string[] {
    if (this.#names.length !== this.#list.length) this.#names = [...this.#list];
    return this.#names;
  }

  /** True when so many names are gone that their places cost more than a move; soon after one nothing is gained by the next. */
  isCrowded(live: number): boolean {
    return this.#list.length > 2 * Math.max(live, this.#begun) + SPARE_PLACES;
  }

  /** Of the name, or of its parts joined by `/`. */
  placeOf(first: string, ...[second, third]: [] | [second: string, third: string]): number {
    if (second === undefined || third === undefined) return this.#placeOfName(first);
    const thirds = getOrAdd(getOrAdd(this.#byParts, first), second);
    const known = thirds.get(third);
    if (known !== undefined) return known;
    const place = this.#placeOfName(`${first}/${second}/${third}`);
    thirds.set(third, place);
    return place;
  }

  #placeOfName(name: string): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const place = this.#list.push(name) - 1;
    this.#places.set(name, place);
    return place;
  }
}

function getOrAdd<V>(maps: Map<string, Map<string, V>>, key: string): Map<string, V> {
  let map = maps.get(key);
  if (map === undefined) {
    map = new Map();
    maps.set(key, map);
  }
  return map;
}
