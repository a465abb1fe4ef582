// One case. Everything said about the request is read from what was signed, checked in this browser;
// the server's own words are the state and who has answered.

import { Alert, Button, Center, Group, Loader, Text, Title } from "@mantine/core";
import { ForTheCommandLine, VaultError } from "../vault/errors";
import type { JsonObject } from "../vault/fields";
import type { CasePackage } from "../vault/package";
import { requestOf } from "../vault/request";
import { fromDocument } from "../vault/statement";
import { Answering } from "./Answering";
import { Answers } from "./Answers";
import { type Case, useCase, usePackage } from "./api";
import classes from "./Cases.module.css";
import type { Role } from "./CasesPage";
import { Closing } from "./Closing";
import { Opening } from "./Opening";
import { RequestFacts } from "./RequestFacts";
import { Review } from "./Review";
import { StateBadge } from "./StateBadge";
import { isAnswerable, isOpenable, isOver } from "./words";

type Who = { role: Role; person: string };

export function CaseView({ role, person, id }: Who & { id: string }) {
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
      {found.data !== undefined && <Known role={role} person={person} file={found.data} />}
    </main>
  );
}

type KnownProps = Who & { file: Case };

function Known({ role, person, file }: KnownProps) {
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
      {file.request === null && (
        <section className={classes.card}>
          <Text>
            The request was never signed, so nobody is asked. Only the page that drafted it can sign
            it: if that is gone, file another case, and end this one.
          </Text>
        </section>
      )}
      {file.request !== null &&
        (isAnswerable(file.state) ? (
          <Requested role={role} person={person} file={file} />
        ) : (
          <Ended file={file} signed={file.request as JsonObject} />
        ))}
      <Answers file={file} />
      {role === "officer" && !isOver(file.state) && <Closing id={file.case} />}
    </>
  );
}

/** Of a case that has ended there are no papers any more but the request itself. */
function Ended({ file, signed }: { file: Case; signed: JsonObject }) {
  try {
    const statement = fromDocument(signed);
    return <RequestFacts request={requestOf(statement)} body={statement.body} checked="signed" />;
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    return <Unsound what={`The request of ${file.case} is not sound`} why={error.message} />;
  }
}

function Requested({ role, person, file }: KnownProps) {
  const paper = usePackage(file.case, file.answers.length);
  if (paper.isPending) {
    return (
      <Center p="md">
        <Loader aria-label="Checking the papers" />
      </Center>
    );
  }
  if (paper.isError) {
    if (paper.error instanceof ForTheCommandLine) {
      return <Alert title="This case is for the command line">{paper.error.message}</Alert>;
    }
    return <Unsound what="The papers of this case cannot be used" why={paper.error.message} />;
  }
  return <Sound role={role} person={person} file={file} asked={paper.data} />;
}

function Unsound({ what, why }: { what: string; why: string }) {
  return (
    <Alert color="red" title={what} data-testid="unsound">
      {why}
    </Alert>
  );
}

function Sound({ role, person, file, asked }: KnownProps & { asked: CasePackage }) {
  const { request, body, checkpoint } = asked;
  const recorded = request.kind === "recorded";
  return (
    <>
      <RequestFacts request={request} body={body} checked={checkpoint} />
      {role === "custodian" && recorded && <Review request={request} />}
      {role === "custodian" && <Answering person={person} file={file} asked={asked} />}
      {role === "officer" && isOpenable(file.state) && <Opening asked={asked} />}
    </>
  );
}
