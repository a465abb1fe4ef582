import type { CaseState } from "./api";
import classes from "./Cases.module.css";
import { STATES } from "./words";

export function StateBadge({ state }: { state: CaseState }) {
  const { word, detail, colour } = STATES[state];
  return (
    <span className={classes.state} data-colour={colour} data-testid="case-state">
      <span className={classes.dot} />
      <span>{word}</span>
      <span className={classes.dim}>{detail}</span>
    </span>
  );
}
