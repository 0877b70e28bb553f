/** The sshd of one simulated host: a key lets in, programs run, and streams go to what is on the host. */
import { connect, type Socket } from "node:net";
import type { AuthContext, Connection, ParsedKey, Server as SshServer } from "ssh2";
import { reservePort } from "../mysql/node-server.ts";
import type { Host, World } from "../world/state.ts";
import { socketOnHost, sshUser } from "./place.ts";
import { runProgram } from "./programs.ts";

type SshLibrary = typeof import("ssh2");

export interface HostPlace {
  readonly world: World;
  readonly host: Host;
  readonly hostKey: string;
  readonly clientKey: ParsedKey;
  /** Path of a HAProxy's socket on this machine. */
  readonly socketPathOf: (haproxy: string) => string | undefined;
  /** Brings the world up to date. */
  readonly refresh: () => void;
}

export interface HostServer {
  readonly port: number;
  close(): Promise<void>;
}

function mayEnter(context: AuthContext, key: ParsedKey): boolean {
  if (context.username !== sshUser || context.method !== "publickey") return false;
  if (context.key.algo !== key.type || !context.key.data.equals(key.getPublicSSH())) return false;
  const { signature, blob } = context;
  // Without a signature the client only asks whether the key would do.
  return signature === undefined || (blob !== undefined && key.verify(blob, signature) === true);
}

function judge(context: AuthContext, key: ParsedKey): void {
  if (mayEnter(context, key)) context.accept();
  else context.reject(["publickey"]);
}

function serveCommands(place: HostPlace, client: Connection): void {
  client.on("session", (acceptSession) => {
    const session = acceptSession();
    session.on("exec", (acceptCommand, _reject, { command }) => {
      place.refresh();
      const { exitCode, stdout, stderr } = runProgram(place.world, place.host, command);
      place.refresh();
      const channel = acceptCommand();
      channel.on("error", () => undefined);
      channel.write(stdout);
      channel.stderr.write(stderr);
      channel.exit(exitCode);
      channel.end();
    });
  });
}

type Target = { readonly path: string } | { readonly host: string; readonly port: number };

/** A stream to what listens on the host; refused when nobody does. */
function forward(target: Target | null, accept: () => NodeJS.ReadWriteStream, reject: () => void): void {
  if (target === null) {
    reject();
    return;
  }
  const socket = connect(target);
  socket.once("error", () => {
    reject();
  });
  socket.once("connect", () => {
    socket.removeAllListeners("error");
    const channel = accept();
    socket.on("error", () => socket.destroy());
    channel.on("error", () => socket.destroy());
    channel.on("close", () => socket.destroy());
    socket.on("close", () => channel.end());
    socket.pipe(channel);
    channel.pipe(socket);
  });
}

function serveStreams({ world, host, socketPathOf }: HostPlace, client: Connection): void {
  const isHere = ({ name }: { readonly name: string }): boolean => host.members.includes(name);
  client.on("tcpip", (accept, reject, { destIP, destPort }) => {
    const node = world.nodes.find((each) => isHere(each) && each.host === destIP && each.port === destPort);
    forward(node === undefined ? null : { host: node.host, port: node.port }, accept, () => reject());
  });
  client.on("openssh.streamlocal", (accept, reject, { socketPath }) => {
    const haproxy = world.haproxies.find((each) => isHere(each) && socketOnHost(each.name) === socketPath);
    const path = haproxy === undefined ? undefined : socketPathOf(haproxy.name);
    forward(path === undefined ? null : { path }, accept, () => reject());
  });
}

/** Listens on a free port of the loopback address. @throws system errors of listen */
export async function startHostServer({ Server }: SshLibrary, place: HostPlace): Promise<HostServer> {
  const ssh: SshServer = new Server({ hostKeys: [place.hostKey] }, (client) => {
    client.on("error", () => client.end());
    client.on("authentication", (context) => judge(context, place.clientKey));
    client.on("ready", () => {
      serveCommands(place, client);
      serveStreams(place, client);
    });
  });
  const sockets = new Set<Socket>();
  const { server, port } = await reservePort("127.0.0.1");
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => sockets.delete(socket));
    ssh.injectSocket(socket);
  });
  return {
    port,
    // Clients that are still there are cut off, whatever they wait for.
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
