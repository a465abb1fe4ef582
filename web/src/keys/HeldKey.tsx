import { Button, Group, Text } from "@mantine/core";
import { forget, type Slot, useKey } from "./holder";

/** Says that a key is in this tab's memory, and takes it out again. */
export function HeldKey({ slot, what }: { slot: Slot; what: string }) {
  const key = useKey(slot);
  if (key === null) return null;
  return (
    <Group gap="sm">
      <Text size="sm" component="span">
        {what} is in this tab's memory.
      </Text>
      <Button size="compact-sm" variant="default" onClick={() => forget(slot)}>
        Forget the key
      </Button>
    </Group>
  );
}
