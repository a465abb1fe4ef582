import { Alert, Button, Code, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, client, type Session } from "../api/client";
import { dateText, utcText } from "../time";
import { addPasskey, passkeysPossible, why } from "./passkeys";

const DECIDE = ["operator", "engineer", "privacy-officer", "custodian"];

function momentText(us: number): string {
  return `${dateText(us)}, ${utcText(us)}`;
}

/** Who one is here, one's passkeys, and the changes that wait for a second person. */
export default function AccessPage({ session }: { session: Session }) {
  const decides = session.roles.some((role) => DECIDE.includes(role));
  return (
    <Stack component="main" p="md" gap="xl" maw={760} mx="auto">
      <Title order={1} size="h3">
        {session.person ?? "This machine's own link"}: {session.roles.join(", ")}
      </Title>
      {session.person !== null &&
        session.person !== undefined &&
        // who comes from a provider signs in there and nowhere else
        session.way !== "oidc" && <Passkeys />}
      {decides && <Proposals />}
    </Stack>
  );
}

function useAct(keys: string[]) {
  const queries = useQueryClient();
  const [failure, setFailure] = useState("");
  const act = async (what: () => Promise<unknown>) => {
    setFailure("");
    try {
      await what();
    } catch (error) {
      setFailure(why(error));
    }
    await Promise.all(keys.map((key) => queries.invalidateQueries({ queryKey: [key] })));
  };
  return { failure, act };
}

function Passkeys() {
  const { failure, act } = useAct(["passkeys"]);
  const held = useQuery({
    queryKey: ["passkeys"],
    queryFn: () => answer(client.GET("/api/passkeys")),
  });
  return (
    <Stack component="section" gap="sm">
      <Title order={2} size="h4">
        Your passkeys
      </Title>
      {held.data?.length === 0 && <Text c="dimmed">You have none yet.</Text>}
      {held.data?.map((one) => (
        <Group key={one.id} justify="space-between">
          <Text size="sm">
            Added {momentText(one.added_us)},{" "}
            {one.used_us == null ? "not used yet" : `used ${momentText(one.used_us)}`}
          </Text>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() =>
              void act(() =>
                answer(
                  client.DELETE("/api/passkeys/{passkey}", {
                    params: { path: { passkey: one.id } },
                  }),
                ),
              )
            }
          >
            Remove
          </Button>
        </Group>
      ))}
      {failure !== "" && <Alert color="orange">{failure}</Alert>}
      {passkeysPossible() ? (
        <Button w="fit-content" onClick={() => void act(addPasskey)}>
          Add a passkey
        </Button>
      ) : (
        <Text c="dimmed" size="sm">
          Browsers keep passkeys for a name over TLS, or for <Code>localhost</Code>: open this page
          there.
        </Text>
      )}
    </Stack>
  );
}

function Proposals() {
  const { failure, act } = useAct(["proposals", "cameras"]);
  const waiting = useQuery({
    queryKey: ["proposals"],
    queryFn: () => answer(client.GET("/api/proposals")),
    refetchInterval: 5000,
  });
  const decide = (path: "agree" | "refuse", proposal: string) =>
    act(() =>
      answer(client.POST(`/api/proposals/{proposal}/${path}`, { params: { path: { proposal } } })),
    );
  return (
    <Stack component="section" gap="sm">
      <Title order={2} size="h4">
        Changes that wait for a second person
      </Title>
      {waiting.data?.length === 0 && <Text c="dimmed">None.</Text>}
      {failure !== "" && <Alert color="orange">{failure}</Alert>}
      {waiting.data?.map((one) => (
        <Paper key={one.id} withBorder p="sm">
          <Text size="sm">
            {one.kind.replaceAll("-", " ")}, proposed by {one.proposer}, until{" "}
            {momentText(one.expires_us)}
          </Text>
          <Code block mah={240}>
            {JSON.stringify(one.change, null, 2)}
          </Code>
          <Group mt="sm">
            <Button size="compact-sm" onClick={() => void decide("agree", one.id)}>
              Agree
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => void decide("refuse", one.id)}
            >
              Refuse
            </Button>
          </Group>
        </Paper>
      ))}
    </Stack>
  );
}
