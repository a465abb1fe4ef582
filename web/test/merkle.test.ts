import { describe, expect, it } from "vitest";
import { canonical, fromHex, leafHash, rootFrom, toHex } from "../src/ledger/merkle";

// RFC 6962's own test inputs, with the roots published by Google's certificate-transparency tests
const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"];
const LAST = "606162636465666768696a6b6c6d6e6f";
const ROOT_OF_8 = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";

/** The tree by its definition (RFC 6962, 2.1), to check the verifier against. */
async function root(leaves: Uint8Array[]): Promise<Uint8Array> {
  const only = leaves[0];
  if (only !== undefined && leaves.length === 1) return leafHash(only);
  const split = halfOf(leaves.length);
  return node(await root(leaves.slice(0, split)), await root(leaves.slice(split)));
}

async function path(index: number, leaves: Uint8Array[]): Promise<Uint8Array[]> {
  if (leaves.length === 1) return [];
  const split = halfOf(leaves.length);
  return index < split
    ? [...(await path(index, leaves.slice(0, split))), await root(leaves.slice(split))]
    : [...(await path(index - split, leaves.slice(split))), await root(leaves.slice(0, split))];
}

function halfOf(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

async function node(left: Uint8Array, right: Uint8Array): Promise<Uint8Array> {
  const digest = await crypto.subtle.digest("SHA-256", Uint8Array.of(1, ...left, ...right));
  return new Uint8Array(digest);
}

const bodies = [...LEAVES, LAST].map(fromHex);

describe("inclusion", () => {
  it("knows the published root", async () => {
    expect(toHex(await root(bodies))).toBe(ROOT_OF_8);
  });

  it("holds for every leaf of small trees and of some larger", async () => {
    const many = Array.from({ length: 33 }, (_, n) => new TextEncoder().encode(`leaf ${n}`));
    for (const size of [1, 2, 3, 4, 5, 6, 7, 8, 13, 33]) {
      const some = many.slice(0, size);
      const wanted = toHex(await root(some));
      for (const [index, body] of some.entries()) {
        const reached = await rootFrom(index, size, await leafHash(body), await path(index, some));
        expect(reached === null ? null : toHex(reached)).toBe(wanted);
      }
    }
  });

  it("does not hold for another leaf, another place, or a proof of another length", async () => {
    const leaf = await leafHash(bodies[2] as Uint8Array);
    const proof = await path(2, bodies);
    const other = await rootFrom(2, 8, await leafHash(bodies[3] as Uint8Array), proof);
    expect(toHex(other as Uint8Array)).not.toBe(ROOT_OF_8);
    const moved = await rootFrom(3, 8, leaf, proof);
    expect(toHex(moved as Uint8Array)).not.toBe(ROOT_OF_8);
    expect(await rootFrom(2, 8, leaf, proof.slice(1))).toBeNull();
    expect(await rootFrom(2, 8, leaf, [...proof, leaf])).toBeNull();
    expect(await rootFrom(8, 8, leaf, proof)).toBeNull();
  });
});

describe("canonical JSON", () => {
  it("sorts keys by UTF-16 code units and leaves nothing between", () => {
    const value = { b: [1, "ä\n", null], a: { z: true, "\u{1f600}": 0, "\ufb33": -1 } };
    expect(canonical(value)).toBe('{"a":{"z":true,"\u{1f600}":0,"\ufb33":-1},"b":[1,"ä\\n",null]}');
  });

  it("refuses fractions and integers that two languages may print differently", () => {
    expect(() => canonical(0.5)).toThrow();
    expect(() => canonical(2 ** 53)).toThrow();
  });
});
