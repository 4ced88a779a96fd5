import { useEffect } from "react";
import { activeLine, ringing, type Phone } from "@/softphone/machine";
import { play } from "@/softphone/sound";

/** The ring of who calls, softer while another call is heard, and the tone of a phone that rings at the other end. */
export function useCallSounds(phone: Phone): void {
  const rings = ringing(phone).length > 0;
  const active = activeLine(phone);
  const talks = active?.stage === "active";
  const there = active?.stage === "ringing";
  useEffect(() => (rings ? play(talks ? "waiting" : "ring") : undefined), [rings, talks]);
  useEffect(() => (there ? play("ringback") : undefined), [there]);
}
