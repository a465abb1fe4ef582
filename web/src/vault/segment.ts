// One sealed segment, fetched, held against what is on record about it, and opened. Nothing of it is
// handed on before all of it is found to be right: a picture that was shown cannot be taken back.

import { toHex } from "../ledger/merkle";
import { open } from "./age";
import type { Bytes } from "./bytes";
import { SealBroken } from "./errors";
import type { Segment } from "./manifest";

/** Bytes; ten seconds of a camera are a few megabytes. */
const LARGEST = 512 * 1024 * 1024;

/** What a segment is called in a finding. */
export function segmentName({ segment, camera }: Segment): string {
  return `segment ${segment} of camera ${camera}`;
}

/** The clear bytes of a segment, from its object as it comes. */
export async function openSegment(
  segment: Segment,
  identity: string,
  sealed: ReadableStream<Uint8Array>,
): Promise<Bytes> {
  const { size, sha256, plain } = segment;
  if (size > LARGEST) throw broken(segment, "it is said to be larger than any segment");
  const { bytes, came } = await atMost(size, sealed);
  if (came < size) throw broken(segment, `it was cut: ${came} of ${size} bytes came`);
  if (came > size) throw broken(segment, `it was changed: more than its ${size} bytes came`);
  if ((await hashed(bytes)) !== sha256) {
    throw broken(segment, "it was changed, or another object came in its place");
  }
  const clear = await open(identity, bytes);
  if (clear === null) {
    throw broken(segment, "it is what was recorded, but not sealed to its period");
  }
  const found = new Uint8Array(clear);
  if (plain !== null && (found.length !== plain.size || (await hashed(found)) !== plain.sha256)) {
    throw broken(segment, "what is inside is not what the manifest says");
  }
  return found;
}

/** What comes, but no more than fits: a server that does not stop fills no memory. */
async function atMost(
  size: number,
  stream: ReadableStream<Uint8Array>,
): Promise<{ bytes: Bytes; came: number }> {
  const bytes = new Uint8Array(size);
  const reader = stream.getReader();
  let came = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const chunk = next.value;
    if (came + chunk.length > size) {
      await reader.cancel();
      return { bytes, came: came + chunk.length };
    }
    bytes.set(chunk, came);
    came += chunk.length;
  }
  return { bytes, came };
}

/** By the browser's own SHA-256, which is several times faster than one in JavaScript. */
async function hashed(bytes: Bytes): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

function broken(segment: Segment, what: string): SealBroken {
  return new SealBroken(`${segmentName(segment)}: ${what}.`, "Tell the auditor.");
}
