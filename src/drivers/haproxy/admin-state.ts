/** `srv_admin_state` of `show servers state` (1.6+): a bit mask, and not "0 means ready". */
import type { AdminReason } from "../../model/haproxy.ts";

/** Order as in HAProxy's source; shown in this order. */
const REASONS: readonly { readonly bit: number; readonly reason: AdminReason }[] = [
  { bit: 1, reason: "maint-forced" },
  { bit: 2, reason: "maint-inherited" },
  // From the configuration's `disabled`; stays set after `ready`, so alone it keeps nobody out.
  { bit: 4, reason: "maint-config" },
  { bit: 8, reason: "drain-forced" },
  { bit: 16, reason: "drain-inherited" },
  { bit: 32, reason: "unresolved" },
  { bit: 64, reason: "fqdn-changed" },
];

const NO_REASONS: readonly AdminReason[] = [];
const MAINT_BITS = 1 | 2 | 32;
const DRAIN_BITS = 8 | 16;

/** Words for the bits set, or null when the mask is not known. Unknown bits are passed over. */
export function selectAdminReasons(adminState: number | null): readonly AdminReason[] | null {
  if (adminState === null) return null;
  if (adminState === 0) return NO_REASONS;
  return REASONS.filter(({ bit }) => (adminState & bit) !== 0).map(({ reason }) => reason);
}

/** How the bits alone keep a server out. */
export function selectAdminOutage(adminState: number): "maint" | "drain" | null {
  if ((adminState & MAINT_BITS) !== 0) return "maint";
  return (adminState & DRAIN_BITS) !== 0 ? "drain" : null;
}
