// Rules that are not met for a camera; what they are stands on the page of norms.

import type { CameraNorm } from "../api/client";
import { unmetText } from "../norms/words";
import classes from "./CameraTile.module.css";

export function Unmet({ of }: { of: CameraNorm[] }) {
  if (of.length === 0) return null;
  return (
    <ul className={classes.warnings} data-testid="norms">
      {of.map((one) => (
        <li key={one.rule} title={`${one.sentence} (${one.citation})`}>
          <a href={`#/norms/${one.rule}`}>{unmetText(one)}</a>
        </li>
      ))}
    </ul>
  );
}
