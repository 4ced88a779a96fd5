/** Shows a call outside the window while nobody looks at it. Returns how to take it away again. */
export function notify(title: string, who: string, answer: () => void): () => void {
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") {
    return () => undefined;
  }
  const shown = new Notification(`${title} ${who}`, { tag: "bellwire-call", requireInteraction: true, icon: "/icon.svg" });
  shown.addEventListener("click", () => {
    window.focus();
    answer();
    shown.close();
  });
  return () => shown.close();
}

/** Whether the user was never asked. */
export function canAsk(): boolean {
  return "Notification" in window && Notification.permission === "default";
}
