import { Alert, Center, Code, Paper, Stack, Text, Title } from "@mantine/core";
import { Mark } from "./Mark";

/** Shown to whoever is not signed in. */
export function SignIn({ failure, unreachable }: { failure: string; unreachable: boolean }) {
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
        </Stack>
      </Paper>
    </Center>
  );
}
