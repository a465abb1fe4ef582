// Why somebody watches. Every viewing is written into the ledger with one of these.

import type { Reason } from "../api/client";

/** A custodian's reason comes with the case that they look at, and is not chosen. */
export type RoomReason = Exclude<Reason, "case-review">;

export const DEFAULT_REASON: RoomReason = "live-monitoring";

// the type makes the compiler ask for every reason that the server knows, and for no other
export const REASONS: Record<RoomReason, string> = {
  "live-monitoring": "Live monitoring",
  "incident-review": "Incident review",
  maintenance: "Maintenance",
  audit: "Audit",
  demonstration: "Demonstration",
};
