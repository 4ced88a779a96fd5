/** How loud a sound is from beginning to end, with what was played in the stronger colour. */
export function Waveform({ peaks, part }: { peaks: readonly number[]; part: number }) {
  return (
    <svg viewBox={`0 0 ${peaks.length} 100`} preserveAspectRatio="none" width="100%" height={32} aria-hidden style={{ display: "block" }}>
      {peaks.map((peak, place) => {
        const height = Math.max(4, (peak / 255) * 100);
        return (
          <rect
            // The bars never change their places.
            key={place}
            x={place + 0.15}
            width={0.7}
            y={(100 - height) / 2}
            height={height}
            fill={place / peaks.length < part ? "var(--mantine-primary-color-filled)" : "var(--mantine-color-dimmed)"}
          />
        );
      })}
    </svg>
  );
}
