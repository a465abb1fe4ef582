// Who is asked, who has answered, and what is still needed.

import { Text, Title } from "@mantine/core";
import { dateText } from "../time";
import type { Case } from "./api";
import classes from "./Cases.module.css";
import { counted } from "./words";

export function Answers({ file }: { file: Case }) {
  return (
    <section className={classes.card} aria-label="Answers">
      <Title order={2} size="h5">
        Answers
      </Title>
      {file.asked.map(({ k, custodians, periods }) => (
        <Text size="sm" key={custodians.join(" ")}>
          {k} of {custodians.join(", ")} must agree
          {periods > 0 && ` for ${counted(periods, "key period")}`}.
        </Text>
      ))}
      {file.answers.length === 0 ? (
        <Text size="sm" c="dimmed" mt="xs">
          Nobody has answered yet.
        </Text>
      ) : (
        <table className={classes.table} data-testid="answers">
          <thead>
            <tr>
              <th scope="col">Custodian</th>
              <th scope="col">Answer</th>
              <th scope="col">When</th>
              <th scope="col">Reason</th>
            </tr>
          </thead>
          <tbody>
            {file.answers.map((answer) => (
              <tr key={answer.custodian} data-decision={answer.decision}>
                <td>{answer.custodian}</td>
                <td>{answer.decision}</td>
                <td>{dateText(answer.decided_us)}</td>
                <td className={classes.wide}>{answer.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
