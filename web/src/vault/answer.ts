// A custodian's answer to a request: yes, with their parts sealed to the officer, or no.

import type { Json } from "../ledger/merkle";
import { toBase64 } from "./bytes";
import { Malformed, reading, StatementInvalid } from "./errors";
import { Fields, type JsonObject } from "./fields";
import { isCaseId, LONGEST_TEXT, lengths, type Request, SHORTEST_REASON } from "./request";
import type { Statement } from "./statement";

const FORMAT = "scrim-answer-v1";
const NAMES = [
  ...["format", "request_sha256", "case", "custodian", "decision"],
  ...["reason", "decided_us", "parts", "nonce"],
];

export type SealedPart = { documentSha256: string; sealed: Uint8Array };

export type Answer = {
  requestSha256: string;
  case: string;
  custodian: string;
  decision: "approved" | "refused";
  reason: string;
  decidedUs: number;
  parts: readonly SealedPart[];
  nonce: string;
};

function invalid(reason: string): StatementInvalid {
  return new StatementInvalid(
    `This is not an answer that can be used: ${reason}.`,
    "Have the custodian answer again; nothing was done.",
  );
}

/** The body that its custodian signs; refused where a reader would refuse it. */
export function answerBody(answer: Answer): JsonObject {
  const body: JsonObject = {
    format: FORMAT,
    request_sha256: answer.requestSha256,
    case: answer.case,
    custodian: answer.custodian,
    decision: answer.decision,
    reason: answer.reason,
    decided_us: answer.decidedUs,
    parts: answer.parts.map(({ documentSha256, sealed }) => ({
      document_sha256: documentSha256,
      sealed: toBase64(sealed),
    })),
    nonce: answer.nonce,
  };
  answerFromBody(body);
  return body;
}

/** The answer that a statement gives. Whose verifier it is, is not asked here. */
export function answerOf(statement: Statement): Answer {
  return answerFromBody(statement.body);
}

/** Why an answer is none to this request, or null. */
export function answerFault(answer: Answer, request: Request): string | null {
  if (answer.requestSha256 !== request.sha256 || answer.case !== request.case) {
    return "it answers another request";
  }
  const found = answer.parts.map(({ documentSha256 }) => documentSha256);
  const known = new Set(found);
  const ordered = request.periods
    .map(({ documentSha256 }) => documentSha256)
    .filter((sha256) => known.has(sha256));
  if (ordered.length !== found.length || !ordered.every((sha256, at) => sha256 === found[at])) {
    return "its parts are not of the request's periods, in their order";
  }
  if (answer.decision === "approved" && request.kind === "recorded" && found.length === 0) {
    return "it approves and brings no part";
  }
  return null;
}

function answerFromBody(body: JsonObject): Answer {
  return reading(() => {
    const answer = read(body);
    check(answer);
    return answer;
  }, invalid);
}

function read(body: JsonObject): Answer {
  const fields = new Fields(body, NAMES);
  fields.isExactly("format", FORMAT);
  return {
    requestSha256: fields.sha256("request_sha256"),
    case: fields.text("case"),
    custodian: fields.name("custodian"),
    decision: fields.oneOf("decision", "approved", "refused"),
    reason: fields.text("reason"),
    decidedUs: fields.number("decided_us"),
    parts: fields.items("parts").map(sealedPart),
    nonce: fields.sha256("nonce"),
  };
}

function sealedPart(item: Json): SealedPart {
  const fields = new Fields(item, ["document_sha256", "sealed"]);
  return { documentSha256: fields.sha256("document_sha256"), sealed: fields.base64("sealed") };
}

function check(answer: Answer): void {
  if (!isCaseId(answer.case)) throw new Malformed("case is not case- and eight of a-z and 2-7");
  const { all, stripped } = lengths(answer.reason);
  if (all > LONGEST_TEXT) {
    throw new Malformed(`the reason has at most ${LONGEST_TEXT} characters`);
  }
  if (answer.decision === "approved") return;
  if (stripped < SHORTEST_REASON) {
    throw new Malformed(`a refusal has a reason of ${SHORTEST_REASON} characters or more`);
  }
  if (answer.parts.length > 0) throw new Malformed("a refusal carries parts");
}
