import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, told } from "@/api/client";
import { settingsQuery } from "@/api/queries";
import { useProblemText } from "@/shared/states";

/** Whether one is disturbed, and the way to change that; nothing while that is not known. */
export function useDoNotDisturb(): { readonly on: boolean; readonly turn: () => void } | undefined {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const words = useProblemText();
  const { data: settings } = useQuery(settingsQuery);
  const { mutate } = useMutation({
    // What was read may be old by now: only this is changed.
    mutationFn: async (dnd: boolean) => {
      const now = await told(api.GET("/api/v1/settings"));
      return told(api.PUT("/api/v1/settings", { body: { ...now, dnd } }));
    },
    onSuccess: (saved) => {
      queries.setQueryData(settingsQuery.queryKey, saved);
      notifications.show({ message: t(saved.dnd ? "palette.dndIsOn" : "palette.dndIsOff") });
    },
    onError: (error) => notifications.show({ color: "red", message: words(error) }),
  });
  return settings === undefined ? undefined : { on: settings.dnd, turn: () => mutate(!settings.dnd) };
}
