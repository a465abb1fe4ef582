// Reading canonical JSON strictly: the bytes are the canonical form of their own value, an object
// has exactly the fields its format names, each of its own type. What breaks a rule is Malformed.

import { canonical, type Json } from "../ledger/merkle";
import { fromBase64, fromUtf8, same, utf8 } from "./bytes";
import { Malformed } from "./errors";

const LARGEST = 64 * 1024 * 1024;
const NAME = /^[a-z0-9-]{1,40}$/;
const SHA256 = /^[0-9a-f]{64}$/;
/** Half of a surrogate pair, which no UTF-8 can hold but JSON's escapes can. */
const HALF = /(?<!\\)(?:\\\\)*\\ud[89a-f]/;

export type JsonObject = { [key: string]: Json };

/** The value of canonical JSON. */
export function load(data: Uint8Array): Json {
  if (data.length > LARGEST) throw new Malformed(`larger than ${LARGEST} bytes`);
  let value: Json;
  let again: string;
  try {
    value = JSON.parse(fromUtf8(data)) as Json;
    again = canonical(value);
  } catch (error) {
    if (error instanceof Malformed) throw error;
    throw new Malformed(error instanceof RangeError ? "nested too deep" : "not canonical JSON");
  }
  if (HALF.test(again) || !same(utf8(again), data)) {
    throw new Malformed("not in canonical form");
  }
  return value;
}

/** The bytes that are hashed and signed. */
export function canonicalBytes(value: Json): Uint8Array<ArrayBuffer> {
  return utf8(canonical(value));
}

export function isName(value: unknown): value is string {
  return typeof value === "string" && NAME.test(value);
}

export function isSha256(value: unknown): value is string {
  return typeof value === "string" && SHA256.test(value);
}

/** One JSON object, its fields taken by name and type. */
export class Fields {
  readonly value: JsonObject;

  /** `maybe` are fields that it may have; `more`: any others, too. */
  constructor(
    value: Json | undefined,
    names: readonly string[],
    more = false,
    maybe: readonly string[] = [],
  ) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new Malformed("not an object");
    }
    const missing = names.find((name) => !Object.hasOwn(value, name));
    if (missing !== undefined) throw new Malformed(`${missing} is missing`);
    const over = Object.keys(value).find((name) => !names.includes(name) && !maybe.includes(name));
    if (over !== undefined && !more) throw new Malformed(`${over} is not a field of it`);
    this.value = value;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.value, name);
  }

  isExactly(name: string, expected: string): void {
    if (this.value[name] !== expected) throw new Malformed(`${name} is not ${expected}`);
  }

  text(name: string): string {
    const value = this.value[name];
    if (typeof value !== "string") throw new Malformed(`${name} is not text`);
    return value;
  }

  oneOf<Choice extends string>(name: string, ...choices: Choice[]): Choice {
    const found = choices.find((choice) => choice === this.value[name]);
    if (found === undefined) throw new Malformed(`${name} is not ${choices.join(" or ")}`);
    return found;
  }

  name(name: string): string {
    const value = this.value[name];
    if (!isName(value)) throw new Malformed(`${name} is not 1 to 40 of a-z, 0-9 and -`);
    return value;
  }

  sha256(name: string): string {
    const value = this.value[name];
    if (!isSha256(value)) {
      throw new Malformed(`${name} is not a SHA-256 in lower-case hexadecimal`);
    }
    return value;
  }

  number(name: string): number {
    const value = this.value[name];
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
      throw new Malformed(`${name} is not a whole number of 0 or more`);
    }
    return value;
  }

  truth(name: string): boolean {
    const value = this.value[name];
    if (typeof value !== "boolean") throw new Malformed(`${name} is neither true nor false`);
    return value;
  }

  base64(name: string): Uint8Array<ArrayBuffer> {
    return fromBase64(this.text(name));
  }

  items(name: string): Json[] {
    const value = this.value[name];
    if (!Array.isArray(value)) throw new Malformed(`${name} is not a list`);
    return value;
  }

  mapping(name: string): JsonObject {
    const value = this.value[name];
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new Malformed(`${name} is not an object`);
    }
    return value;
  }
}
