import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useProblemText } from "./states";

/** Something that is done unless it is taken back in time. */
export interface Undoable {
  /** What it is about, such as `contact 7`; pages leave out what {@link usePending} names. */
  readonly key: string;
  /** Says that it is done. */
  readonly message: string;
  /** Does it. It may run while the page is being left, so that its request needs `keepalive`. */
  readonly commit: () => Promise<unknown>;
}

/**
 * Does something after six seconds in which it can be taken back. Pages show it as done from the beginning; when the server
 * refuses, they show it as it was, and the reason.
 */
export function useUndo(): (action: Undoable) => void {
  const { t } = useTranslation();
  const words = useProblemText();
  return ({ key, message, commit }) => {
    const run = async () => {
      try {
        await commit();
      } catch (error) {
        notifications.show({ color: "red", message: words(error) });
      } finally {
        leave(key);
      }
    };
    enter(key, run);
    const id = notifications.show({
      autoClose: TAKEN_BACK_WITHIN_MS,
      withCloseButton: true,
      message: (
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm" lineClamp={2}>
            {message}
          </Text>
          <Button
            size="compact-sm"
            variant="light"
            style={{ flexShrink: 0 }}
            onClick={() => {
              leave(key);
              notifications.hide(id);
            }}
          >
            {t("undo")}
          </Button>
        </Group>
      ),
      onClose: () => begin(key),
    });
  };
}

/** What is shown as done already. */
export function usePending(): ReadonlySet<string> {
  return useSyncExternalStore(subscribe, () => shown);
}

/** What can still be taken back; `undefined` once it is being done. */
const pending = new Map<string, (() => Promise<void>) | undefined>();
let shown: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

function enter(key: string, run: () => Promise<void>): void {
  pending.set(key, run);
  tell();
}

function leave(key: string): void {
  pending.delete(key);
  tell();
}

function begin(key: string): void {
  const run = pending.get(key);
  if (run !== undefined) {
    pending.set(key, undefined);
    void run();
  }
}

function tell(): void {
  shown = new Set(pending.keys());
  for (const listener of listeners) {
    listener();
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// Whoever leaves does not take anything back any more.
if (typeof window !== "undefined") {
  window.addEventListener("pagehide", () => {
    for (const key of pending.keys()) {
      begin(key);
    }
  });
}

const TAKEN_BACK_WITHIN_MS = 6_000;
