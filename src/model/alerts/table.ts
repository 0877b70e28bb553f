/** All alert rules, in the order alerts of one severity are shown. docs/alerts.md is generated from this table. */

import { FLOATING_IP_RULES } from "./floating-ip-rules.ts";
import { HAND_TASK_RULES } from "./hand-task-rules.ts";
import { HAPROXY_RULES } from "./haproxy-rules.ts";
import { IDENTITY_RULES } from "./identity-rules.ts";
import { NODE_RULES } from "./node-rules.ts";
import { OPERATION_RULES } from "./operation-rules.ts";
import { REPLICATION_RULES } from "./replication-rules.ts";
import type { AlertRule } from "./rule.ts";
import { SERVER_RULES } from "./server-rules.ts";
import { TOPOLOGY_RULES } from "./topology-rules.ts";
import { WRITER_RULES } from "./writer-rules.ts";

export const ALERT_RULES: readonly AlertRule[] = [
  ...OPERATION_RULES,
  ...WRITER_RULES,
  ...FLOATING_IP_RULES,
  ...NODE_RULES,
  ...TOPOLOGY_RULES,
  ...REPLICATION_RULES,
  ...IDENTITY_RULES,
  ...SERVER_RULES,
  ...HAPROXY_RULES,
  // What waits for people, for weeks perhaps, stands below what goes wrong now.
  ...HAND_TASK_RULES,
];
