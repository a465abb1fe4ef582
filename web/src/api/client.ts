// The one way to the server: a client typed by the OpenAPI document, and errors an operator can read.

import createClient from "openapi-fetch";
import type { paths } from "./schema";

export const client = createClient<paths>({ baseUrl: "/" });

type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { "application/json": infer Body } } } };
}
  ? Body
  : never;

export type Session = Answer<"/api/session">;
export type System = Answer<"/api/system">;
export type Camera = Answer<"/api/cameras">[number];
export type Status = Camera["status"];
export type Policy = Camera["policy"];
export type Ruled = Camera["waits"][number];
export type Entries = Answer<"/api/ledger/entries">;
export type LoggedEntry = Entries["entries"][number];
export type Proof = Answer<"/api/ledger/proof">;
export type ViewRequest = paths["/api/views"]["post"]["requestBody"]["content"]["application/json"];
export type Reason = ViewRequest["reason"];
export type View = { id: string; playlist: string };

/** What the server refused, in its own words, and the HTTP status (0: no answer at all). */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = "Refused";
    this.status = status;
  }
}

const PLAIN: Record<number, string> = {
  0: "The server does not answer.",
  401: "You are not signed in.",
  403: "This is not allowed.",
  404: "The server does not know this any more.",
  503: "The server refuses for now, because it cannot write its ledger.",
};

/** What a problem document (RFC 9457, with a remedy) says, or a plain sentence for its status. */
export function sentence(status: number, problem: unknown): string {
  const { detail, remedy } = (problem ?? {}) as Record<string, unknown>;
  if (typeof detail !== "string" || detail === "") {
    return PLAIN[status] ?? `The server answered with status ${status}.`;
  }
  return typeof remedy === "string" && remedy !== "" ? `${detail} ${remedy}` : detail;
}

type Outcome<Data> = { data?: Data; error?: unknown; response: Response };

/** The answer's body, or a {@link Refused}. */
export async function answer<Data>(call: Promise<Outcome<Data>>): Promise<Data> {
  let outcome: Outcome<Data>;
  try {
    outcome = await call;
  } catch {
    throw new Refused(0, sentence(0, null));
  }
  if (!outcome.response.ok) {
    throw new Refused(outcome.response.status, sentence(outcome.response.status, outcome.error));
  }
  return outcome.data as Data;
}
