/** What we can prove who we are with: keys of the agent and key files, in the order ssh tries them. */
import type { AgentAuthMethod, BaseAgent, ParsedKey, PublicKeyAuthMethod } from "ssh2";
import type { KeyPassphrase } from "../../model/settings.ts";
import { readPlainFile } from "../read-plain-file.ts";
import type { HostConfig } from "./config/host-config.ts";
import type { SshLibrary } from "./library.ts";

export interface Credentials {
  /** Each is tried once. */
  readonly methods: readonly (AgentAuthMethod | PublicKeyAuthMethod)[];
  /** What was looked at, for the message when all are refused. */
  readonly tried: readonly string[];
  /** Encrypted key files without passphrase. */
  readonly locked: readonly string[];
  /** Why something that is configured could not be used. */
  readonly notes: readonly string[];
}

interface KeyFile {
  readonly file: string;
  /** Null: locked. */
  readonly key: ParsedKey | null;
  readonly publicKey: Buffer | null;
}

export async function loadCredentials(
  config: HostConfig,
  passphrases: readonly KeyPassphrase[],
  library: SshLibrary,
): Promise<Credentials> {
  const notes: string[] = [];
  const files = await readKeyFiles(config.identityFiles, passphrases, library, notes);
  const identities = config.agent === null ? [] : await listAgentKeys(config.agent, library, notes);
  const inFiles = (identity: ParsedKey) =>
    files.findIndex(({ publicKey }) => publicKey?.equals(identity.getPublicSSH()) === true);
  const offered = identities
    .filter((identity) => !config.identitiesOnly || inFiles(identity) >= 0)
    .sort((one, other) => rank(inFiles(one)) - rank(inFiles(other)));
  const methods: (AgentAuthMethod | PublicKeyAuthMethod)[] = [];
  const tried: string[] = [];
  if (config.agent !== null && offered.length > 0) {
    methods.push({ type: "agent", username: config.user, agent: limitAgent(config.agent, offered, library) });
    tried.push(`${offered.length} ${offered.length === 1 ? "key" : "keys"} of the agent`);
  }
  const byAgent = (key: Buffer | null) => key !== null && offered.some((each) => each.getPublicSSH().equals(key));
  const locked: string[] = [];
  for (const { file, key, publicKey } of files) {
    if (byAgent(publicKey)) continue;
    if (key === null) locked.push(file);
    else if (key.isPrivateKey()) {
      methods.push({ type: "publickey", username: config.user, key });
      tried.push(file);
    }
  }
  return { methods, tried, locked, notes };
}

/** Keys of the agent that stand in the configuration come first. */
function rank(index: number): number {
  return index < 0 ? Number.MAX_SAFE_INTEGER : index;
}

async function readKeyFiles(
  paths: readonly string[],
  passphrases: readonly KeyPassphrase[],
  library: SshLibrary,
  notes: string[],
): Promise<readonly KeyFile[]> {
  const found: KeyFile[] = [];
  for (const file of paths) {
    const text = await readIfThere(file, notes);
    if ((await readIfThere(`${file}-cert.pub`, [])) !== null)
      notes.push(`${file}-cert.pub is a certificate, which is not used here: \`ssh: {transport: openssh}\` uses it`);
    const publicText = await readIfThere(`${file}.pub`, []);
    const publicKey = publicText === null ? null : parsePublic(publicText, library);
    // A key whose private half only the agent has may be named by its public half.
    if (text === null) {
      if (publicKey !== null) found.push({ file, key: publicKey, publicKey: publicKey.getPublicSSH() });
      continue;
    }
    const passphrase = passphrases.find(({ keyFile }) => keyFile === file)?.passphrase.secret;
    const key = library.utils.parseKey(text, passphrase);
    if (!(key instanceof Error)) found.push({ file, key, publicKey: key.getPublicSSH() });
    else if (isLocked(text, library)) found.push({ file, key: null, publicKey: publicKey?.getPublicSSH() ?? null });
    else
      notes.push(`${file} cannot be used (${key.message}); ssh itself may be able to: \`ssh: {transport: openssh}\``);
  }
  return found;
}

function parsePublic(text: Buffer, library: SshLibrary): ParsedKey | null {
  const key = library.utils.parseKey(text);
  return key instanceof Error || key.isPrivateKey() ? null : key;
}

/** True for a key that wants a passphrase. */
export function isLocked(text: Buffer, library: SshLibrary): boolean {
  const key = library.utils.parseKey(text);
  return key instanceof Error && /encrypted/i.test(key.message) && /passphrase/i.test(key.message);
}

async function readIfThere(file: string, notes: string[]): Promise<Buffer | null> {
  try {
    return await readPlainFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR")
      notes.push(`${file} cannot be read (${code ?? (error as Error).message})`);
    return null;
  }
}

const AGENT_TIMEOUT_MS = 2_000;

/** Public keys an agent holds; an agent that does not answer holds none. */
export function listAgentKeys(path: string, library: SshLibrary, notes: string[]): Promise<readonly ParsedKey[]> {
  return new Promise((resolve) => {
    const give = (keys: readonly ParsedKey[], note: string | null): void => {
      clearTimeout(timer);
      if (note !== null) notes.push(note);
      resolve(keys);
    };
    const timer = setTimeout(() => give([], `the agent at ${path} does not answer`), AGENT_TIMEOUT_MS);
    library.createAgent(path).getIdentities((error, keys) => {
      if (error) return give([], `the agent at ${path} cannot be asked (${error.message})`);
      const parsed = (keys ?? []).flatMap((key) => toParsed(key, library) ?? []);
      give(parsed, null);
    });
  });
}

/** Certificates and hardware keys are none that ssh2 knows. */
function toParsed(key: unknown, library: SshLibrary): ParsedKey | null {
  if (typeof key === "object" && key !== null && "getPublicSSH" in key) return key as ParsedKey;
  if (typeof key !== "string" && !Buffer.isBuffer(key)) return null;
  const parsed = library.utils.parseKey(key);
  return parsed instanceof Error ? null : parsed;
}

/** The agent with only these keys, in this order: servers cut a login off after a few keys that do not fit. */
function limitAgent(path: string, keys: readonly ParsedKey[], library: SshLibrary): BaseAgent {
  const agent = library.createAgent(path);
  agent.getIdentities = (give) => give(null, [...keys]);
  return agent;
}
