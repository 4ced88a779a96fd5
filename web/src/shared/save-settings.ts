import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, told } from "@/api/client";
import { Problem } from "@/api/problem";
import { settingsQuery, type Settings } from "@/api/queries";

/** The PIN is written and never read; the document, which is made of what is read, does not know it. */
type Change = Partial<Settings> & { readonly voicemail_pin?: string };

/** Saves some of the settings, and leaves the others as they are at that moment, whoever set them. */
export function useSaveSettings() {
  const queries = useQueryClient();
  const { queryKey } = settingsQuery;
  return useMutation({
    mutationFn: (change: Change) => saved(change, TRIES),
    onMutate: async ({ dnd, email, voicemail }) => {
      await queries.cancelQueries({ queryKey });
      queries.setQueryData(
        queryKey,
        (old) => old && { dnd: dnd ?? old.dnd, email: email ?? old.email, voicemail: voicemail ?? old.voicemail },
      );
    },
    onSuccess: (settings) => queries.setQueryData(queryKey, settings),
    onError: () => queries.invalidateQueries({ queryKey }),
  });
}

async function saved(change: Change, tries: number): Promise<Settings> {
  let version = "";
  const current = await told(
    api.GET("/api/v1/settings").then((answer) => ((version = answer.response.headers.get("etag") ?? ""), answer)),
  );
  try {
    const header = { "If-Match": version };
    return await told(api.PUT("/api/v1/settings", { params: { header }, body: { ...current, ...change } }));
  } catch (error) {
    if (error instanceof Problem && error.status === 412 && tries > 1) {
      return saved(change, tries - 1);
    }
    throw error;
  }
}

/** Somebody else saved between reading and saving; that this happens twice more would be odd. */
const TRIES = 3;
