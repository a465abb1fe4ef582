// One sealed segment, opened as it comes and held against what is on record about it. Nothing of it
// is handed on before all of it is found to be right: a picture that was shown cannot be taken back.

import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "../ledger/merkle";
import { openStream } from "./age";
import { type Bytes, concat, sha256Hex } from "./bytes";
import { SealBroken } from "./errors";
import type { Segment } from "./manifest";

/** What a segment is called in a finding. */
export function segmentName({ segment, camera }: Segment): string {
  return `segment ${segment} of camera ${camera}`;
}

/** The clear bytes of a segment. */
export async function openSegment(
  segment: Segment,
  identity: string,
  sealed: ReadableStream<Uint8Array>,
): Promise<Bytes> {
  const hash = sha256.create();
  let size = 0;
  let ended = false;
  const counted = sealed.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.length;
        if (size > segment.size) {
          controller.error(new SealBroken("more bytes came than are on record"));
          return;
        }
        hash.update(chunk);
        controller.enqueue(chunk);
      },
      flush() {
        ended = true;
      },
    }),
  );
  let clear: Bytes | null = null;
  try {
    clear = await collected(await openStream(identity, counted));
  } catch {
    clear = null; // why is found out below
  }
  if (clear === null || size !== segment.size || toHex(hash.digest()) !== segment.sha256) {
    throw broken(segment, fault(segment, size, ended));
  }
  const { plain } = segment;
  if (plain !== null && (clear.length !== plain.size || sha256Hex(clear) !== plain.sha256)) {
    throw broken(segment, "what is inside is not what the manifest says");
  }
  return clear;
}

async function collected(stream: ReadableStream<Uint8Array>): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    chunks.push(next.value);
  }
  return concat(...chunks);
}

function fault(segment: Segment, size: number, ended: boolean): string {
  if (ended && size < segment.size) return `it was cut: ${size} of ${segment.size} bytes came`;
  if (size > segment.size) return `it was changed: more than its ${segment.size} bytes came`;
  return "it was changed, or another object came in its place";
}

function broken(segment: Segment, what: string): SealBroken {
  return new SealBroken(`${segmentName(segment)}: ${what}.`, "Tell the auditor.");
}
