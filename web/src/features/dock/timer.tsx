import { Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { short } from "@/shared/format";

/** How long something lasts, to the second. */
export function Timer({ since }: { since: number }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return (
    <Text component="time" size="sm" style={{ fontVariantNumeric: "tabular-nums" }}>
      {short((now - since) / 1_000)}
    </Text>
  );
}
