// Filing a case: what is asked for is drafted here, its one-time key is made here and kept by the
// officer, and what the server makes of it is signed here, after both were checked.

import { Button, Group, Title } from "@mantine/core";
import { useState } from "react";
import { AskForm } from "./AskForm";
import classes from "./Cases.module.css";
import { type Drafted, Signing } from "./Signing";

export function Filing() {
  const [drafted, setDrafted] = useState<Drafted | null>(null);
  return (
    <main className={classes.page}>
      <Group justify="space-between">
        <Title order={1} size="h4">
          {drafted === null ? "A new case" : drafted.request.case}
        </Title>
        <Button component="a" href="#/cases" size="compact-sm" variant="default">
          All cases
        </Button>
      </Group>
      {drafted === null ? <AskForm onDrafted={setDrafted} /> : <Signing drafted={drafted} />}
    </main>
  );
}
