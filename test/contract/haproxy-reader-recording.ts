/** The recorded answers of one HAProxy version behind a Unix socket that frames as HAProxy does: one line, one answer, end. */
import { startFakeSocket } from "../unit/drivers/haproxy/fake-socket.ts";
import { replay } from "../unit/drivers/haproxy/recordings.ts";
import type { HaproxySubject } from "./haproxy-reader.suite.ts";

export async function startRecording(version: string): Promise<HaproxySubject> {
  const socket = await startFakeSocket((line, connection) => connection.end(replay(version, line)));
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return {
    location: { kind: "unix", path: socket.path },
    version,
    level: major * 100 + minor >= 109 ? "admin" : null,
    stop: () => socket.stop(),
  };
}
