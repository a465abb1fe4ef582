// Now, as the server counts it: the viewer's clock may be minutes off.

import { createContext, useContext, useEffect, useState } from "react";

/** Microseconds to add to the viewer's clock. */
export const ServerOffset = createContext(0);

export function offsetFrom(serverUs: number, receivedMs: number): number {
  const offset = serverUs - receivedMs * 1000;
  // below a second it is the network and not the clocks; zero keeps the page from twitching
  return Math.abs(offset) < 1_000_000 ? 0 : offset;
}

/** UTC microseconds now, renewed every `everyMs`. */
export function useNowUs(everyMs = 1000): number {
  const offset = useContext(ServerOffset);
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowMs * 1000 + offset;
}
