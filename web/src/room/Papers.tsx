// Which rule waits for which paper of a camera, and what ends soon.

import type { Ruled } from "../api/client";
import classes from "./CameraTile.module.css";
import { ruledText } from "./papers";

export function Papers({ waits, expiring }: { waits: Ruled[]; expiring: Ruled[] }) {
  const all = [...waits, ...expiring];
  if (all.length === 0) return null;
  return (
    <ul className={classes.warnings} data-testid="papers">
      {all.map((one) => (
        <li key={`${one.rule} ${one.paper} ${one.filing}`} title={one.sentence}>
          {ruledText(one)}
        </li>
      ))}
    </ul>
  );
}
