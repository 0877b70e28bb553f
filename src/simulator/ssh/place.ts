/** What a client of the simulated hosts has to know. */

export const sshUser = "ops";

/** Where the runtime socket of a HAProxy is on its host. */
export const socketOnHost = (haproxy: string): string => `/run/haproxy/${haproxy}.sock`;
