// Which page is shown: sign-in, the control room, cases, norms, or the ledger.

import { Center, Loader } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import {
  lazy,
  Suspense,
  useCallback,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { Session } from "./api/client";
import { useSession, useSystem } from "./api/queries";
import { redeem, takeToken } from "./api/session";
import { offsetFrom, ServerOffset } from "./clock";
import { forgetAll } from "./keys/holder";
import { LedgerPage } from "./ledger/LedgerPage";
import { NormsPage } from "./norms/NormsPage";
import { ControlRoom } from "./room/ControlRoom";
import { Header, pagesOf } from "./room/Header";
import { DEFAULT_REASON, type RoomReason } from "./room/reasons";
import { SignIn } from "./SignIn";

// with all that opens and signs; the control room never needs it
const AccessPage = lazy(() => import("./access/AccessPage"));
const CasesPage = lazy(() => import("./cases/CasesPage"));

function subscribe(changed: () => void): () => void {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
}

function useFragment(): string {
  return useSyncExternalStore(subscribe, () => window.location.hash);
}

// taken once for the whole page, before anything is drawn: a second redemption would be refused
let waiting: string | null = takeToken();

function useSignInByLink(): { busy: boolean; failure: string } {
  const queries = useQueryClient();
  const fragment = useFragment();
  const [busy, setBusy] = useState(waiting !== null);
  const [failure, setFailure] = useState("");
  const use = useCallback(
    async (token: string) => {
      setBusy(true);
      setFailure("");
      try {
        await redeem(token);
      } catch (error) {
        setFailure(error instanceof Error ? error.message : String(error));
      }
      // an answer from before the sign-in may still be on its way, and would be believed
      await queries.cancelQueries({ queryKey: ["session"] });
      await queries.invalidateQueries({ queryKey: ["session"] });
      setBusy(false);
    },
    [queries],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new fragment may bring a new token
  useEffect(() => {
    const token = waiting ?? takeToken();
    waiting = null;
    if (token !== null) void use(token);
  }, [fragment, use]);
  return { busy, failure };
}

export function App() {
  const { busy, failure } = useSignInByLink();
  const session = useSession(!busy);
  const out = session.data !== undefined && !session.data.signed_in;
  const person = session.data?.signed_in ? (session.data.person ?? "") : null;
  const before = useRef<string | null>(null);
  useEffect(() => {
    // a session that is over, however it ended, leaves no key to the next; another tab may have
    // ended it and begun one of somebody else between two looks
    if (out || (before.current !== null && person !== null && before.current !== person)) {
      forgetAll();
    }
    if (person !== null) before.current = person;
  }, [out, person]);
  if (busy || session.isPending) {
    return <Waiting what="Signing in" />;
  }
  if (!session.data?.signed_in) {
    return <SignIn failure={failure} unreachable={session.isError} />;
  }
  return <SignedIn key={person} session={session.data} />;
}

function Waiting({ what }: { what: string }) {
  return (
    <Center mih="100vh">
      <Loader aria-label={what} />
    </Center>
  );
}

function SignedIn({ session }: { session: Session }) {
  const fragment = useFragment();
  const system = useSystem();
  const [reason, setReason] = useState<RoomReason>(DEFAULT_REASON);
  const offset = system.data ? offsetFrom(system.data.time_us, system.dataUpdatedAt) : 0;
  const pages = pagesOf(session.roles);
  const [home = "ledger"] = pages;
  const page = pages.find((one) => fragment.startsWith(`#/${one}`)) ?? home;
  return (
    <ServerOffset.Provider value={offset}>
      <Header
        session={session}
        system={system.data}
        unreachable={system.isError}
        page={page}
        reason={reason}
        onReason={setReason}
      />
      {page === "ledger" && <LedgerPage />}
      {page === "access" && (
        <Suspense fallback={<Waiting what="Loading" />}>
          <AccessPage session={session} />
        </Suspense>
      )}
      {page === "norms" && (
        <NormsPage chosen={/^#\/norms\/([a-z0-9-]+)$/.exec(fragment)?.[1] ?? null} />
      )}
      {page === "room" && <ControlRoom reason={reason} />}
      {page === "cases" && (
        <Suspense fallback={<Waiting what="Loading cases" />}>
          <CasesPage
            role={session.roles.includes("officer") ? "officer" : "custodian"}
            person={session.person ?? ""}
            chosen={/^#\/cases\/([a-z0-9-]+)$/.exec(fragment)?.[1] ?? null}
          />
        </Suspense>
      )}
    </ServerOffset.Provider>
  );
}
