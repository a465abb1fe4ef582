// The grid of cameras.

import { Alert, Center, Code, Loader, Stack, Text } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { Camera, Reason } from "../api/client";
import { useCameras } from "../api/queries";
import { spoken } from "../state";
import { CameraTile } from "./CameraTile";
import classes from "./ControlRoom.module.css";

/** A browser opens six HTTP/1.1 connections to a server, and each low-latency picture holds one. */
const NEAR_AT_MOST = 3;

export function ControlRoom({ reason }: { reason: Reason }) {
  const cameras = useCameras();
  const [large, setLarge] = useState<string | null>(null);
  if (cameras.isPending) {
    return (
      <Center mih="60vh" component="main">
        <Loader aria-label="Loading cameras" />
      </Center>
    );
  }
  if (cameras.data === undefined) {
    return (
      <Center mih="60vh" component="main">
        <Alert color="red" title="The cameras cannot be listed">
          {cameras.error?.message}
        </Alert>
      </Center>
    );
  }
  if (cameras.data.length === 0) return <NoCameras />;
  const alone = cameras.data.length === 1;
  return (
    <main className={classes.room}>
      <h1 className="spoken-only">Cameras</h1>
      <Changes cameras={cameras.data} />
      <div className={classes.grid} data-alone={alone || undefined}>
        {cameras.data.map((camera) => (
          <CameraTile
            key={camera.id}
            camera={camera}
            reason={reason}
            near={cameras.data.length <= NEAR_AT_MOST || large === camera.id}
            large={alone || large === camera.id}
            onLarge={alone ? null : () => setLarge(large === camera.id ? null : camera.id)}
          />
        ))}
      </div>
    </main>
  );
}

function NoCameras() {
  return (
    <Center mih="60vh" p="md" component="main">
      <Stack gap="xs" align="center">
        <Text size="lg">No camera is enrolled yet.</Text>
        <Text c="dimmed">
          Add one in the terminal: <Code>scrim camera add</Code>
        </Text>
      </Stack>
    </Center>
  );
}

/** Says changes of state to a screen reader, and nothing while all stays as it is. */
function Changes({ cameras }: { cameras: Camera[] }) {
  const before = useRef(new Map<string, string>());
  const [said, setSaid] = useState("");
  useEffect(() => {
    const news: string[] = [];
    for (const { id, name, status } of cameras) {
      // masked and clear change with every passer-by: to the ear they are one state
      const state = status.state === "clear" ? "masked" : status.state;
      const known = before.current.get(id);
      if (known !== undefined && known !== state) news.push(spoken(name, status));
      before.current.set(id, state);
    }
    if (news.length > 0) setSaid(news.join(" "));
  }, [cameras]);
  return (
    <div className="spoken-only" aria-live="polite">
      {said}
    </div>
  );
}
