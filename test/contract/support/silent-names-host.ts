/**
 * A program on a machine whose name server takes questions and never answers: connects to eight names that nobody knows, then to one that the machine
 * knows itself, and prints what became of it. Its name files are its own (see silent-names.test.ts).
 */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { createTcpOpener } from "../../../src/drivers/haproxy/stream-opener.ts";
import { tryGreeting } from "../../../src/drivers/mysql/probes/greeting.ts";
import { createMysqlReader } from "../../../src/drivers/mysql/reader.ts";
import type { MysqlTarget } from "../../../src/drivers/mysql/target.ts";

const [file = ""] = process.argv.slice(2);
const ended: string[] = [];
const { signal } = new AbortController();
const tls = { mode: "off", caFile: null, certFile: null, keyFile: null } as const;
const access = { user: "ops", password: null, tls, connectTimeoutMs: 60_000 };
const target = (name: string, host: string): MysqlTarget => ({ name, host, port: 3306, access, heartbeatTable: null });

const silent = createSocket("udp4");
silent.bind(53, "127.0.0.1");
const server = createServer((socket) => socket.end("HAProxy\n"));
server.listen(0, "127.0.0.1");
await Promise.all([once(silent, "listening"), once(server, "listening")]);
const address = server.address();
const port = typeof address === "object" && address !== null ? address.port : 0;

const unknown = Array.from({ length: 8 }, (_, index) => `unknown${index}.example`);
for (const host of unknown) {
  const attempt = createTcpOpener(host, port, host)(signal);
  attempt.catch(() => undefined).finally(() => ended.push(host));
}
await once(silent, "message");
const stream = await createTcpOpener("known.example", port, "lb1")(signal);
const [text] = await once(stream, "data");
await writeFile(file, "written");
const endedBefore = [...ended];

const reader = createMysqlReader(target("db1", "unknown0.example"));
const polled = await reader.poll({ timeoutMs: 300, signal }).catch((error: Error) => error);
const greeted = await tryGreeting(target("db1", "unknown0.example"), 300, signal);
const said = polled instanceof Error ? polled.message : "it answers";
const answer = { text: String(text), endedBefore, said, greeted };
process.stdout.write(JSON.stringify(answer), () => process.exit(0));
