// A request exactly as signed, in plain words, and what was checked about it in this browser.

import { Code, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { Checkpoint } from "../ledger/checkpoint";
import { fromHex } from "../ledger/merkle";
import { dateText, spanText, utcText } from "../time";
import { digits, fingerprint } from "../vault/agekeys";
import type { JsonObject } from "../vault/fields";
import type { Request } from "../vault/request";
import classes from "./Cases.module.css";
import { AUTHORITIES, askedFor, counted } from "./words";

type Props = {
  request: Request;
  body: JsonObject;
  /** What was checked: the draft against what was asked, the signature, or the ledger's tree too. */
  checked: "drafted" | "signed" | Checkpoint;
};

export function RequestFacts({ request, body, checked }: Props) {
  const { authority, officer, periods } = request;
  return (
    <section className={classes.card} aria-label="What is asked">
      <Title order={2} size="h5">
        What is asked
      </Title>
      <p className={classes.lead}>{askedFor(request)}</p>
      <blockquote className={classes.reason}>{request.reason}</blockquote>
      {request.answers.length > 0 && (
        <dl className={classes.facts} aria-label="What was answered">
          {request.answers.map(({ question, answer }) => (
            <Fact key={question} name={`Answer to: ${question}`}>
              {answer}
            </Fact>
          ))}
        </dl>
      )}
      <dl className={classes.facts}>
        <Fact name="Cameras">{request.cameras.join(", ")}</Fact>
        <Fact name="From">
          <Moment us={request.sinceUs} />
        </Fact>
        <Fact name="Until">
          <Moment us={request.untilUs} />
        </Fact>
        <Fact name="Length">{spanText(request.untilUs - request.sinceUs)}</Fact>
        <Fact name="Purpose">{request.purpose}</Fact>
        <Fact name="Authority">
          {AUTHORITIES[authority.kind]}: {authority.reference}
        </Fact>
        <Fact name="Its paper, SHA-256">
          {authority.documentSha256 === "" ? (
            "there is none yet"
          ) : (
            <span className={classes.mono}>{authority.documentSha256}</span>
          )}
        </Fact>
        <Fact name="Who asks">
          {officer.id}, {officer.office}
        </Fact>
        <Fact name="Asked">
          <Moment us={request.createdUs} />
        </Fact>
        <Fact name="Nothing is opened after">
          <Moment us={request.expiresUs} />
        </Fact>
        <Fact name="Deployment">{request.deployment}</Fact>
        <Fact name="Key periods">{counted(periods.length, "period")}</Fact>
      </dl>
      <Title order={3} size="h6" mt="md">
        To compare, by telephone or on paper
      </Title>
      <dl className={classes.facts}>
        <Fact name="This request">
          <span className={classes.mono}>{digits(fromHex(request.sha256))}</span>
        </Fact>
        <Fact name="The officer's one-time key">
          <span className={classes.mono}>{fingerprint(request.recipient)}</span>
        </Fact>
        <Fact name="The officer's signing key">
          <span className={classes.mono}>{officer.verifier}</span>
        </Fact>
        <Fact name="Request's SHA-256">
          <span className={classes.mono}>{request.sha256}</span>
        </Fact>
      </dl>
      <Text size="sm" c="dimmed" mt="sm">
        {checkedWords(checked)}
      </Text>
      <details className={classes.signed}>
        <summary>
          Letter by letter as it {checked === "drafted" ? "is to be" : "was"} signed
        </summary>
        <Code block className={classes.body}>
          {JSON.stringify(body, null, 2)}
        </Code>
      </details>
    </section>
  );
}

function checkedWords(checked: Props["checked"]): string {
  if (checked === "drafted") {
    return "Nothing is signed yet. Checked in this browser: that it says what was asked for, and adds only what the server alone knows.";
  }
  if (checked === "signed") return "Checked in this browser: the officer's signature.";
  return `Checked in this browser: the officer's signature; that the ledger's tree of ${counted(checked.size, "entry", "entries")} holds this very request; every key period by its document and its entries. Whether that tree is the true one is checked by the command line, which is given the ledger's key by hand.`;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Moment({ us }: { us: number }) {
  return (
    <time title={`${new Date(us / 1000).toISOString().slice(0, 10)} ${utcText(us)}`}>
      {dateText(us)}
    </time>
  );
}
