// A person's key file, read on their own machine: age's identity file, as the command line and
// `age-keygen` write it, with or without a passphrase.

import { isSealed, openWithPassphrase } from "./age";
import { recipientOf, secretOf } from "./agekeys";
import { fromUtf8 } from "./bytes";
import { KeyFileInvalid, Malformed } from "./errors";
import { type Signer, signerOfIdentity } from "./signing";

const LARGEST_FILE = 64 * 1024;

/** Both halves of a person's card, and what they can do. The secret is asked for, never shown. */
export type Key = {
  readonly recipient: string;
  readonly signer: Signer;
  /** `AGE-SECRET-KEY-1…`; a function, so that no log and no inspector prints it by accident. */
  readonly identity: () => string;
};

const WRONG = () =>
  new KeyFileInvalid(
    "This is not an age identity file with one X25519 identity.",
    "Choose the file that `scrim custodian new`, `scrim officer new` or `age-keygen` wrote.",
  );

export function needsPassphrase(file: Uint8Array): boolean {
  return isSealed(file);
}

/** The key in a file. With a passphrase it takes some seconds, which is the point. */
export async function readKey(file: Uint8Array, passphrase: string | null): Promise<Key> {
  if (file.length > LARGEST_FILE) throw WRONG();
  if (!isSealed(file)) return parse(file);
  if (passphrase === null || passphrase === "") {
    throw new KeyFileInvalid("The file is sealed with a passphrase.", "Give the passphrase too.");
  }
  const opened = await openWithPassphrase(file, passphrase);
  if (opened === null) {
    throw new KeyFileInvalid(
      "The file does not open with that passphrase.",
      "Type it again; if it is lost, a new key must be registered.",
    );
  }
  return parse(opened);
}

function parse(data: Uint8Array): Key {
  try {
    const lines = fromUtf8(data)
      .split(/\r?\n/)
      .map((line) => line.trim());
    const secrets = lines.filter((line) => line !== "" && !line.startsWith("#"));
    const [identity] = secrets;
    if (identity === undefined || secrets.length !== 1) throw WRONG();
    if (identity.startsWith("AGE-PLUGIN-")) {
      throw new KeyFileInvalid(
        "This is the identity of a hardware token, which a browser cannot ask.",
        "Use the command line: `scrim custodian approve`.",
      );
    }
    return {
      recipient: recipientOf(secretOf(identity)),
      signer: signerOfIdentity(identity),
      identity: () => identity,
    };
  } catch (error) {
    if (error instanceof Malformed) throw WRONG();
    throw error;
  }
}
