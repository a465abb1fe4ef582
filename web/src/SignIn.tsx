import { Alert, Button, Center, Code, Loader, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { passkeysPossible, signInWithPasskey, why } from "./access/passkeys";
import { answer, client } from "./api/client";
import { Mark } from "./Mark";

const KeySignIn = lazy(() => import("./keys/KeySignIn"));

/** Shown to whoever is not signed in. */
export function SignIn({ failure, unreachable }: { failure: string; unreachable: boolean }) {
  const [byKey, setByKey] = useState(false);
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="xl" maw={460} bg="dark.7">
        <Stack gap="md">
          <Mark size={44} />
          <Title order={1} size="h3">
            You are not signed in
          </Title>
          <Text>
            Open the sign-in link that Scrim printed in the terminal when it started. It looks like{" "}
            <Code>{window.location.origin}/#sign-in=…</Code> and works once.
          </Text>
          <Text c="dimmed" size="sm">
            Used it already, or is it too old? <Code>scrim link</Code> prints a new one.
          </Text>
          <div aria-live="polite">
            {failure !== "" && (
              <Alert color="orange" title="The link was not accepted">
                {failure}
              </Alert>
            )}
            {unreachable && (
              <Alert color="red" title="No answer">
                The server does not answer. This page tries again by itself.
              </Alert>
            )}
          </div>
          <OtherWays />
          {byKey ? (
            <Suspense fallback={<Loader aria-label="Loading" />}>
              <KeySignIn />
            </Suspense>
          ) : (
            <Button variant="default" onClick={() => setByKey(true)}>
              I am a case officer or a custodian
            </Button>
          )}
        </Stack>
      </Paper>
    </Center>
  );
}

/** Passkey and provider, where somebody has one and where there is one. */
function OtherWays() {
  const queries = useQueryClient();
  const [failure, setFailure] = useState("");
  const ways = useQuery({
    queryKey: ["ways"],
    queryFn: () => answer(client.GET("/api/session/ways")),
  });
  const byPasskey = async () => {
    setFailure("");
    try {
      await signInWithPasskey();
    } catch (error) {
      setFailure(why(error));
    }
    await queries.invalidateQueries({ queryKey: ["session"] });
  };
  return (
    <>
      {ways.data?.passkey && passkeysPossible() && (
        <Button onClick={() => void byPasskey()}>Sign in with a passkey</Button>
      )}
      {ways.data?.oidc && (
        <Button component="a" href="/api/session/oidc">
          Sign in at your organisation
        </Button>
      )}
      {failure !== "" && (
        <Alert color="orange" title="The passkey was not accepted">
          {failure}
        </Alert>
      )}
    </>
  );
}
