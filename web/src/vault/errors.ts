// What can be wrong with a paper, a part or a key; each says what to do about it.

export class VaultError extends Error {
  constructor(message: string, remedy = "") {
    super(`${message} ${remedy}`.trim());
    this.name = new.target.name;
  }
}

/** A key file that is not one, or does not open. */
export class KeyFileInvalid extends VaultError {}

/** A part that is wrong, corrupt, replayed or relabelled; names whose. */
export class PartInvalid extends VaultError {
  readonly custodian: string;
  constructor(custodian: string, reason: string) {
    super(
      `The part of custodian ${custodian} is not usable: ${reason}.`,
      "Leave it out and use another custodian's part, or take the document from a copy.",
    );
    this.custodian = custodian;
  }
}

export class PartsTooFew extends VaultError {}

/** A sealed object or a period's paper that does not open or is not what it says. */
export class SealBroken extends VaultError {}

/** A request, an answer or its signature that does not hold. */
export class StatementInvalid extends VaultError {}

/** What came from the server does not hold together. */
export class PackageBroken extends VaultError {}

/** What holds, but is for the command line: this page does not check all of it. */
export class ForTheCommandLine extends VaultError {}

/** A rule of a format is broken; every reader turns it into its own error. */
export class Malformed extends Error {}

/** `read()`, with what is malformed said as the error that `wrap` makes of it. */
export function reading<Value>(read: () => Value, wrap: (reason: string) => Error): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof Malformed) throw wrap(error.message);
    throw error;
  }
}
