// Which page is shown: sign-in, the control room, or the ledger.

import { Center, Loader } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { Reason } from "./api/client";
import { useSession, useSystem } from "./api/queries";
import { redeem, takeToken } from "./api/session";
import { offsetFrom, ServerOffset } from "./clock";
import { LedgerPage } from "./ledger/LedgerPage";
import { ControlRoom } from "./room/ControlRoom";
import { Header } from "./room/Header";
import { DEFAULT_REASON } from "./room/reasons";
import { SignIn } from "./SignIn";

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
  if (busy || session.isPending) {
    return (
      <Center mih="100vh">
        <Loader aria-label="Signing in" />
      </Center>
    );
  }
  if (!session.data?.signed_in) {
    return <SignIn failure={failure} unreachable={session.isError} />;
  }
  return <SignedIn />;
}

function SignedIn() {
  const fragment = useFragment();
  const system = useSystem();
  const [reason, setReason] = useState<Reason>(DEFAULT_REASON);
  const offset = system.data ? offsetFrom(system.data.time_us, system.dataUpdatedAt) : 0;
  const ledger = fragment.startsWith("#/ledger");
  return (
    <ServerOffset.Provider value={offset}>
      <Header
        system={system.data}
        unreachable={system.isError}
        page={ledger ? "ledger" : "room"}
        reason={reason}
        onReason={setReason}
      />
      {ledger ? <LedgerPage /> : <ControlRoom reason={reason} />}
    </ServerOffset.Provider>
  );
}
