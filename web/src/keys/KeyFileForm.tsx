// Choosing a key file and opening it here. The file is read by this page and sent nowhere.

import { Alert, Button, FileInput, PasswordInput, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { painted, useTask } from "../task";
import { type Key, needsPassphrase, readKey } from "../vault/keyfile";

type Props = {
  label: string;
  description: string;
  action: string;
  /** What is done with the key; what it throws is shown. */
  onKey: (key: Key) => Promise<void>;
};

export function KeyFileForm({ label, description, action, onKey }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [contents, setContents] = useState<Uint8Array | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const task = useTask();
  if (!window.isSecureContext) return <NotSecure />;
  const sealed = contents !== null && needsPassphrase(contents);
  const choose = (chosen: File | null) => {
    setFile(chosen);
    setContents(null);
    setPassphrase("");
    if (chosen === null) return;
    task.run(async () => setContents(new Uint8Array(await chosen.arrayBuffer())));
  };
  const use = () =>
    task.run(async () => {
      if (contents === null) return;
      await painted(); // opening a passphrase keeps the page busy for some seconds
      const key = await readKey(contents, sealed ? passphrase : null);
      choose(null);
      await onKey(key);
    });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        use();
      }}
    >
      <Stack gap="sm">
        <FileInput
          label={label}
          description={description}
          placeholder="Choose a file"
          value={file}
          onChange={choose}
          clearable
        />
        {sealed && (
          <PasswordInput
            label="Passphrase of this file"
            autoComplete="off"
            value={passphrase}
            onChange={(event) => setPassphrase(event.currentTarget.value)}
          />
        )}
        <Button
          type="submit"
          loading={task.busy}
          disabled={contents === null || (sealed && passphrase === "")}
        >
          {action}
        </Button>
        <div aria-live="polite">
          {task.busy && sealed && (
            <Text size="sm" c="dimmed">
              Opening the key file takes some seconds.
            </Text>
          )}
          {task.failure !== "" && (
            <Alert color="orange" title="That did not work">
              {task.failure}
            </Alert>
          )}
        </div>
      </Stack>
    </form>
  );
}

export function NotSecure() {
  return (
    <Alert color="orange" title="Key files are not opened on this page">
      It did not come over https, so anybody on the way may have changed it. Open it by its https
      address, or use the command line.
    </Alert>
  );
}
