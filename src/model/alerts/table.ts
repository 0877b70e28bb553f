/** All alert rules, in the order alerts of one severity are shown. docs/alerts.md is generated from this table. */
import { HAPROXY_RULES } from "./haproxy-rules.ts";
import type { AlertRule } from "./rule.ts";

export const ALERT_RULES: readonly AlertRule[] = [...HAPROXY_RULES];
