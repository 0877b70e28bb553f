export type TopologyName = "r1" | "r2" | "r3" | "r4" | "tier" | "single";

export interface NodeShape {
  readonly name: string;
  /** Node that this one follows; none for a primary. */
  readonly follows?: string;
  readonly readOnly: boolean;
}

export interface ServerShape {
  /** Name of the server line in HAProxy. */
  readonly server: string;
  readonly node: string;
  readonly backup?: boolean;
}

export interface ListenShape {
  readonly name: string;
  readonly role: "write" | "read";
  readonly servers: readonly ServerShape[];
  /** Words of the published set-ups: with this `rise` a server that was down never comes back by itself. */
  readonly check: string;
}

export interface TopologyShape {
  readonly nodes: readonly NodeShape[];
  readonly listens: readonly ListenShape[];
  readonly haproxies: 1 | 2;
  /** Several nodes are meant to take writes: own auto_increment offsets, own GTID domains. */
  readonly multiWriter: boolean;
}

const neverAgain = "check inter 500 fall 3 rise 99999999";
const ordinary = "check inter 500 fall 3 rise 2";

const sameName = (...nodes: string[]): ServerShape[] => nodes.map((node) => ({ server: node, node }));

const readWriteSplit: readonly ListenShape[] = [
  {
    name: "write_nodes",
    role: "write",
    servers: [...sameName("db1"), { server: "db2", node: "db2", backup: true }],
    check: neverAgain,
  },
  { name: "read_nodes", role: "read", servers: sameName("db2", "db3", "db4"), check: ordinary },
];

const tree: TopologyShape = {
  nodes: [
    { name: "db1", readOnly: false },
    { name: "db2", follows: "db1", readOnly: true },
    { name: "db3", follows: "db2", readOnly: true },
    { name: "db4", follows: "db2", readOnly: true },
  ],
  listens: readWriteSplit,
  haproxies: 1,
  multiWriter: false,
};

/** The shapes that people publish and run. */
export const topologies: Record<TopologyName, TopologyShape> = {
  r1: {
    nodes: [
      { name: "db1", readOnly: false },
      { name: "db2", follows: "db1", readOnly: true },
      { name: "db3", follows: "db1", readOnly: true },
      { name: "db4", follows: "db1", readOnly: true },
    ],
    listens: readWriteSplit,
    haproxies: 1,
    multiWriter: false,
  },
  r2: tree,
  tier: tree,
  r3: {
    nodes: [
      { name: "db1", follows: "db2", readOnly: false },
      { name: "db2", follows: "db1", readOnly: false },
    ],
    listens: [
      {
        name: "MySQL",
        role: "write",
        servers: [
          { server: "Primary", node: "db1" },
          { server: "Secondary", node: "db2", backup: true },
        ],
        check: ordinary,
      },
    ],
    haproxies: 1,
    multiWriter: false,
  },
  r4: {
    nodes: [
      { name: "db1", follows: "db2", readOnly: false },
      { name: "db2", follows: "db1", readOnly: false },
    ],
    listens: [{ name: "mysql_cluster", role: "write", servers: sameName("db1", "db2"), check: ordinary }],
    haproxies: 2,
    multiWriter: true,
  },
  single: {
    nodes: [{ name: "db1", readOnly: false }],
    listens: [{ name: "write_nodes", role: "write", servers: sameName("db1"), check: ordinary }],
    haproxies: 1,
    multiWriter: false,
  },
};
