import { Button, Group, NativeSelect, Text, Tooltip } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { Session, System } from "../api/client";
import { signOut } from "../api/session";
import { useNowUs } from "../clock";
import { HeldKey } from "../keys/HeldKey";
import { forgetAll } from "../keys/holder";
import { Mark } from "../Mark";
import { agoText, clockText, utcText } from "../time";
import classes from "./Header.module.css";
import { REASONS, type RoomReason } from "./reasons";

export type Page = "room" | "cases" | "ledger" | "access";

const PAGES: Record<Page, { name: string; address: string }> = {
  room: { name: "Cameras", address: "#/" },
  cases: { name: "Cases", address: "#/cases" },
  ledger: { name: "Ledger", address: "#/ledger" },
  access: { name: "Access", address: "#/access" },
};

/** What somebody of these roles has to do with; the first is where they arrive. */
export function pagesOf(roles: Session["roles"]): Page[] {
  const cases = roles.some((role) => role === "officer" || role === "custodian");
  const first: Page[] = cases ? ["cases"] : roles.includes("operator") ? ["room"] : [];
  return [...first, "ledger", "access"];
}

type Props = {
  session: Session;
  system: System | undefined;
  unreachable: boolean;
  page: Page;
  reason: RoomReason;
  onReason: (reason: RoomReason) => void;
};

export function Header({ session, system, unreachable, page, reason, onReason }: Props) {
  const queries = useQueryClient();
  const leave = async () => {
    forgetAll();
    await signOut().catch(() => undefined);
    await queries.invalidateQueries({ queryKey: ["session"] });
  };
  return (
    <header className={classes.header}>
      {system?.demo_custodians && (
        <div className={classes.demo} role="alert">
          <strong>DEMO CUSTODIANS</strong>
          <span>anybody with this folder can open the originals</span>
        </div>
      )}
      {unreachable && (
        <div className={classes.away} role="alert">
          The server does not answer. What stands below may be old; this page tries again by itself.
        </div>
      )}
      <div className={classes.bar}>
        <Group gap="xs" wrap="nowrap">
          <Mark size={28} />
          <Text fw={650} size="lg" className={classes.name}>
            Scrim
          </Text>
        </Group>
        <nav className={classes.nav} aria-label="Pages">
          {pagesOf(session.roles).map((one) => (
            <a key={one} href={PAGES[one].address} aria-current={page === one ? "page" : undefined}>
              {PAGES[one].name}
            </a>
          ))}
        </nav>
        <LedgerFacts system={system} />
        <Group gap="sm" wrap="nowrap" className={classes.end}>
          {page === "room" && (
            <NativeSelect
              size="xs"
              aria-label="Reason for watching, written into the ledger"
              title="Every viewing is written into the ledger with this reason"
              value={reason}
              onChange={(event) => onReason(event.currentTarget.value as RoomReason)}
              data={Object.entries(REASONS).map(([value, label]) => ({ value, label }))}
              leftSection={<span className={classes.why}>Why</span>}
              leftSectionWidth={42}
            />
          )}
          <HeldKey slot="person" what="Your key" />
          {session.person != null && (
            <Text size="sm" component="span">
              {session.role} {session.person}
            </Text>
          )}
          <Clock />
          <Button size="compact-sm" variant="default" onClick={() => void leave()}>
            Sign out
          </Button>
        </Group>
      </div>
    </header>
  );
}

function LedgerFacts({ system }: { system: System | undefined }) {
  const nowUs = useNowUs();
  if (system === undefined) return <div className={classes.facts} />;
  const { size, root, checkpoint_us } = system.ledger;
  const { custodians } = system;
  return (
    <dl className={classes.facts}>
      <div>
        <dt>Ledger</dt>
        <dd data-testid="ledger-size">{size.toLocaleString("en")}</dd>
      </div>
      <Tooltip label={`Root of the ledger's tree: ${root}`} events={TOUCHABLE}>
        <div>
          <dt>Root</dt>
          <dd className={classes.mono}>{root.slice(0, 10)}</dd>
        </div>
      </Tooltip>
      <div>
        <dt>Checkpoint</dt>
        <dd>{checkpoint_us == null ? "none yet" : agoText(checkpoint_us, nowUs)}</dd>
      </div>
      {custodians !== null && (
        <Tooltip
          label={`Any ${custodians.k} of ${custodians.n} custodians together can open the originals`}
          events={TOUCHABLE}
        >
          <div>
            <dt>Custodians</dt>
            <dd>
              {custodians.k} of {custodians.n}
            </dd>
          </div>
        </Tooltip>
      )}
    </dl>
  );
}

const TOUCHABLE = { hover: true, focus: true, touch: true };

function Clock() {
  const nowUs = useNowUs(500);
  return (
    <time className={classes.clock} title={utcText(nowUs)}>
      {clockText(nowUs)}
    </time>
  );
}
