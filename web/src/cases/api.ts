// What the pages of cases ask the server for. Papers come as bytes: their hash is over the bytes.

import { useQuery } from "@tanstack/react-query";
import { answer, client, Refused, sentence } from "../api/client";
import type { components } from "../api/schema";
import { canonical } from "../ledger/merkle";
import { type Draft, draftDocument } from "../vault/draft";
import type { JsonObject } from "../vault/fields";
import type { Segment } from "../vault/manifest";
import { type CasePackage, type Period, readPackage } from "../vault/package";
import { type Statement, statementDocument } from "../vault/statement";

export type Summary = components["schemas"]["CaseSummary"];
export type Case = components["schemas"]["Case"];
export type CaseState = Summary["state"];
export type Offers = components["schemas"]["Offers"];
export type Viewing = { viewing: string; segments: Segment[] };

const SECOND = 1000;

export function useCases() {
  return useQuery({
    queryKey: ["cases"],
    queryFn: () => answer(client.GET("/api/cases")),
    refetchInterval: 5 * SECOND,
  });
}

export function useCase(id: string) {
  return useQuery({
    queryKey: ["case", id],
    queryFn: () => answer(client.GET("/api/cases/{case}", { params: { path: { case: id } } })),
    refetchInterval: 5 * SECOND,
  });
}

/** The case's package, read and checked here; asked for again when somebody has answered. */
export function usePackage(id: string, answers: number) {
  return useQuery({
    queryKey: ["package", id, answers],
    queryFn: () => fetchPackage(id),
    // a paper is given out once a checkpoint covers it, which is a matter of seconds
    retry: (failures, error) => error instanceof Refused && error.status === 409 && failures < 15,
    retryDelay: 2 * SECOND,
    staleTime: Number.POSITIVE_INFINITY,
    // a new answer is no reason to take a picture away that somebody looks at
    placeholderData: (previous) => previous,
  });
}

export async function fetchPackage(id: string): Promise<CasePackage> {
  return readPackage(await bytes(`/api/cases/${encodeURIComponent(id)}/package`), id);
}

/** For what originals of all of these cameras may be opened, and what is asked before. */
export function useOffers(cameras: readonly string[]) {
  return useQuery({
    queryKey: ["purposes", ...cameras],
    queryFn: () =>
      answer(client.GET("/api/purposes", { params: { query: { camera: [...cameras] } } })),
    enabled: cameras.length > 0,
  });
}

/** Has a request judged and drafted: the case's id, and the body to sign. */
export async function draftCase(draft: Draft): Promise<{ id: string; body: JsonObject }> {
  const body = draftDocument(draft);
  const drafted = await answer(client.POST("/api/cases", { body }));
  return { id: drafted.case, body: drafted.body as JsonObject };
}

/** Hands in the request, in the very bytes that were signed. */
export async function sendRequest(id: string, statement: Statement): Promise<void> {
  await answer(
    client.POST("/api/cases/{case}/request", {
      params: { path: { case: id } },
      body: statementDocument(statement) as Record<string, never>,
      bodySerializer: canonical,
    }),
  );
}

export async function closeCase(id: string, reason: string): Promise<void> {
  await answer(
    client.POST("/api/cases/{case}/close", { params: { path: { case: id } }, body: { reason } }),
  );
}

/** Hands in an answer, in the very bytes that were signed. */
export async function sendAnswer(id: string, statement: Statement): Promise<void> {
  const body = statementDocument(statement) as Record<string, never>;
  await answer(
    client.POST("/api/cases/{case}/answers", {
      params: { path: { case: id } },
      body,
      bodySerializer: canonical,
    }),
  );
}

/** Says that originals are looked at now: it is in the ledger before the answer comes. */
export async function openViewing(
  id: string,
  camera: string,
  sinceUs: number,
  untilUs: number,
): Promise<Viewing> {
  const { viewing, segments } = await answer(
    client.POST("/api/cases/{case}/viewings", {
      params: { path: { case: id } },
      body: { act: "view", cameras: [camera], since_us: sinceUs, until_us: untilUs },
    }),
  );
  return { viewing, segments: segments.map(listed) };
}

/** The same look again, with what has been sealed to a live case since. */
export async function lookAgain(viewing: string, signal: AbortSignal): Promise<Viewing> {
  const response = await get(`/api/viewings/${viewing}`, signal);
  let found: components["schemas"]["Viewing"];
  try {
    found = await response.json();
  } catch {
    signal.throwIfAborted();
    throw new Refused(0, sentence(0, null)); // it went away in the middle of its answer
  }
  const { segments } = found;
  return { viewing, segments: segments.map(listed) };
}

function listed({ start_us, end_us, ...segment }: components["schemas"]["SealedSegment"]): Segment {
  return { ...segment, startUs: start_us, endUs: end_us, plain: null };
}

export function fetchManifest(viewing: string, period: Period): Promise<Uint8Array> {
  const { camera, epoch, period: number } = period;
  return bytes(`/api/viewings/${viewing}/periods/${camera}/${epoch}/${number}/manifest`);
}

/** A sealed segment as it comes. */
export async function fetchSealed(
  viewing: string,
  { camera, segment }: Segment,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const response = await get(`/api/viewings/${viewing}/sealed/${camera}/${segment}`, signal);
  if (response.body === null) throw new Refused(0, sentence(0, null));
  return response.body;
}

async function bytes(path: string): Promise<Uint8Array> {
  return new Uint8Array(await (await get(path)).arrayBuffer());
}

async function get(path: string, signal: AbortSignal | null = null): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof TypeError ? new Refused(0, sentence(0, null)) : error;
  }
  if (!response.ok) {
    const problem: unknown = await response.json().catch(() => null);
    throw new Refused(response.status, sentence(response.status, problem));
  }
  return response;
}
