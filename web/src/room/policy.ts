// What is covered in a camera's picture, in words.

import type { Policy } from "../api/client";

/** Such as "faces, persons; silhouette; 2 zones". */
export function coverText(policy: Policy): string {
  const words: string[] = [policy.cover.join(", "), policy.style];
  const zones = policy.zones.length;
  if (zones > 0) words.push(zones === 1 ? "1 zone" : `${zones} zones`);
  return words.join("; ");
}

/** Which parts of the picture are always covered, by name. */
export function zonesText(policy: Policy): string {
  if (policy.zones.length === 0) return "No part of the picture is always covered";
  return `Always covered: ${policy.zones.map((zone) => zone.name).join(", ")}`;
}
