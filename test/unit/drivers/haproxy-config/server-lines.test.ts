import { expect, it } from "vitest";
import { findServerLines } from "../../../../src/drivers/haproxy-config/server-lines.ts";

const FIRST = `global
    server nonsense 1.1.1.1
defaults
    default-server inter 1s
frontend in
    default_backend write_nodes
backend write_nodes
    # server db0 10.0.0.10:3306
    server db1 10.0.0.1:3306 check   # the primary
    "server" db2 10.0.0.2:3306 check backup\r
peers p
    server lb1 10.0.0.9:1024
`;

it("finds every server of a backend, with its file, its line and its words, and no peer or comment", () => {
  const files = [
    { file: "/etc/haproxy/10.cfg", text: FIRST },
    { file: "/etc/haproxy/20.cfg", text: "server db9 1.1.1.1\nlisten reads\n server db1 10.0.0.1:3306\n" },
  ];
  expect(findServerLines(files)).toEqual([
    {
      backend: "write_nodes",
      server: "db1",
      file: "/etc/haproxy/10.cfg",
      line: 9,
      text: "server db1 10.0.0.1:3306 check   # the primary",
    },
    {
      backend: "write_nodes",
      server: "db2",
      file: "/etc/haproxy/10.cfg",
      line: 10,
      text: '"server" db2 10.0.0.2:3306 check backup',
    },
    { backend: "reads", server: "db1", file: "/etc/haproxy/20.cfg", line: 3, text: "server db1 10.0.0.1:3306" },
  ]);
});
