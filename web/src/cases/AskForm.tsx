// What is asked for: cameras, a time, a purpose and what norms ask about it, an authority, a reason.

import {
  Alert,
  Button,
  Checkbox,
  FileInput,
  Group,
  NativeSelect,
  Stack,
  TagsInput,
  Text,
  Textarea,
  TextInput,
  Title,
} from "@mantine/core";
import { useContext, useState } from "react";
import { useCameras } from "../api/queries";
import { ServerOffset } from "../clock";
import { NotSecure } from "../keys/KeyFileForm";
import { painted, useTask } from "../task";
import { checkDrafted } from "../vault/draft";
import { keyFileOf, newKey } from "../vault/newkey";
import { LONGEST_TEXT, type Request } from "../vault/request";
import { draftCase, type Offers, useOffers } from "./api";
import {
  type Asked,
  draftOf,
  LONGEST_LIVE_MINUTES,
  NOTHING_ASKED,
  noPurpose,
  unready,
} from "./asking";
import classes from "./Cases.module.css";
import { NewKeyFields } from "./NewKeyFields";
import type { Drafted } from "./Signing";
import { AUTHORITIES } from "./words";

const KINDS: { value: Request["kind"]; label: string }[] = [
  { value: "recorded", label: "What was recorded" },
  { value: "live", label: "What comes next, in an emergency" },
];
/** Until the server has said what it takes. */
const LONGEST = { hours: 744, days: 366 };

type Offer = Offers["offers"][number];
type Change = (change: Partial<Asked>) => void;
type FieldsProps = { asked: Asked; change: Change };

export function AskForm({ onDrafted }: { onDrafted: (drafted: Drafted) => void }) {
  const offset = useContext(ServerOffset);
  const [asked, setAsked] = useState(NOTHING_ASKED);
  const [paper, setPaper] = useState<File | null>(null);
  const offers = useOffers(asked.cameras);
  const task = useTask();
  if (!window.isSecureContext) return <NotSecure />;
  const change: Change = (what) => setAsked((before) => ({ ...before, ...what }));
  const offer = offers.data?.offers.find(({ purpose }) => purpose === asked.purpose);
  const questions = offer?.questions.map(({ id }) => id) ?? [];
  const longest =
    offers.data === undefined
      ? LONGEST
      : { hours: offers.data.longest_hours, days: offers.data.longest_days };
  const chosen = offer === undefined ? { ...asked, purpose: "" } : asked;
  const serverUs = () => Date.now() * 1000 + offset;
  const missing = unready(chosen, paper !== null, questions, longest, serverUs());
  const draft = () =>
    task.run(async () => {
      await painted(); // sealing with a passphrase keeps the page busy for some seconds
      const bytes = paper === null ? null : new Uint8Array(await paper.arrayBuffer());
      const nowUs = serverUs();
      const key = await newKey();
      const wanted = draftOf(asked, bytes, questions, key.recipient, nowUs, longest);
      const passphrase = asked.unsealed ? null : asked.passphrase;
      const file = await keyFileOf(key, passphrase, nowUs);
      const { id, body } = await draftCase(wanted);
      const request = checkDrafted(wanted, id, body);
      onDrafted({ request, body, file });
    });
  return (
    <section className={classes.card} aria-label="What is asked for">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          draft();
        }}
      >
        <Stack gap="sm">
          <Title order={2} size="h5">
            What is asked for
          </Title>
          <WhereAndWhen asked={asked} change={change} />
          {offers.isError && (
            <Alert color="orange" title="What these cameras may be opened for is not known">
              {offers.error.message}
            </Alert>
          )}
          <Why asked={chosen} change={change} offers={offers.data?.offers ?? null} offer={offer} />
          <Authority asked={asked} change={change} paper={paper} onPaper={setPaper} />
          <Textarea
            label="Reason"
            description="The custodians read it, word for word."
            autosize
            minRows={2}
            maxLength={LONGEST_TEXT}
            value={asked.reason}
            onChange={(event) => change({ reason: event.currentTarget.value })}
          />
          {asked.kind === "recorded" && (
            <TextInput
              label="The case ends after, in days"
              description="Nothing is opened under it afterwards."
              inputMode="numeric"
              value={asked.days}
              onChange={(event) => change({ days: event.currentTarget.value })}
            />
          )}
          <NewKeyFields asked={asked} change={change} />
          <Group>
            <Button type="submit" loading={task.busy} disabled={missing !== ""}>
              Draft the request
            </Button>
            <Text size="sm" c="dimmed" aria-live="polite" data-testid="missing">
              {missing}
            </Text>
          </Group>
          <div aria-live="polite">
            {task.failure !== "" && (
              <Alert color="red" title="Nothing was asked">
                {task.failure}
              </Alert>
            )}
          </div>
        </Stack>
      </form>
    </section>
  );
}

function WhereAndWhen({ asked, change }: FieldsProps) {
  const cameras = useCameras();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <>
      <NativeSelect
        label="Which pictures"
        data={KINDS}
        value={asked.kind}
        onChange={(event) => {
          const kind = event.currentTarget.value as Request["kind"];
          // from now on is for an emergency alone; what was recorded seldom is
          const authority = kind === "live" ? "emergency" : NOTHING_ASKED.authority;
          change({ kind, authority });
        }}
      />
      <TagsInput
        label="Cameras"
        description="Choose, or type the name of one that was taken away."
        data={cameras.data?.map(({ id }) => id) ?? []}
        limit={20}
        maxTags={100}
        value={asked.cameras}
        onChange={(names) => change({ cameras: names.map((name) => name.trim().toLowerCase()) })}
      />
      {asked.kind === "recorded" ? (
        <Group align="end">
          <TextInput
            label="From"
            type="datetime-local"
            step={1}
            value={asked.since}
            onChange={(event) => change({ since: event.currentTarget.value })}
          />
          <TextInput
            label="Until"
            type="datetime-local"
            step={1}
            value={asked.until}
            onChange={(event) => change({ until: event.currentTarget.value })}
          />
          <Checkbox
            label={`In UTC, not by the clock of this device (${zone})`}
            checked={asked.utc}
            onChange={(event) => change({ utc: event.currentTarget.checked })}
          />
        </Group>
      ) : (
        <TextInput
          label={`Minutes from now on, up to ${LONGEST_LIVE_MINUTES}`}
          description="It begins when the request is drafted; what the custodians need to decide is part of it."
          inputMode="numeric"
          value={asked.minutes}
          onChange={(event) => change({ minutes: event.currentTarget.value })}
        />
      )}
    </>
  );
}

type WhyProps = FieldsProps & { offers: readonly Offer[] | null; offer: Offer | undefined };

function Why({ asked, change, offers, offer }: WhyProps) {
  const choices = (offers ?? []).map(({ purpose, title }) => ({
    value: purpose,
    label: title === purpose ? purpose : `${title} (${purpose})`,
  }));
  const none = noPurpose(asked.cameras.length, offers?.length ?? null);
  return (
    <>
      <NativeSelect
        label="Purpose"
        description="Those that originals of all these cameras may be opened for."
        data={[{ value: "", label: none }, ...choices]}
        value={asked.purpose}
        onChange={(event) => change({ purpose: event.currentTarget.value })}
      />
      {offer?.questions.map(({ id, asks, asked_by: by }) => (
        <Textarea
          key={id}
          label={asks}
          description={`${id}, asked by ${by}. The custodians read the answer.`}
          autosize
          maxLength={LONGEST_TEXT}
          value={asked.answers[id] ?? ""}
          onChange={(event) =>
            change({ answers: { ...asked.answers, [id]: event.currentTarget.value } })
          }
        />
      ))}
    </>
  );
}

type AuthorityProps = FieldsProps & {
  paper: File | null;
  onPaper: (file: File | null) => void;
};

function Authority({ asked, change, paper, onPaper }: AuthorityProps) {
  const kinds = Object.entries(AUTHORITIES)
    .filter(([value]) => asked.kind === "recorded" || value === "emergency")
    .map(([value, label]) => ({ value, label }));
  return (
    <div className={classes.beside}>
      <NativeSelect
        label="Authority"
        data={kinds}
        value={asked.authority}
        onChange={(event) => change({ authority: event.currentTarget.value as Asked["authority"] })}
      />
      <TextInput
        label="Its reference"
        maxLength={200}
        value={asked.reference}
        onChange={(event) => change({ reference: event.currentTarget.value })}
      />
      <FileInput
        label="Its paper"
        description="Only its SHA-256 leaves this device."
        placeholder="Choose a file"
        value={paper}
        onChange={onPaper}
        clearable
      />
    </div>
  );
}
