// The newest entries of the ledger in words, and a check of any of them in this browser.

import { Alert, Button, Code, Group, ScrollArea, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { LoggedEntry } from "../api/client";
import { useCheckpoint, useEntries, useSystem } from "../api/queries";
import { useNowUs } from "../clock";
import { agoText, dateText } from "../time";
import { check, type Verdict } from "./check";
import { readCheckpoint } from "./checkpoint";
import classes from "./LedgerPage.module.css";
import { rows, runOf, tell } from "./words";

const PAGE = 200;

export function LedgerPage() {
  const system = useSystem();
  const size = system.data?.ledger.size ?? 0;
  const [end, setEnd] = useState<number | null>(null);
  const [chosen, setChosen] = useState<LoggedEntry | null>(null);
  const last = end ?? size;
  const start = Math.max(0, last - PAGE);
  const entries = useEntries(start, last - start, end === null);
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  const shown = rows(entries.data?.entries ?? [], unfolded);
  return (
    <main className={classes.page}>
      <div className={classes.list}>
        <Group justify="space-between" mb="xs">
          <Title order={1} size="h4">
            Ledger
          </Title>
          <Group gap="xs">
            <Button
              size="compact-sm"
              variant="default"
              disabled={start === 0}
              onClick={() => setEnd(start)}
            >
              Older
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              disabled={end === null}
              onClick={() => setEnd(last + PAGE >= size ? null : last + PAGE)}
            >
              Newer
            </Button>
            <Text size="sm" c="dimmed" component="span">
              {shown.length === 0
                ? "no entries"
                : `entries ${start} to ${last - 1} of ${size.toLocaleString("en")}`}
            </Text>
          </Group>
        </Group>
        {entries.isError && (
          <Alert color="red" title="The ledger cannot be read">
            {entries.error.message}
          </Alert>
        )}
        <ScrollArea type="auto">
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">No.</th>
                <th scope="col">When</th>
                <th scope="col">What happened</th>
                <th scope="col">Reason</th>
                <th scope="col">By</th>
                <th scope="col">Kind of act</th>
                <th scope="col">
                  <span className="spoken-only">Check</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((row) =>
                row.kind === "entry" ? (
                  <Row
                    key={row.entry.index}
                    entry={row.entry}
                    chosen={chosen?.index === row.entry.index}
                    onChoose={() => setChosen(row.entry)}
                  />
                ) : (
                  <Fold
                    key={`fold ${row.entries[0]?.index}`}
                    entries={row.entries}
                    onUnfold={(run) => setUnfolded(new Set([...unfolded, run]))}
                  />
                ),
              )}
            </tbody>
          </table>
        </ScrollArea>
      </div>
      <aside className={classes.side}>
        {chosen !== null && <Chosen key={chosen.index} entry={chosen} />}
        <CheckpointCard />
      </aside>
    </main>
  );
}

type RowProps = { entry: LoggedEntry; chosen: boolean; onChoose: () => void };

function Row({ entry, chosen, onChoose }: RowProps) {
  const told = tell(entry);
  return (
    <tr data-chosen={chosen || undefined} data-act={told.act}>
      <td className={classes.number}>{told.index}</td>
      <td className={classes.when}>{dateText(told.atUs)}</td>
      <td>{told.sentence}</td>
      <td>{told.reason}</td>
      <td className={classes.who} title={told.who}>
        {short(told.who)}
      </td>
      <td className={classes.kind}>{told.operation}</td>
      <td>
        <Button
          size="compact-xs"
          variant="default"
          onClick={onChoose}
          aria-label={`Check entry ${told.index}`}
        >
          Check
        </Button>
      </td>
    </tr>
  );
}

type FoldProps = { entries: LoggedEntry[]; onUnfold: (run: number) => void };

function Fold({ entries, onUnfold }: FoldProps) {
  const newest = entries[0];
  const oldest = entries.at(-1);
  if (newest === undefined || oldest === undefined) return null;
  return (
    <tr className={classes.fold}>
      <td className={classes.number}>
        {oldest.index} to {newest.index}
      </td>
      <td className={classes.when}>{dateText(tell(newest).atUs)}</td>
      <td colSpan={4}>Recordings so far, fixed {entries.length} times</td>
      <td>
        <Button size="compact-xs" variant="subtle" onClick={() => onUnfold(runOf(newest.index))}>
          Show
        </Button>
      </td>
    </tr>
  );
}

/** Commitments are long; the first digits tell two of them apart, the title has it all. */
function short(who: string): string {
  return who.startsWith("sha256:") ? `${who.slice(7, 15)}…` : who;
}

function Chosen({ entry }: { entry: LoggedEntry }) {
  const checking = useMutation<Verdict>({ mutationFn: () => check(entry) });
  const verdict = checking.data;
  return (
    <section className={classes.card} aria-label={`Entry ${entry.index}`}>
      <Group justify="space-between">
        <Title order={2} size="h5">
          Entry {entry.index}
        </Title>
        <Button size="compact-sm" loading={checking.isPending} onClick={() => checking.mutate()}>
          {verdict === undefined ? "Check inclusion" : "Check again"}
        </Button>
      </Group>
      <div aria-live="polite">
        {verdict !== undefined && (
          <Alert
            mt="sm"
            color={verdict.holds ? "teal" : "red"}
            title={verdict.holds ? "Included" : "Not confirmed"}
            variant="outline"
            data-testid="verdict"
          >
            {verdict.sentence}
            {verdict.holds && (
              <Text size="xs" mt={6}>
                Worked out in this browser from {verdict.steps}{" "}
                {verdict.steps === 1 ? "hash" : "hashes"}. Leaf{" "}
                <span className={classes.hash}>{verdict.leaf}</span>, root{" "}
                <span className={classes.hash}>{verdict.root}</span>. The checkpoint's signature is
                checked by <Code>scrim verify</Code>.
              </Text>
            )}
          </Alert>
        )}
        {checking.isError && (
          <Alert mt="sm" color="red" title="The check could not be made">
            {checking.error.message}
          </Alert>
        )}
      </div>
      <Code block mt="sm" className={classes.body}>
        {JSON.stringify(entry.body, null, 2)}
      </Code>
    </section>
  );
}

function CheckpointCard() {
  const nowUs = useNowUs();
  const system = useSystem();
  const checkpoint = useCheckpoint();
  const signedUs = system.data?.ledger.checkpoint_us;
  const read = checkpoint.data === undefined ? null : readCheckpoint(checkpoint.data);
  return (
    <section className={classes.card} aria-label="Newest checkpoint">
      <Title order={2} size="h5">
        Newest checkpoint
      </Title>
      <Text size="sm" c="dimmed" mt={4}>
        {read === null
          ? "There is no checkpoint yet."
          : `Fixes the first ${read.size.toLocaleString("en")} entries${
              signedUs == null ? "" : `; signed ${agoText(signedUs, nowUs)}`
            }. Keep a copy: whatever happens to this machine, it shows what the ledger said.`}
      </Text>
      {checkpoint.data !== undefined && (
        <Code block mt="sm" className={classes.body} data-testid="checkpoint">
          {checkpoint.data}
        </Code>
      )}
    </section>
  );
}
