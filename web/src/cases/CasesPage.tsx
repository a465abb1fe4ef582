// The cases of an officer, or those a custodian is asked about; and one of them.

import { Alert, Button, Center, Group, Loader, ScrollArea, Text, Title } from "@mantine/core";
import { dateText, spanText } from "../time";
import { type Summary, useCases } from "./api";
import classes from "./Cases.module.css";
import { CaseView } from "./CaseView";
import { Filing } from "./Filing";
import { StateBadge } from "./StateBadge";
import { counted } from "./words";

export type Role = "officer" | "custodian";

type Props = { role: Role; person: string; chosen: string | null };

export default function CasesPage({ role, person, chosen }: Props) {
  if (chosen === "new" && role === "officer") return <Filing />;
  if (chosen !== null) return <CaseView key={chosen} role={role} person={person} id={chosen} />;
  return <List role={role} />;
}

function List({ role }: { role: Role }) {
  const cases = useCases();
  if (cases.isPending) {
    return (
      <Center mih="60vh" component="main">
        <Loader aria-label="Loading cases" />
      </Center>
    );
  }
  return (
    <main className={classes.page}>
      <section className={classes.card}>
        <Group justify="space-between" mb="xs">
          <Title order={1} size="h4">
            {role === "officer" ? "My cases" : "Cases that ask for my agreement"}
          </Title>
          {role === "officer" && (
            <Button component="a" href="#/cases/new" size="compact-sm">
              File a case
            </Button>
          )}
        </Group>
        {cases.isError && (
          <Alert color="red" title="The cases cannot be listed">
            {cases.error.message}
          </Alert>
        )}
        {cases.data?.length === 0 && <Text c="dimmed">There is none.</Text>}
        {cases.data !== undefined && cases.data.length > 0 && <Table cases={cases.data} />}
      </section>
    </main>
  );
}

function Table({ cases }: { cases: Summary[] }) {
  return (
    <ScrollArea type="auto">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Case</th>
            <th scope="col">State</th>
            <th scope="col">Cameras</th>
            <th scope="col">From</th>
            <th scope="col">Length</th>
            <th scope="col">Purpose</th>
            <th scope="col">Officer</th>
            <th scope="col">Until when</th>
          </tr>
        </thead>
        <tbody>
          {cases.map((one) => (
            <tr key={one.case} data-case={one.case}>
              <td>
                <a href={`#/cases/${one.case}`}>{one.case}</a>
              </td>
              <td>
                <StateBadge state={one.state} />
              </td>
              <td title={one.cameras.join(", ")}>
                {one.cameras.length === 1 ? one.cameras[0] : counted(one.cameras.length, "camera")}
              </td>
              <td>{dateText(one.since_us)}</td>
              <td>{spanText(one.until_us - one.since_us)}</td>
              <td>{one.purpose}</td>
              <td>{one.officer}</td>
              <td>{dateText(one.expires_us)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}
