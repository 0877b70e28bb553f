/** Capability and status flags of the protocol that the simulator knows. */
export const capabilities = {
  longPassword: 0x1,
  foundRows: 0x2,
  longFlag: 0x4,
  connectWithDatabase: 0x8,
  localFiles: 0x80,
  ignoreSpace: 0x100,
  protocol41: 0x200,
  interactive: 0x400,
  tls: 0x800,
  transactions: 0x2000,
  secureConnection: 0x8000,
  multiStatements: 0x1_0000,
  multiResults: 0x2_0000,
  pluginAuth: 0x8_0000,
  connectAttributes: 0x10_0000,
  pluginAuthLength: 0x20_0000,
  deprecateEof: 0x100_0000,
} as const;

export const serverCapabilities =
  capabilities.longPassword |
  capabilities.foundRows |
  capabilities.longFlag |
  capabilities.connectWithDatabase |
  capabilities.ignoreSpace |
  capabilities.protocol41 |
  capabilities.interactive |
  capabilities.transactions |
  capabilities.secureConnection |
  capabilities.multiStatements |
  capabilities.multiResults |
  capabilities.pluginAuth |
  capabilities.connectAttributes |
  capabilities.pluginAuthLength |
  capabilities.deprecateEof;

export const serverStatus = { autocommit: 0x2, moreResults: 0x8 } as const;
export const utf8mb4 = 45;
export const binaryCharset = 63;
