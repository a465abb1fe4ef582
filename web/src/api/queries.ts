// What the pages ask the server for, and how often.

import { type QueryClient, useQuery } from "@tanstack/react-query";
import { answer, client, Refused } from "./client";

const SECOND = 1000;

/** A refused sign-in is final; anything else is asked for again. */
export function retry(failures: number, error: Error): boolean {
  return !(error instanceof Refused && [401, 403, 404].includes(error.status)) && failures < 2;
}

/** Not asked while a sign-in is under way: an answer from before it would be believed after it. */
export function useSession(enabled: boolean) {
  return useQuery({
    enabled,
    queryKey: ["session"],
    queryFn: () => answer(client.GET("/api/session")),
    refetchInterval: 30 * SECOND,
  });
}

export function useSystem() {
  return useQuery({
    queryKey: ["system"],
    queryFn: () => answer(client.GET("/api/system")),
    refetchInterval: 3 * SECOND,
  });
}

export function useCameras() {
  return useQuery({
    queryKey: ["cameras"],
    queryFn: () => answer(client.GET("/api/cameras")),
    refetchInterval: SECOND,
  });
}

/** Rules in force and what is due or breached; of one rule every outcome. */
export function useNorms(rule: string | null) {
  return useQuery({
    queryKey: ["norms", rule],
    queryFn: () =>
      answer(client.GET("/api/norms", { params: { query: rule === null ? {} : { rule } } })),
    placeholderData: (previous) => previous,
    refetchInterval: 5 * SECOND,
  });
}

/** Recorded spans and gaps of a camera; asked for again while the window touches now. */
export function useTimeline(camera: string, sinceUs: number, untilUs: number) {
  return useQuery({
    queryKey: ["timeline", camera, sinceUs, untilUs],
    queryFn: () =>
      answer(
        client.GET("/api/cameras/{camera}/timeline", {
          params: { path: { camera }, query: { since_us: sinceUs, until_us: untilUs } },
        }),
      ),
    placeholderData: (previous) => previous,
    staleTime: 5 * SECOND,
  });
}

export function useEntries(start: number, count: number, live: boolean) {
  return useQuery({
    queryKey: ["entries", start, count],
    queryFn: () =>
      answer(client.GET("/api/ledger/entries", { params: { query: { start, count } } })),
    placeholderData: (previous) => previous,
    refetchInterval: live ? 3 * SECOND : false,
    enabled: start >= 0 && count > 0,
  });
}

export function useCheckpoint() {
  return useQuery({
    queryKey: ["checkpoint"],
    queryFn: fetchCheckpoint,
    refetchInterval: 5 * SECOND,
  });
}

export async function fetchCheckpoint(): Promise<string> {
  return (await answer(
    client.GET("/api/ledger/checkpoint", { parseAs: "text" }) as Promise<{
      data?: string;
      error?: unknown;
      response: Response;
    }>,
  )) as string;
}

/** A 401 anywhere means that the session is over: ask for it again, and the page shows sign-in. */
export function onFailure(queries: QueryClient, error: Error): void {
  if (error instanceof Refused && error.status === 401) {
    void queries.invalidateQueries({ queryKey: ["session"] });
  }
}
