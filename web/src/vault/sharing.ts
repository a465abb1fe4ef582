// Splitting k-of-n by replicated XOR sharing: for every subset of k-1 custodians one piece, handed
// to everybody outside it. The secret is the XOR of all pieces.

import { Malformed } from "./errors";

export const PIECE_BYTES = 32;
const MOST_CUSTODIANS = 9;

function check(n: number, k: number): void {
  if (!(n >= 1 && n <= MOST_CUSTODIANS)) {
    throw new Malformed(`${n} custodians; there must be 1 to ${MOST_CUSTODIANS}`);
  }
  if (!(k >= 1 && k <= n)) {
    throw new Malformed(`k is ${k}; it must be 1 to ${n}, the number of custodians`);
  }
}

/** Subsets of {0 … n-1} with `size` members, each ascending, in lexicographic order. */
function* subsets(n: number, size: number, first = 0): Generator<number[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let head = first; head <= n - size; head++) {
    for (const tail of subsets(n, size - 1, head + 1)) yield [head, ...tail];
  }
}

export function pieceCount(n: number, k: number): number {
  check(n, k);
  return [...subsets(n, k - 1)].length;
}

/** Numbers of the pieces that custodian number `custodian` is handed, ascending. */
export function piecesHeld(n: number, k: number, custodian: number): number[] {
  check(n, k);
  return [...subsets(n, k - 1)].flatMap((subset, number) =>
    subset.includes(custodian) ? [] : [number],
  );
}

/** The secret: the XOR of all pieces. */
export function join(n: number, k: number, pieces: ReadonlyMap<number, Uint8Array>): Uint8Array {
  const count = pieceCount(n, k);
  const secret = new Uint8Array(PIECE_BYTES);
  for (let number = 0; number < count; number++) {
    const piece = pieces.get(number);
    if (piece?.length !== PIECE_BYTES) throw new Malformed(`piece ${number} is not there`);
    for (const [at, byte] of piece.entries()) secret[at] = (secret[at] ?? 0) ^ byte;
  }
  return secret;
}
