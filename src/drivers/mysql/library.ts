/** The part of mysql2 in use, as a module of its own: a bundle that imports the CommonJS package lazily would only get its default export. */
export { createConnection } from "mysql2";
