// Keys in use in this tab: in the memory of this module and nowhere else. Never in storage, never in
// a cache, gone when the page goes away, when the person signs out or says so.

import { useSyncExternalStore } from "react";
import type { Key } from "../vault/keyfile";

/** The person's own key, or the one-time key of the case that is being looked at. */
export type Slot = "person" | "case";

const held = new Map<Slot, Key>();
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

export function hold(slot: Slot, key: Key): void {
  held.set(slot, key);
  changed();
}

export function forget(...slots: Slot[]): void {
  for (const slot of slots) held.delete(slot);
  changed();
}

export function forgetAll(): void {
  forget("person", "case");
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useKey(slot: Slot): Key | null {
  return useSyncExternalStore(subscribe, () => held.get(slot) ?? null);
}

// a page kept for the back button would keep the keys too
if (typeof window !== "undefined") window.addEventListener("pagehide", forgetAll);
