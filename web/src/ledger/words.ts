// A ledger entry in a sentence. An act that is unknown here is shown by its code, never hidden.

import type { LoggedEntry } from "../api/client";
import { spanText } from "../time";
import { causeText } from "../timeline/model";
import type { Json } from "./merkle";

export type Told = {
  index: number;
  atUs: number;
  act: string;
  operation: string;
  who: string;
  camera: string;
  reason: string;
  authority: string;
  sentence: string;
};

type Body = { [key: string]: Json };

const text = (value: Json | undefined) => (typeof value === "string" ? value : "");
const count = (value: Json | undefined) => (typeof value === "number" ? value : null);

function facts(body: Body): Body {
  const value = body.facts;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

function lasting(body: Body): string {
  const since = count(body.since);
  const until = count(body.until);
  return since !== null && until !== null && until > since ? ` (${spanText(until - since)})` : "";
}

function plain(code: string): string {
  return code.replaceAll("-", " ");
}

function sentenceFor(body: Body): string {
  const camera = text(body.camera) || "the camera";
  const known = facts(body);
  switch (body.act) {
    case "camera-started":
      return `Recording of ${camera} started`;
    case "camera-stopped":
      return `Recording of ${camera} stopped`;
    case "camera-withheld":
      return `${camera} does not record: a paper that a rule asks for is not on record`;
    case "camera-admitted":
      return `The papers of ${camera} are on record; it may record`;
    case "paper-expiring":
      return `A paper of ${camera} ends soon`;
    case "gap":
      return gapSentence(body, camera, known);
    case "period-opened":
      return `New key for the originals of ${camera}`;
    case "period-closed":
      return `Key period of ${camera} closed${lasting(body)}`;
    case "heads":
      return "Recordings so far, fixed for all cameras";
    case "viewed":
      return text(known.mode) === "recorded"
        ? `Recording of ${camera} watched${lasting(body)}`
        : `Live picture of ${camera} watched`;
    case "configured":
      return `Setting changed: ${plain(text(known.change) || text(body.reason))}${
        text(body.camera) === "" ? "" : ` (${camera})`
      }`;
    case "checked":
      return `${plain(text(known.rule))}: ${plain(text(known.outcome))}${
        text(body.camera) === "" ? many(known.subjects) : ` (${camera})`
      }`;
    case "signed-in":
      return "Somebody signed in";
    case "denied":
      return "What was tried and not permitted, counted";
    case "change-proposed":
    case "change-agreed":
    case "change-refused":
      return `${plain(text(body.act))}: ${plain(text(known.kind))} (${text(known.proposal)})`.replace(
        /^c/,
        "C",
      );
    case "case-answered":
      return `A custodian has ${text(known.decision) || "answered"} a request`;
    case "original-viewed":
      return `Originals of ${camera} ${ORIGINALS[text(known.act)] ?? "opened"}${lasting(body)}`;
    case "erased":
      return `${SIDES[text(known.side)] === "masked recording" ? "Masked recordings" : "Sealed originals"} of ${camera} erased, their time was over${counted(known.objects)}`;
    case "case-erased":
      return `Sealed parts of a case erased${counted(known.parts)}`;
    case "case-forgotten":
      return "What was said in words of a case erased, its time was over";
    case "sign-ins-forgotten":
      return "Old sign-ins erased";
    case "words-forgotten":
      return "Words about holds, papers or changes erased, their time was over";
    case "custodians-set":
      return `Custodians are now ${count(known.k) ?? "?"} of ${count(known.n) ?? "?"}`;
    case "person-registered":
      return `A ${text(known.role) || "person"} was registered`;
    case "person-retired":
      return `A ${text(known.role) || "person"} was retired`;
    default:
      return CASES[text(body.act)] ?? plain(text(body.act) || "unknown act");
  }
}

const CASES: Record<string, string> = {
  "case-drafted": "A case was drafted",
  "case-requested": "A case officer asked for an opening",
  "case-approved": "Enough custodians agreed to an opening",
  "case-refused": "An opening was refused",
  "case-opened": "A case was opened",
  "case-closed": "A case was closed",
  "case-expired": "A case expired",
  exported: "Something of a case was exported",
  "live-opened": "Originals are sealed to an officer too, from now on",
  "live-ended": "Originals are sealed to custodians alone again",
  held: "Recordings are held: they are not erased meanwhile",
  released: "A hold was lifted",
  "subject-received": "Somebody who was filmed asks; what they ask for is held",
  "subject-viewed": "Who asks was read",
  "subject-identified": "It is known who asks",
  "subject-located": "Somebody who asks was found on the masked timeline",
  "subject-disclosing": "A request of somebody filmed goes through a case",
  "subject-extended": "A request of somebody filmed takes longer; they were told",
  "subject-overdue": "A request of somebody filmed is late",
  "subject-answered": "A request of somebody filmed was answered",
  "subject-refused": "A request of somebody filmed was refused, with reasons",
  "subject-withdrawn": "A request of somebody filmed was withdrawn",
  "subject-letter": "A letter to somebody filmed was made",
  "subject-erased": "Who asked is erased; their time was over",
  "filing-overdue": "A filing with an authority is late",
  "threshold-near": "80 % of the people from which on a filing is asked for",
  "threshold-reached": "The number of people is reached from which on a filing is asked for",
  "breach-opened": "A breach of personal data is known",
  "breach-notified": "Somebody was told of a breach of personal data",
  "breach-overdue": "A breach of personal data was not told in time",
  "breach-closed": "A breach of personal data is closed",
};

const ORIGINALS: Record<string, string> = {
  view: "looked at",
  export: "taken for an export",
  disclose: "taken for a disclosure",
};

function many(value: Json | undefined): string {
  return Array.isArray(value) && value.length > 1 ? ` (${value.length})` : "";
}

function counted(value: Json | undefined): string {
  const number = count(value);
  return number === null ? "" : ` (${number})`;
}

const SIDES: Record<string, string> = { masked: "masked recording", sealed: "sealed originals" };

function gapSentence(body: Body, camera: string, known: Body): string {
  const what = SIDES[text(known.side)] ?? "recording";
  const stage = count(body.until) === null ? "begins" : `ended${lasting(body)}`;
  const cause = text(known.cause);
  return `Gap in the ${what} of ${camera} ${stage}${cause === "" ? "" : `: ${causeText(cause)}`}`;
}

/** What one row of the ledger shows. */
export function tell(entry: LoggedEntry): Told {
  const body = entry.body as Body;
  return {
    index: entry.index,
    atUs: count(body.at) ?? 0,
    act: text(body.act),
    operation: text(body.op),
    who: text(body.who),
    camera: text(body.camera),
    reason: plain(text(body.reason)),
    authority: text(body.authority),
    sentence: sentenceFor(body),
  };
}

export type RowOf =
  | { kind: "entry"; entry: LoggedEntry }
  | { kind: "fold"; entries: LoggedEntry[] };

/** Newest first, with runs of entries that are written every few seconds folded into one row. */
export function rows(entries: LoggedEntry[], unfolded: ReadonlySet<number>): RowOf[] {
  const found: RowOf[] = [];
  let run: LoggedEntry[] = [];
  const close = () => {
    const newest = run[0];
    if (newest !== undefined && run.length > 1 && !unfolded.has(runOf(newest.index))) {
      found.push({ kind: "fold", entries: run });
    } else {
      found.push(...run.map((entry) => ({ kind: "entry" as const, entry })));
    }
    run = [];
  };
  for (const entry of entries.toReversed()) {
    const oldest = run.at(-1);
    if ((entry.body as Body).act !== "heads") {
      close();
      found.push({ kind: "entry", entry });
      continue;
    }
    if (oldest !== undefined && runOf(oldest.index) !== runOf(entry.index)) close();
    run.push(entry);
  }
  close();
  return found;
}

/** Runs end at fixed numbers, so that an unfolded one stays so while the ledger grows. */
export function runOf(index: number): number {
  return Math.floor(index / 100);
}
