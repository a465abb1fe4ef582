import { Alert, Button, Stack, Text, Textarea, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { forget } from "../keys/holder";
import { useTask } from "../task";
import { LONGEST_TEXT, lengths } from "../vault/request";
import { closeCase } from "./api";
import classes from "./Cases.module.css";

/** Ending a case: the sealed parts are erased and its hold is lifted. */
export function Closing({ id }: { id: string }) {
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const task = useTask();
  const close = () =>
    task.run(async () => {
      await closeCase(id, reason);
      forget("case");
      await queries.invalidateQueries({ queryKey: ["case", id] });
    });
  return (
    <section className={classes.card} aria-label="End this case">
      <Stack gap="sm">
        <Title order={2} size="h5">
          End this case
        </Title>
        <Textarea
          label="Why it ends"
          autosize
          maxLength={LONGEST_TEXT}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Text size="sm" c="dimmed">
          What custodians handed over is erased here and nothing is opened under this case again.
          Its key file and what you opened are on your device, and yours to remove.
        </Text>
        <Button
          variant="default"
          loading={task.busy}
          disabled={lengths(reason).stripped < 1}
          onClick={close}
        >
          End {id}
        </Button>
        <div aria-live="polite">
          {task.failure !== "" && (
            <Alert color="red" title="The case was not ended">
              {task.failure}
            </Alert>
          )}
        </div>
      </Stack>
    </section>
  );
}
