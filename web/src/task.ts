// Something that takes a while and may fail, said in a sentence. Unlike a mutation it keeps neither
// what went in nor what came out: keys pass through here.

import { useCallback, useRef, useState } from "react";

export type Task = {
  busy: boolean;
  failure: string;
  run: (act: () => Promise<void>) => void;
};

export function useTask(): Task {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");
  const running = useRef(false);
  const run = useCallback((act: () => Promise<void>) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setFailure("");
    act()
      .catch((error: unknown) => setFailure(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        running.current = false;
        setBusy(false);
      });
  }, []);
  return { busy, failure, run };
}

/** A moment in which the page shows that it is busy, before something keeps it so. */
export function painted(): Promise<void> {
  return new Promise((done) => setTimeout(done, 60));
}
