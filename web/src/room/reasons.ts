// Why somebody watches. Every viewing is written into the ledger with one of these.

import type { Reason } from "../api/client";

export const DEFAULT_REASON: Reason = "live-monitoring";

// the type makes the compiler ask for every reason that the server knows, and for no other
export const REASONS: Record<Reason, string> = {
  "live-monitoring": "Live monitoring",
  "incident-review": "Incident review",
  maintenance: "Maintenance",
  audit: "Audit",
  demonstration: "Demonstration",
};
