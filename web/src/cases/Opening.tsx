// Opening on the officer's machine: the case's one-time key, a camera, and then the pictures.

import { Alert, Button, Group, NativeSelect, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useContext, useState } from "react";
import { ServerOffset } from "../clock";
import { HeldKey } from "../keys/HeldKey";
import { hold, useKey } from "../keys/holder";
import { KeyFileForm } from "../keys/KeyFileForm";
import { useTask } from "../task";
import type { Key } from "../vault/keyfile";
import type { CasePackage } from "../vault/package";
import { checkCaseKey } from "../vault/recombining";
import { openViewing } from "./api";
import classes from "./Cases.module.css";
import { liveOriginalsOf } from "./live";
import { OriginalPicture } from "./OriginalPicture";
import { type Originals, originalsOf } from "./originals";
import { watermark } from "./words";

export function Opening({ asked }: { asked: CasePackage }) {
  const key = useKey("case");
  const mine = key !== null && key.recipient === asked.request.recipient ? key : null;
  return (
    <section className={classes.card} aria-label="Open the originals">
      <Title order={2} size="h5" mb="xs">
        Open the originals
      </Title>
      {mine === null ? (
        <KeyFileForm
          label={`One-time key file of ${asked.request.case}`}
          description="The one that was made when the case was requested. It is read in this tab and sent nowhere."
          action="Use this key"
          onKey={async (chosen) => {
            checkCaseKey(asked, chosen, Date.now() * 1000);
            hold("case", chosen);
          }}
        />
      ) : (
        <WithKey asked={asked} mine={mine} />
      )}
    </section>
  );
}

type Opened = { camera: string; originals: Originals; mark: string };

function WithKey({ asked, mine }: { asked: CasePackage; mine: Key }) {
  const { request } = asked;
  const queries = useQueryClient();
  const offset = useContext(ServerOffset);
  const [camera, setCamera] = useState(request.cameras[0] ?? "");
  const [opened, setOpened] = useState<Opened | null>(null);
  const task = useTask();
  const look = () =>
    task.run(async () => {
      setOpened(null);
      const nowUs = Date.now() * 1000;
      checkCaseKey(asked, mine, nowUs);
      // the entry stands in the ledger before the first byte is asked for
      const viewing = await openViewing(request.case, camera, request.sinceUs, request.untilUs);
      void queries.invalidateQueries({ queryKey: ["case", request.case] });
      const originals =
        request.kind === "live"
          ? liveOriginalsOf(asked, camera, viewing, mine, () => Date.now() * 1000 + offset)
          : await originalsOf(asked, camera, viewing, mine);
      setOpened({ camera, originals, mark: watermark(request, nowUs) });
    });
  return (
    <Stack gap="sm">
      <HeldKey slot="case" what={`The one-time key of ${request.case}`} />
      <Group align="end">
        <NativeSelect
          label="Camera"
          value={camera}
          onChange={(event) => setCamera(event.currentTarget.value)}
          data={[...request.cameras]}
        />
        <Button onClick={look} loading={task.busy}>
          Look at the originals
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        Each look is an entry in the ledger before the first picture. What is seen here is a viewing
        copy with your name on it; <code>scrim case open</code> writes the originals as they were
        recorded.
      </Text>
      <div aria-live="polite">
        {task.failure !== "" && (
          <Alert color="red" title="Nothing was opened">
            {task.failure}
          </Alert>
        )}
      </div>
      {opened !== null && (
        <OriginalPicture
          key={opened.mark + opened.camera}
          camera={opened.camera}
          originals={opened.originals}
          mark={opened.mark}
          sinceUs={request.sinceUs}
          untilUs={request.untilUs}
        />
      )}
    </Stack>
  );
}
