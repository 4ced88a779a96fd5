import { ActionIcon, Group, NumberInput, Paper, Stack, Text, VisuallyHidden } from "@mantine/core";
import { IconGripVertical, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useLayoutEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { useTranslation } from "react-i18next";
import { directoryQuery, type FollowMe } from "@/api/queries";
import { moved, SECONDS_MAX } from "./forwarding";

type Step = FollowMe["steps"][number];

interface Listed {
  readonly steps: readonly Step[];
  readonly disabled: boolean;
  readonly problemOf: (place: number, field: "number" | "seconds") => string | undefined;
  readonly change: (steps: readonly Step[]) => void;
}

/** 一号通列表: numbers in the order in which they ring, which a hand or the arrow keys change. */
export function StepList({ steps, disabled, problemOf, change }: Listed) {
  const { t } = useTranslation();
  const { data: directory = [] } = useQuery(directoryQuery);
  const list = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<string>();
  const [told, setTold] = useState("");
  // A row that moved took its handle with it, and the handle lost the keyboard.
  const follow = useRef<string>(undefined);
  useLayoutEffect(() => {
    if (follow.current !== undefined) {
      list.current?.querySelector<HTMLElement>(`[data-handle="${CSS.escape(follow.current)}"]`)?.focus();
      follow.current = undefined;
    }
  });
  const move = (from: number, to: number) => {
    const step = steps[from];
    if (step !== undefined && to >= 0 && to < steps.length && to !== from) {
      follow.current = step.number;
      setTold(t("followMe.moved", { number: step.number, place: to + 1 }));
      change(moved(steps, from, to));
    }
  };
  const drag = useDrag(list, steps, change, setHeld);
  if (steps.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t("followMe.none")}
      </Text>
    );
  }
  return (
    <Stack gap="xs" ref={list}>
      <VisuallyHidden role="status">{told}</VisuallyHidden>
      {steps.map((step, place) => {
        const name = directory.find((entry) => entry.number === step.number)?.name;
        const key = (event: KeyboardEvent) => {
          const to = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: steps.length - 1 }[event.key];
          if (to !== undefined) {
            event.preventDefault();
            move(place, to);
          }
        };
        return (
          <Paper key={step.number} data-row withBorder p="xs" shadow={held === step.number ? "md" : undefined}>
            <Group wrap="nowrap" gap="sm" align="flex-start">
              <ActionIcon
                mt={3}
                variant="subtle"
                color="gray"
                disabled={disabled}
                data-handle={step.number}
                style={{ touchAction: "none", cursor: held === undefined ? "grab" : "grabbing" }}
                onKeyDown={key}
                onPointerDown={(event: PointerEvent) => drag(event, step.number)}
                aria-label={t("followMe.handle", { number: step.number, place: place + 1 })}
              >
                <IconGripVertical size={18} />
              </ActionIcon>
              <div style={{ flex: 1, minWidth: 0 }}>
                <Text truncate mt={4}>
                  {place + 1}. {step.number}{" "}
                  {name !== undefined && name !== step.number && (
                    <Text span c="dimmed" size="sm">
                      {name}
                    </Text>
                  )}
                </Text>
                {problemOf(place, "number") !== undefined && (
                  <Text size="xs" c="red" role="alert">
                    {problemOf(place, "number")}
                  </Text>
                )}
              </div>
              <NumberInput
                w={96}
                suffix={t("followMe.seconds")}
                min={1}
                max={SECONDS_MAX}
                allowDecimal={false}
                clampBehavior="none"
                disabled={disabled}
                value={step.seconds}
                error={problemOf(place, "seconds")}
                aria-label={`${t("followMe.timeout")} ${step.number}`}
                onChange={(seconds) =>
                  change(steps.map((other, at) => (at === place ? { ...other, seconds: seconds as number } : other)))
                }
              />
              <ActionIcon
                mt={3}
                variant="subtle"
                color="red"
                disabled={disabled}
                onClick={() => change(steps.filter((_, at) => at !== place))}
                aria-label={t("followMe.remove", { number: step.number })}
              >
                <IconTrash size={18} />
              </ActionIcon>
            </Group>
          </Paper>
        );
      })}
    </Stack>
  );
}

/** Takes a row by its handle to where the pointer is. The rows move at once; letting go only ends it. */
function useDrag(
  list: { readonly current: HTMLDivElement | null },
  steps: readonly Step[],
  change: (steps: readonly Step[]) => void,
  setHeld: (number: string | undefined) => void,
) {
  const latest = useRef({ steps, change });
  useLayoutEffect(() => {
    latest.current = { steps, change };
  });
  return (event: PointerEvent, number: string) => {
    if (event.button !== 0) {
      return;
    }
    setHeld(number);
    const follow = ({ clientY }: globalThis.PointerEvent) => {
      const rows = [...(list.current?.querySelectorAll("[data-row]") ?? [])].map((row) => row.getBoundingClientRect());
      const from = latest.current.steps.findIndex((step) => step.number === number);
      const over = rows.findIndex(({ top, bottom }) => clientY >= top && clientY <= bottom);
      if (from >= 0 && over >= 0 && over !== from) {
        latest.current.change(moved(latest.current.steps, from, over));
      }
    };
    const letGo = () => {
      setHeld(undefined);
      window.removeEventListener("pointermove", follow);
      window.removeEventListener("pointerup", letGo);
      window.removeEventListener("pointercancel", letGo);
    };
    window.addEventListener("pointermove", follow);
    window.addEventListener("pointerup", letGo);
    window.addEventListener("pointercancel", letGo);
  };
}
