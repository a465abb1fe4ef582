import { Alert, Button, Center, Code, Loader, Paper, Stack, Text, Title } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
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
