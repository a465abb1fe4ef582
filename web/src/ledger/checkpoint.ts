// A checkpoint is a C2SP signed note: origin, size, root, an empty line, signatures.

import { toHex } from "./merkle";

export type Checkpoint = { origin: string; size: number; root: string; signed: boolean };

/** What a checkpoint says; null when it is no checkpoint. The signature is not checked here. */
export function readCheckpoint(note: string): Checkpoint | null {
  const [text, signatures] = note.split("\n\n", 2);
  const [origin, size, root] = (text ?? "").split("\n");
  if (!origin || !size || !root || !/^(0|[1-9][0-9]*)$/.test(size)) return null;
  let bytes: string;
  try {
    bytes = atob(root);
  } catch {
    return null;
  }
  if (bytes.length !== 32) return null;
  return {
    origin,
    size: Number(size),
    root: toHex(Uint8Array.from(bytes, (character) => character.charCodeAt(0))),
    signed: (signatures ?? "").includes("\u2014 "),
  };
}
