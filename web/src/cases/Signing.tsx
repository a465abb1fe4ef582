// A drafted request: its one-time key is kept, and shown to be kept, before it is signed and sent.

import { Alert, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { hold } from "../keys/holder";
import { KeyFileForm } from "../keys/KeyFileForm";
import type { Bytes } from "../vault/bytes";
import { signRequest } from "../vault/draft";
import { KeyFileInvalid } from "../vault/errors";
import type { JsonObject } from "../vault/fields";
import type { Request } from "../vault/request";
import { sendRequest } from "./api";
import classes from "./Cases.module.css";
import { RequestFacts } from "./RequestFacts";

/** A request that says what was asked, the body to sign, and the file of its one-time key. */
export type Drafted = { request: Request; body: JsonObject; file: Bytes };

export function Signing({ drafted }: { drafted: Drafted }) {
  const { request, body, file } = drafted;
  const [kept, setKept] = useState(false);
  return (
    <>
      <RequestFacts request={request} body={body} checked="drafted" />
      <section className={classes.card} aria-label="Keep the key">
        <Title order={2} size="h5" mb="xs">
          First: keep the key of this case
        </Title>
        {kept ? (
          <Text size="sm" data-testid="kept">
            The file opens, and is the key of {request.case}. Without it nothing of this case can be
            opened, by anybody.
          </Text>
        ) : (
          <Keep request={request} file={file} onKept={() => setKept(true)} />
        )}
      </section>
      {kept && <Sign request={request} body={body} />}
    </>
  );
}

type KeepProps = { request: Request; file: Bytes; onKept: () => void };

function Keep({ request, file, onKept }: KeepProps) {
  return (
    <Stack gap="sm">
      <Group>
        <Button onClick={() => save(file, `${request.case}.txt`)}>Save {request.case}.txt</Button>
        <Text size="sm" c="dimmed">
          Keep it where only you can read it. It is not stored here and never sent.
        </Text>
      </Group>
      <KeyFileForm
        label={`The file that was saved: ${request.case}.txt`}
        description="Choose it again, so that nothing is asked for that could never be opened."
        action="This is it"
        onKey={async (key) => {
          if (key.recipient !== request.recipient) {
            throw new KeyFileInvalid(
              `This is not the key of ${request.case}.`,
              "Save the file above, and choose that one.",
            );
          }
          hold("case", key);
          onKept();
        }}
      />
    </Stack>
  );
}

function Sign({ request, body }: { request: Request; body: JsonObject }) {
  const queries = useQueryClient();
  return (
    <section className={classes.card} aria-label="Sign and file">
      <Title order={2} size="h5" mb="xs">
        Then: sign the request
      </Title>
      <Alert color="gray" mb="sm">
        What is signed stands above, letter by letter. The custodians see exactly that.
      </Alert>
      <KeyFileForm
        label={`Key file of ${request.officer.id}`}
        description="It is read in this tab and sent nowhere; only the signature goes to the server."
        action="Sign and file"
        onKey={async (key) => {
          await sendRequest(request.case, signRequest(request, body, key));
          await queries.invalidateQueries({ queryKey: ["cases"] });
          window.location.hash = `#/cases/${request.case}`;
        }}
      />
    </section>
  );
}

function save(file: Bytes, name: string): void {
  const address = URL.createObjectURL(new Blob([file], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
