import type { Place, ProblemList } from "../config-error.ts";
import { type AccountRecord, SECRET_KEYS } from "../schema.ts";

export type SecretKey = (typeof SECRET_KEYS)[number];

/** Where a password is to be had, before anybody looked. For `password` the value is the secret itself: never print it. */
export interface SecretSource {
  readonly key: SecretKey;
  /** For `password_prompt` the place of the question, so that each is asked once. */
  readonly value: string;
  readonly place: Place;
  /** Key with its path, e.g. `mysql.password_env`. */
  readonly path: string;
}

/** The one password key of an account; null when there is none. More than one is a problem. */
export function selectSecretSource(account: Partial<AccountRecord>, problems: ProblemList): SecretSource | null {
  const present = SECRET_KEYS.flatMap((key) => {
    const located = account[key];
    if (located === undefined || located.value === false) return [];
    const { value, place, path } = located;
    return [{ key, value: value === true ? `${place.file}:${place.line}:${place.column}` : value, place, path }];
  });
  const [first, second] = present;
  if (first !== undefined && second !== undefined) {
    problems.add(
      second.place,
      `${second.path} stands beside ${first.key}`,
      "say only once where the password comes from",
    );
  }
  return first ?? null;
}
