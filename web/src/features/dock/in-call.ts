import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, told, type Schemas } from "@/api/client";
import { useLive, type LiveCall } from "@/api/live";
import { useProblemText } from "@/shared/states";
import type { Line } from "@/softphone/machine";
import { softphone } from "@/softphone/softphone";

type Action = Schemas["LiveAction"];

/** What the server does in a conversation of this phone, and what it says of it: recording is its state, not the page's. */
export function useInCall(line: Line): {
  readonly recording: boolean;
  readonly ask: (action: Action, number?: string) => void;
} {
  const { t } = useTranslation();
  const words = useProblemText();
  const { calls } = useLive();
  const live = callOf(line, [...calls.values()]);
  const { mutate } = useMutation({
    mutationFn: ({ action, number }: { action: Action; number: string | undefined }) =>
      told(
        api.POST("/api/v1/live/{id}", {
          params: { path: { id: live?.call ?? 0 } },
          body: { action, number: number ?? null },
        }),
      ),
    onSuccess: (_, { action }) => notifications.show({ message: t(`call.asked.${action}`) }),
    onError: (error) => notifications.show({ color: "red", message: words(error) }),
  });
  const ask = (action: Action, number?: string) => {
    if (live === undefined) {
      // The server has not told of the call yet: its keys do the same.
      softphone.tell({ kind: "keys", id: line.id, keys: keysOf(action, number) });
    } else {
      mutate({ action, number });
    }
  };
  return { recording: live?.recording === true, ask };
}

/** The call that a line of this phone is: by who is at the other end, or the only one. */
export function callOf(line: Pick<Line, "number">, calls: readonly LiveCall[]): LiveCall | undefined {
  const talking = calls.filter((call) => call.state === "talk");
  return (
    talking.find((call) => call.caller === line.number || call.callee === line.number) ??
    (talking.length === 1 ? talking[0] : undefined)
  );
}

/** What any phone presses for it (manual, chapter 2). */
function keysOf(action: Action, number = ""): string {
  switch (action) {
    case "transfer":
      return `#${number}#`;
    case "consult":
      return `*2${number}#`;
    case "park":
      return "*4";
    case "record":
      return "*1";
    case "confer":
      return "*0";
  }
}
