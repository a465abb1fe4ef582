// One case. Everything said about the request is read from what was signed, checked in this browser;
// the server's own words are the state and who has answered.

import { Alert, Button, Center, Group, Loader, Text, Title } from "@mantine/core";
import type { CasePackage } from "../vault/package";
import { Answering } from "./Answering";
import { Answers } from "./Answers";
import { type Case, useCase, usePackage } from "./api";
import classes from "./Cases.module.css";
import type { Role } from "./CasesPage";
import { Opening } from "./Opening";
import { RequestFacts } from "./RequestFacts";
import { Review } from "./Review";
import { StateBadge } from "./StateBadge";
import { isAnswerable, isOpenable } from "./words";

export function CaseView({ role, id }: { role: Role; id: string }) {
  const found = useCase(id);
  if (found.isPending) {
    return (
      <Center mih="60vh" component="main">
        <Loader aria-label="Loading the case" />
      </Center>
    );
  }
  return (
    <main className={classes.page}>
      <Group justify="space-between">
        <Group gap="sm">
          <Title order={1} size="h4">
            {id}
          </Title>
          {found.data !== undefined && <StateBadge state={found.data.state} />}
        </Group>
        <Button component="a" href="#/cases" size="compact-sm" variant="default">
          All cases
        </Button>
      </Group>
      {found.isError && (
        <Alert color="red" title="The case cannot be shown">
          {found.error.message}
        </Alert>
      )}
      {found.data !== undefined && <Known role={role} file={found.data} />}
    </main>
  );
}

function Known({ role, file }: { role: Role; file: Case }) {
  return (
    <>
      {file.reason != null && file.reason !== "" && (
        <Alert
          color="gray"
          title={file.state === "refused" ? "Refused, because" : "Ended, because"}
        >
          {file.reason}
          {file.rule != null && <Text size="sm">Rule: {file.rule}</Text>}
        </Alert>
      )}
      {file.request === null ? (
        <section className={classes.card}>
          <Text>
            The request is not signed yet. Sign it where your key is:{" "}
            <code>scrim case request</code> does it in one go.
          </Text>
        </section>
      ) : (
        <Requested role={role} file={file} />
      )}
      <Answers file={file} />
    </>
  );
}

function Requested({ role, file }: { role: Role; file: Case }) {
  const paper = usePackage(file.case, `${file.state} ${file.answers.length}`);
  if (paper.isPending) return <Loader aria-label="Checking the papers" />;
  if (paper.isError) {
    return (
      <Alert color="red" title="The papers of this case are not sound" data-testid="unsound">
        {paper.error.message}
      </Alert>
    );
  }
  return <Sound role={role} file={file} asked={paper.data} />;
}

type SoundProps = { role: Role; file: Case; asked: CasePackage };

function Sound({ role, file, asked }: SoundProps) {
  return (
    <>
      <RequestFacts asked={asked} />
      {role === "custodian" && isAnswerable(file.state) && (
        <>
          {asked.request.kind === "recorded" && <Review request={asked.request} />}
          <Answering file={file} asked={asked} />
        </>
      )}
      {role === "officer" && isOpenable(file.state) && asked.request.kind === "recorded" && (
        <Opening asked={asked} />
      )}
    </>
  );
}
