import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, told } from "@/api/client";
import { Problem } from "@/api/problem";
import { voicemailQuery } from "@/api/queries";
import { useRefused } from "@/shared/refused";
import { useTakeBack } from "@/shared/take-back";
import { useUndo } from "@/shared/undo";
import { removalOf } from "./messages";

/** What can be done with messages: at once on the screen, then at the server, and back for a while. */
export function useMessageActions() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const refused = useRefused();
  const undo = useUndo();
  const takeBack = useTakeBack();
  const { queryKey } = voicemailQuery;

  const set = async (ids: readonly number[], read: boolean) => {
    await queries.cancelQueries({ queryKey });
    queries.setQueryData(queryKey, (messages) =>
      messages?.map((message) => (ids.includes(message.id) ? { ...message, read } : message)),
    );
    try {
      await each(ids, (id) => told(api.PATCH("/api/v1/voicemail/{id}", { params: { path: { id } }, body: { read } })));
    } catch (error) {
      refused(error);
    }
    await queries.invalidateQueries({ queryKey });
  };

  /** Marks messages as heard or not (VMW-03); those that are so already are left alone. */
  const mark = (ids: readonly number[], read: boolean) => {
    const changing = (queries.getQueryData(queryKey) ?? [])
      .filter((message) => ids.includes(message.id) && message.read !== read)
      .map(({ id }) => id);
    if (changing.length > 0) {
      void set(changing, read);
      takeBack(t(read ? "voicemail.markedRead" : "voicemail.markedUnread", { count: changing.length }), () => void set(changing, !read));
    }
  };

  /** Marks a message as heard because it was: nothing to take back. */
  const heard = (id: number) => void set([id], true);

  /** Deletes messages, once nobody took that back (VMW-06). */
  const remove = (ids: readonly number[]) =>
    undo({
      key: removalOf(ids),
      message: t("voicemail.deleted", { count: ids.length }),
      commit: async () => {
        try {
          await each(ids, (id) => told(api.DELETE("/api/v1/voicemail/{id}", { params: { path: { id } }, keepalive: true })));
        } finally {
          await queries.invalidateQueries({ queryKey });
        }
      },
    });

  return { mark, heard, remove };
}

/** Asks for each of them at once; that one is gone already, deleted by telephone say, is no failure. */
async function each(ids: readonly number[], ask: (id: number) => Promise<unknown>): Promise<void> {
  const answers = await Promise.allSettled(ids.map(ask));
  for (const answer of answers) {
    if (answer.status === "rejected" && !(answer.reason instanceof Problem && answer.reason.status === 404)) {
      throw answer.reason;
    }
  }
}
