// The rules in force, what came of each, its citation, and the facts behind.

import { Alert, Text, Title } from "@mantine/core";
import type { NormOutcome, NormRule, Norms } from "../api/client";
import { useNorms } from "../api/queries";
import { useNowUs } from "../clock";
import { agoText } from "../time";
import classes from "./NormsPage.module.css";
import { countsText, factsOf, ruleText, statusText, subjectText, worst } from "./words";

export function NormsPage({ chosen }: { chosen: string | null }) {
  const norms = useNorms(chosen);
  return (
    <main className={classes.page}>
      {norms.isError && (
        <Alert color="red" title="The norms cannot be read">
          {norms.error.message}
        </Alert>
      )}
      {norms.data !== undefined && <Shown norms={norms.data} chosen={chosen} />}
    </main>
  );
}

function Shown({ norms, chosen }: { norms: Norms; chosen: string | null }) {
  const nowUs = useNowUs();
  const unverified = new Set(norms.rules.filter((one) => one.unverified).map((one) => one.rule));
  return (
    <>
      <Text size="sm" data-testid="not-advice">
        {norms.not_advice}{" "}
        {norms.checked_us === null
          ? "Nothing has been checked yet."
          : `Last checked ${agoText(norms.checked_us, nowUs)}.`}
      </Text>
      {norms.trouble !== null && (
        <Alert color="orange" title="The packs in force stay as they were">
          {norms.trouble}
        </Alert>
      )}
      <section className={classes.card}>
        <Title order={1} size="h4" mb="xs">
          Norms
        </Title>
        {norms.rules.length === 0 ? (
          <Text size="sm">No pack is in force.</Text>
        ) : (
          <Rules rules={norms.rules} chosen={chosen} />
        )}
      </section>
      <section className={classes.card}>
        <Title order={2} size="h5" mb="xs">
          {chosen === null ? "Due or breached" : `Outcomes of ${chosen}`}
        </Title>
        <Outcomes outcomes={norms.outcomes} unverified={unverified} />
      </section>
    </>
  );
}

function Rules({ rules, chosen }: { rules: NormRule[]; chosen: string | null }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Outcome</th>
          <th scope="col">Rule</th>
          <th scope="col">What it says</th>
          <th scope="col">Citation</th>
          <th scope="col">To do</th>
        </tr>
      </thead>
      <tbody>
        {rules.map((one) => (
          <tr
            key={one.rule}
            data-rule={one.rule}
            data-status={worst(one)}
            data-chosen={one.rule === chosen || undefined}
          >
            <td>{countsText(one)}</td>
            <td className={classes.rule}>
              <a href={one.rule === chosen ? "#/norms" : `#/norms/${one.rule}`}>
                {ruleText(one.rule, one.unverified)}
              </a>
            </td>
            <td>{one.sentence ?? "Its pack has no such rule any more."}</td>
            <td>{one.citation}</td>
            <td>{one.breached + one.due > 0 && one.remedy}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type OutcomesProps = { outcomes: NormOutcome[]; unverified: ReadonlySet<string> };

function Outcomes({ outcomes, unverified }: OutcomesProps) {
  if (outcomes.length === 0) return <Text size="sm">Nothing.</Text>;
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Outcome</th>
          <th scope="col">Rule</th>
          <th scope="col">Of</th>
          <th scope="col">Facts when it became so</th>
        </tr>
      </thead>
      <tbody>
        {outcomes.map((one) => (
          <tr key={`${one.rule} ${one.subject}`} data-status={one.status}>
            <td>{statusText(one.status, one.due_us)}</td>
            <td className={classes.rule}>{ruleText(one.rule, unverified.has(one.rule))}</td>
            <td>{subjectText(one)}</td>
            <td>
              {one.why !== "" && <Text size="sm">It cannot be decided: {one.why}.</Text>}
              <dl className={classes.facts}>
                {factsOf(one).map(([name, value]) => (
                  <Fact key={name} name={name} value={value} />
                ))}
              </dl>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
