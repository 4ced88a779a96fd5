import { Autocomplete, Button, Group, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { directoryQuery } from "@/api/queries";
import { dialable } from "@/softphone/softphone";

interface Props {
  readonly ask: (action: "transfer" | "consult", number: string) => void;
  readonly done: () => void;
}

/** Sends the other party on, at once or after asking: the same as the keys `#` and `*2` of any phone (manual 2.4). */
export function Transfer({ ask, done }: Props) {
  const { t } = useTranslation();
  const { data: directory = [] } = useQuery(directoryQuery);
  const [to, setTo] = useState("");
  const number = directory.find((entry) => label(entry) === to)?.number ?? dialable(to);
  const send = (action: "transfer" | "consult") => {
    ask(action, number);
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
        <Button variant="light" disabled={number === ""} onClick={() => send("transfer")}>
          {t("call.transferBlind")}
        </Button>
        <Button variant="light" disabled={number === ""} onClick={() => send("consult")}>
          {t("call.transferAttended")}
        </Button>
      </Group>
    </Stack>
  );
}

function label({ name, number }: { name: string; number: string }): string {
  return name === number ? number : `${name} ${number}`;
}
