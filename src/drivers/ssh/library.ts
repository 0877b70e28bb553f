/** ssh2 is loaded when the first session is opened: most clusters need none. */

export type SshLibrary = Pick<typeof import("ssh2"), "Client" | "createAgent" | "utils">;

let library: Promise<SshLibrary> | null = null;

export function loadSshLibrary(): Promise<SshLibrary> {
  // A CommonJS module: a bundle of esbuild gives `default` only.
  library ??= import("ssh2").then((loaded: SshLibrary & { readonly default?: SshLibrary }) => loaded.default ?? loaded);
  return library;
}
