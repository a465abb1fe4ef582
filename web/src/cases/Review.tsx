// The masked recording of what is asked, for the custodian who is asked. Each look is in the ledger.

import { Group, NativeSelect, Text, Title } from "@mantine/core";
import { useMemo, useRef, useState } from "react";
import type { ViewRequest } from "../api/client";
import { Picture, type PictureHandle } from "../player/Picture";
import type { Request } from "../vault/request";
import classes from "./Cases.module.css";

const NOTHING = () => undefined;

export function Review({ request }: { request: Request }) {
  const [camera, setCamera] = useState<string>("");
  const picture = useRef<PictureHandle>(null);
  const { case: id, cameras, sinceUs, untilUs } = request;
  const look = useMemo<ViewRequest | null>(
    () =>
      camera === ""
        ? null
        : {
            camera,
            mode: "recorded",
            reason: "case-review",
            since_us: sinceUs,
            until_us: untilUs,
            case: id,
          },
    [camera, sinceUs, untilUs, id],
  );
  return (
    <section className={classes.card} aria-label="Masked recording">
      <Group justify="space-between" align="end">
        <Title order={2} size="h5">
          The same place and time, masked
        </Title>
        <NativeSelect
          size="xs"
          label="Camera"
          value={camera}
          onChange={(event) => setCamera(event.currentTarget.value)}
          data={[
            { value: "", label: "Choose a camera" },
            ...cameras.map((one) => ({ value: one, label: one })),
          ]}
        />
      </Group>
      {look === null ? (
        <Text size="sm" c="dimmed" mt="xs">
          Choosing a camera plays its masked recording and writes an entry into the ledger.
        </Text>
      ) : (
        <Picture
          key={camera}
          ref={picture}
          name={camera}
          request={look}
          near={false}
          status={null}
          onPicture={NOTHING}
          onGoOn={() => picture.current?.seek(sinceUs)}
          onLive={null}
        />
      )}
    </section>
  );
}
