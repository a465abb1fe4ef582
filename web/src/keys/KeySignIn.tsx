import { Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { KeyFileForm } from "./KeyFileForm";
import { signInWith } from "./signin";

/** Signing in as a case officer or a custodian. */
export default function KeySignIn() {
  const queries = useQueryClient();
  return (
    <>
      <KeyFileForm
        label="Your key file"
        description="It is read in this tab and sent nowhere; only a signature goes to the server."
        action="Sign in with this key"
        onKey={async (key) => {
          await signInWith(key);
          await queries.invalidateQueries({ queryKey: ["session"] });
        }}
      />
      <Text c="dimmed" size="sm" mt="sm">
        A server that is not what it should be could send another page, which steals the key. Where
        that matters, use the command line on a machine of your own: it runs nothing that comes from
        the server.
      </Text>
    </>
  );
}
