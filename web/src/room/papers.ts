// A rule, its citation, and what it asks of a camera, in a sentence.

import type { Ruled } from "../api/client";

const WHYS: Record<string, (paper: string, day: string) => string> = {
  missing: (paper) => `Waits for ${paper}`,
  expired: (paper, day) => `Waits for ${paper}, which expired${day}`,
  revoked: (paper) => `Waits for ${paper}, which was revoked`,
  undecided: (paper) => `Waits for ${paper}: until when it is good cannot be told`,
  "forbidden-place": () => "No camera may be in such a place",
  "place-unsaid": () =>
    "Waits for the kind of place it looks at: say it with scrim camera set ID --place KIND",
  expires: (paper, day) => `Until${day}: ${paper}`,
  grace: (paper, day) => `Is to have ${paper}${day === "" ? "" : ` by${day}`}`,
};

export function ruledText(one: Ruled): string {
  const paper = one.filing == null ? one.paper : `filing ${one.filing.replaceAll("-", " ")}`;
  const day =
    one.ends_us == null ? "" : ` ${new Date(one.ends_us / 1000).toISOString().slice(0, 10)}`;
  const said = WHYS[one.why]?.(paper, day) ?? `${paper}: ${one.why}`;
  return `${said}. ${one.rule}, ${one.citation}${one.unverified ? " (unverified)" : ""}.`;
}
