import { Checkbox, PasswordInput, Text } from "@mantine/core";
import { SHORTEST_PASSPHRASE } from "../vault/newkey";
import type { Asked } from "./asking";
import classes from "./Cases.module.css";

type Props = { asked: Asked; change: (change: Partial<Asked>) => void };

/** How the file of the case's one-time key is sealed. */
export function NewKeyFields({ asked, change }: Props) {
  return (
    <>
      <Text size="sm">
        A key for this case alone is made in this browser. You keep its file: what the custodians
        hand over opens with it and with nothing else.
      </Text>
      {!asked.unsealed && (
        <div className={classes.beside}>
          <PasswordInput
            label="Passphrase of the case's key"
            description={`At least ${SHORTEST_PASSPHRASE} characters; five or six words do well.`}
            autoComplete="new-password"
            value={asked.passphrase}
            onChange={(event) => change({ passphrase: event.currentTarget.value })}
          />
          <PasswordInput
            label="The same once more"
            autoComplete="new-password"
            value={asked.again}
            onChange={(event) => change({ again: event.currentTarget.value })}
          />
        </div>
      )}
      <Checkbox
        label="Without a passphrase: whoever has the file opens what is approved"
        checked={asked.unsealed}
        onChange={(event) => change({ unsealed: event.currentTarget.checked })}
      />
    </>
  );
}
