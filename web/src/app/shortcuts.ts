import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { activeLine, ringing } from "@/softphone/machine";
import { softphone } from "@/softphone/softphone";
import { PAGES } from "./pages";

/** Keys that work on every page while nothing is typed: `g` and a letter goes to a page, `m h` mute and hold. */
export function useShortcuts(): void {
  const navigate = useNavigate();
  useEffect(() => {
    let going = false;
    const pressed = (event: KeyboardEvent) => {
      if (answeredByKey(event) || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      const page = PAGES.find((other) => other.key === event.key);
      if (going && page !== undefined) {
        void navigate({ to: page.to });
      } else if (!going) {
        inCall(event.key);
      }
      going = event.key === "g" && !going;
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [navigate]);
}

/** Ctrl or Cmd, Shift and A, R or E: answer, reject, end. They work while something is typed, too. */
function answeredByKey(event: KeyboardEvent): boolean {
  if (!event.shiftKey || !(event.ctrlKey || event.metaKey)) {
    return false;
  }
  const { phone } = softphone;
  const incoming = ringing(phone)[0]?.id;
  const active = activeLine(phone)?.id;
  const key = event.key.toLowerCase();
  if (key === "a" && incoming !== undefined) {
    softphone.tell({ kind: "answer", id: incoming });
  } else if (key === "r" && incoming !== undefined) {
    softphone.tell({ kind: "decline", id: incoming });
  } else if (key === "e" && active !== undefined) {
    softphone.tell({ kind: "hang-up", id: active });
  } else {
    return false;
  }
  event.preventDefault();
  return true;
}

function inCall(key: string): void {
  const line = activeLine(softphone.phone);
  if (line !== undefined && (key === "m" || key === "h")) {
    softphone.tell({ kind: key === "m" ? "mute" : "hold", id: line.id });
  }
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));
}
