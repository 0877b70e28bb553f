/** The one door of the SSH driver. */
import type { SshSettings } from "../../model/settings.ts";
import { createBuiltinTransport } from "./builtin-transport.ts";
import { createOpensshTransport } from "./openssh-transport.ts";
import type { SshTransport } from "./ssh-transport.ts";

export type { SshTransport } from "./ssh-transport.ts";

/** Touches nothing: what is wrong with the settings shows when a stream is opened. */
export function createSshTransport(settings: SshSettings): SshTransport {
  return settings.transport === "openssh" ? createOpensshTransport(settings) : createBuiltinTransport(settings);
}
