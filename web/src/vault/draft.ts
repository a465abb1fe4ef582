// What an officer asks for, and the check of what the server gives them to sign: letter by letter
// what was asked, and of what only the server knows nothing but the case's id, when it was made,
// whose it is, the periods and the salt.

import { canonical } from "../ledger/merkle";
import { PackageBroken, StatementInvalid } from "./errors";
import type { JsonObject } from "./fields";
import type { Key } from "./keyfile";
import { type Request, requestFromBody } from "./request";
import { type Statement, signStatement } from "./statement";

/** A request without what the server adds; times are UTC microseconds, the interval half open. */
export type Draft = Pick<
  Request,
  | "kind"
  | "purpose"
  | "authority"
  | "cameras"
  | "sinceUs"
  | "untilUs"
  | "reason"
  | "recipient"
  | "expiresUs"
  | "answers"
>;

/** As the API takes it. */
export function draftDocument(draft: Draft) {
  const { authority, answers } = draft;
  return {
    kind: draft.kind,
    purpose: draft.purpose,
    authority: {
      kind: authority.kind,
      reference: authority.reference,
      document_sha256: authority.documentSha256,
    },
    cameras: [...new Set(draft.cameras)].sort(),
    since_us: draft.sinceUs,
    until_us: draft.untilUs,
    reason: draft.reason,
    recipient: draft.recipient,
    expires_us: draft.expiresUs,
    answers: Object.fromEntries(answers.map(({ question, answer }) => [question, answer])),
  };
}

/** The request that the server's body makes, if it says what was asked; else it is not to be signed. */
export function checkDrafted(draft: Draft, id: string, body: JsonObject): Request {
  const request = understood(body);
  const { answers, ...asked } = draftDocument(draft);
  const wanted: JsonObject = { ...asked, case: id };
  for (const [name, value] of Object.entries(wanted)) {
    if (canonical(body[name] ?? null) !== canonical(value)) {
      throw other(`${name} is another than was asked for`);
    }
  }
  if (canonical(body.answers ?? {}) !== canonical(answers)) {
    throw other("the answers are others than were given");
  }
  return request;
}

/** The signed request; only the officer in whose name it is signs it. */
export function signRequest(request: Request, body: JsonObject, key: Key): Statement {
  if (request.officer.verifier !== key.signer.verifier) {
    throw new StatementInvalid(
      `This is not the key of ${request.officer.id}, who is signed in.`,
      "Choose the key file that you signed in with.",
    );
  }
  return signStatement(body, key.signer);
}

function understood(body: JsonObject): Request {
  try {
    return requestFromBody(body);
  } catch (error) {
    if (error instanceof StatementInvalid) throw other(error.message);
    throw error;
  }
}

function other(what: string): PackageBroken {
  return new PackageBroken(
    `The server gives something else to sign than was asked for: ${what}.`,
    "Nothing was signed; tell the operator and the custodians.",
  );
}
