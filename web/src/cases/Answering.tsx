// A custodian's answer. Approving opens their parts in this browser and seals them to the officer.

import { Alert, Button, Group, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { HeldKey } from "../keys/HeldKey";
import { hold, useKey } from "../keys/holder";
import { KeyFileForm } from "../keys/KeyFileForm";
import { useTask } from "../task";
import { answer, custodianOf, type Decision } from "../vault/approving";
import type { Key } from "../vault/keyfile";
import type { CasePackage } from "../vault/package";
import { lengths, SHORTEST_REASON } from "../vault/request";
import { cardFingerprint } from "../vault/signing";
import { type Case, sendAnswer } from "./api";
import classes from "./Cases.module.css";

type Props = { person: string; file: Case; asked: CasePackage };

export function Answering({ person, file, asked }: Props) {
  const key = useKey("person");
  return (
    <section className={classes.card} aria-label="Your answer">
      <Title order={2} size="h5" mb="xs">
        Your answer
      </Title>
      {key === null ? (
        <KeyFileForm
          label="Your key file"
          description="It is read in this tab and sent nowhere."
          action="Use this key"
          onKey={async (chosen) => hold("person", chosen)}
        />
      ) : (
        <WithKey person={person} file={file} asked={asked} mine={key} />
      )}
    </section>
  );
}

function WithKey({ person, file, asked, mine }: Props & { mine: Key }) {
  const given = file.answers.find(({ custodian }) => custodian === person);
  const recorded = asked.request.kind === "recorded";
  const asks = !recorded || custodianOf(asked, mine) === person;
  return (
    <Stack gap="sm">
      <HeldKey slot="person" what="Your key" />
      <Text size="sm">
        Your card reads{" "}
        <span className={classes.mono}>
          {cardFingerprint(mine.recipient, mine.signer.verifier)}
        </span>
      </Text>
      <div aria-live="polite">
        {given !== undefined && (
          <Alert color="teal" title={`You have ${given.decision} this request`} data-testid="given">
            The ledger has your answer. It cannot be given twice.
          </Alert>
        )}
        {given === undefined && !asks && (
          <Alert color="orange" title="This key is not asked">
            It holds no part of any key period of this request as {person}. Forget it and choose
            another.
          </Alert>
        )}
      </div>
      {given === undefined && asks && (
        <Decide person={person} file={file} asked={asked} mine={mine} />
      )}
    </Stack>
  );
}

function Decide({ person, file, asked, mine }: Props & { mine: Key }) {
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const task = useTask();
  const decide = (decision: Decision["decision"]) =>
    task.run(async () => {
      const given = await answer(asked, mine, person, { decision, reason }, Date.now() * 1000);
      await sendAnswer(file.case, given);
      await queries.invalidateQueries({ queryKey: ["case", file.case] });
    });
  return (
    <>
      <Textarea
        label="Reason"
        description="Needed for a refusal; the officer and the other custodians read it."
        autosize
        minRows={2}
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <TextInput
        label={`To approve, type ${file.case}`}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Group>
        <Button
          loading={task.busy}
          disabled={typed.trim() !== file.case}
          onClick={() => decide("approved")}
        >
          Approve
        </Button>
        <Button
          variant="default"
          loading={task.busy}
          disabled={lengths(reason).stripped < SHORTEST_REASON}
          onClick={() => decide("refused")}
        >
          Refuse
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        Approving opens your part of each key period here and seals it again to the officer's
        one-time key. Your key stays in this tab.
      </Text>
      <div aria-live="polite">
        {task.failure !== "" && (
          <Alert color="red" title="Nothing was answered">
            {task.failure}
          </Alert>
        )}
      </div>
    </>
  );
}
