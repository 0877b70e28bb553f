/** The reader's connection sends what reads and nothing else; whoever wants to change something needs another connection. */

/**
 * @throws Error when the statement is anything but one SELECT (without INTO), SHOW or SET SESSION: a defect of ours, not of a server
 */
export function assertReadsOnly(sql: string): void {
  if (/^(SELECT|SHOW|SET SESSION) /.test(sql) && !/;|\bINTO\b|\bGLOBAL\s+\w+\s*=/i.test(sql)) return;
  throw new Error(`a reader must not send: ${sql.slice(0, 80)}`);
}
