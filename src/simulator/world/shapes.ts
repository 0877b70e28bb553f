/** The reference clusters as data: who follows whom, and what each HAProxy listens for. */

export interface NodeShape {
  readonly name: string;
  /** Node it follows; none for a primary. */
  readonly follows?: string;
  readonly readOnly: boolean;
}

export interface ServerShape {
  readonly server: string;
  readonly node: string;
  readonly backup?: boolean;
  readonly rise?: number;
}

export interface ListenShape {
  readonly name: string;
  readonly role: "write" | "read";
  readonly servers: readonly ServerShape[];
  readonly sessions: number;
}

/** A machine and what runs on it. */
export interface HostShape {
  readonly name: string;
  readonly members: readonly string[];
}

export interface ClusterShape {
  readonly nodes: readonly NodeShape[];
  readonly listens: readonly ListenShape[];
  readonly haproxies: readonly string[];
  /** All nodes are meant to take writes: own offsets of keys, own GTID domains. */
  readonly multiWriter: boolean;
  readonly hosts: readonly HostShape[];
  /** Host that holds the address of the clients when nothing is wrong; null: there is none, they use all HAProxies. */
  readonly addressHome: string | null;
}

export const shapeNames = ["r1", "r2", "r3", "r4", "r5"] as const;
export type ShapeName = (typeof shapeNames)[number];

/** What published set-ups say: a primary that was down must never come back by itself. */
const neverAgain = 99_999_999;

function sameName(...names: readonly string[]): ServerShape[] {
  return names.map((name) => ({ server: name, node: name }));
}

function oneEach(...names: readonly string[]): readonly HostShape[] {
  return names.map((name) => ({ name, members: [name] }));
}

function splitByPort(readers: readonly string[]): readonly ListenShape[] {
  const [standby] = readers;
  const backup = standby === undefined ? [] : [{ server: standby, node: standby, backup: true }];
  return [
    {
      name: "write_nodes",
      role: "write",
      servers: [{ server: "db1", node: "db1", rise: neverAgain }, ...backup],
      sessions: 8,
    },
    {
      name: "read_nodes",
      role: "read",
      servers: sameName(...readers),
      sessions: Math.max(1, readers.length) * 6,
    },
  ];
}

/** R1 with as many nodes as are wanted: db1 writes, the others follow it and serve reads, db2 stands by. */
function buildR1(nodes: number): ClusterShape {
  const replicas = Array.from({ length: nodes - 1 }, (_, index) => `db${index + 2}`);
  return {
    nodes: [{ name: "db1", readOnly: false }, ...replicas.map((name) => ({ name, follows: "db1", readOnly: true }))],
    listens: splitByPort(replicas),
    haproxies: ["lb1"],
    multiWriter: false,
    hosts: oneEach("lb1", "db1", ...replicas),
    addressHome: null,
  };
}

const pair: readonly NodeShape[] = [
  { name: "db1", follows: "db2", readOnly: false },
  { name: "db2", follows: "db1", readOnly: false },
];

const others: Readonly<Record<Exclude<ShapeName, "r1">, ClusterShape>> = {
  r2: {
    nodes: [
      { name: "db1", readOnly: false },
      { name: "db2", follows: "db1", readOnly: true },
      { name: "db3", follows: "db2", readOnly: true },
      { name: "db4", follows: "db2", readOnly: true },
    ],
    listens: splitByPort(["db2", "db3", "db4"]),
    haproxies: ["lb1"],
    multiWriter: false,
    hosts: oneEach("lb1", "db1", "db2", "db3", "db4"),
    addressHome: null,
  },
  r3: {
    nodes: pair,
    listens: [
      {
        name: "MySQL",
        role: "write",
        servers: [
          { server: "Primary", node: "db1" },
          { server: "Secondary", node: "db2", backup: true },
        ],
        sessions: 12,
      },
    ],
    haproxies: ["lb1"],
    multiWriter: false,
    hosts: oneEach("lb1", "db1", "db2"),
    addressHome: null,
  },
  r4: {
    nodes: pair,
    listens: [{ name: "mysql_cluster", role: "write", servers: sameName("db1", "db2"), sessions: 12 }],
    haproxies: ["lb1", "lb2"],
    multiWriter: true,
    hosts: [
      { name: "server1", members: ["lb1", "db1"] },
      { name: "server2", members: ["lb2", "db2"] },
    ],
    addressHome: "server1",
  },
  // The balancers of the published one are MySQL Proxies; here they are HAProxies in the same place.
  r5: {
    nodes: [
      { name: "db-01", readOnly: false },
      { name: "db-02", follows: "db-01", readOnly: true },
    ],
    listens: [
      {
        name: "mysql",
        role: "write",
        servers: [
          { server: "db-01", node: "db-01" },
          { server: "db-02", node: "db-02", backup: true },
        ],
        sessions: 8,
      },
    ],
    haproxies: ["lb-01", "lb-02"],
    multiWriter: false,
    hosts: oneEach("lb-01", "lb-02", "db-01", "db-02"),
    addressHome: "lb-01",
  },
};

/** @param nodes how many, for R1; the others have the number they have */
export function selectShape(name: ShapeName, nodes: number): ClusterShape {
  return name === "r1" ? buildR1(nodes) : others[name];
}
