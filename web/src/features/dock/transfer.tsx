import { Autocomplete, Button, Group, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { directoryQuery } from "@/api/queries";
import type { Line } from "@/softphone/machine";
import { dialable, softphone } from "@/softphone/softphone";

/** Sends the other party on, at once or after asking: the same as the keys `#` and `*2` of any phone (manual 2.4). */
export function Transfer({ line, done }: { line: Line; done: () => void }) {
  const { t } = useTranslation();
  const { data: directory = [] } = useQuery(directoryQuery);
  const [to, setTo] = useState("");
  const number = directory.find((entry) => label(entry) === to)?.number ?? dialable(to);
  const send = (code: "#" | "*2") => {
    softphone.tell({ kind: "keys", id: line.id, keys: `${code}${number}#` });
    notifications.show({ message: t("call.transferSent") });
    done();
  };
  return (
    <Stack gap="xs">
      <Autocomplete
        label={t("call.transferTo")}
        value={to}
        onChange={setTo}
        data={directory.filter((entry) => entry.state !== "unavailable").map(label)}
        limit={8}
        inputMode="tel"
      />
      <Group grow>
        <Button variant="light" disabled={number === ""} onClick={() => send("#")}>
          {t("call.transferBlind")}
        </Button>
        <Button variant="light" disabled={number === ""} onClick={() => send("*2")}>
          {t("call.transferAttended")}
        </Button>
      </Group>
    </Stack>
  );
}

function label({ name, number }: { name: string; number: string }): string {
  return name === number ? number : `${name} ${number}`;
}
