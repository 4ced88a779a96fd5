/** One tab is the phone, whichever of them it is: two that register would ring and answer twice. */
export interface Ownership {
  /** This tab is the phone. */
  owned(): void;
  /** Another is. */
  elsewhere(): void;
  /** Another tab took over. */
  taken(): void;
}

/** Asks to be the phone. Returns how to give it up. */
export function own(ownership: Ownership): Promise<() => void> {
  let give: (() => void) | undefined;
  let over = false;

  const hold = (options: LockOptions) =>
    navigator.locks
      .request(LOCK, options, async (lock) => {
        if (lock !== null && !over) {
          ownership.owned();
          await new Promise<void>((done) => (give = done));
        }
      })
      .catch(() => {
        // Another tab stole it; when that one closes it is this one's turn again.
        give = undefined;
        ownership.taken();
        void hold({});
      });

  const takeOver = () => void hold({ steal: true });
  window.addEventListener(TAKE_OVER, takeOver);
  return navigator.locks
    .query()
    .then(({ held }) => {
      if (held?.some((lock) => lock.name === LOCK) === true) {
        ownership.elsewhere();
      }
      void hold({});
    })
    .then(() => () => {
      over = true;
      give?.();
      window.removeEventListener(TAKE_OVER, takeOver);
    });
}

/** Makes this tab the phone. */
export function takeOver(): void {
  window.dispatchEvent(new Event(TAKE_OVER));
}

const LOCK = "bellwire.sip-owner";
const TAKE_OVER = "bellwire:take-over";
