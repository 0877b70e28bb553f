/** Key that joins what several commands tell of one server: names, because ids move at a reload. Neither name can hold a slash. */
export function keyOfServer(backend: string, server: string): string {
  return `${backend}/${server}`;
}
