// What a person does with a page and notices of it: finds things by their names, hears, and speaks a tone. It is there
// before the page's own scripts. What tests wait for is a promise that fails after PATIENCE_MS.
"use strict";

globalThis.user = (() => {
  const PATIENCE_MS = 20000;
  const HEARD_DBFS = -45;
  const ears = [];
  let sound;

  // A browser that is set to Chinese.
  Object.defineProperty(navigator, "language", { get: () => "zh-CN" });

  // The microphone says a tone.
  const voice = () => {
    sound ??= new AudioContext();
    const oscillator = new OscillatorNode(sound, { frequency: Number(globalThis.USER_TONE) });
    const level = new GainNode(sound, { gain: 0.3 });
    const out = new MediaStreamAudioDestinationNode(sound, { channelCount: 1 });
    oscillator.connect(level).connect(out);
    oscillator.start();
    return out.stream;
  };
  navigator.mediaDevices.getUserMedia = async () => voice();

  // Whatever the page receives is heard.
  const Original = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Original {
    constructor(...options) {
      super(...options);
      this.addEventListener("track", ({ streams }) => {
        sound ??= new AudioContext();
        const ear = new AnalyserNode(sound, { fftSize: 8192, smoothingTimeConstant: 0 });
        sound.createMediaStreamSource(streams[0]).connect(ear);
        ears.push(ear);
      });
    }
  };

  const level = (hz) => {
    const levels = ears.map((ear) => {
      const bins = new Float32Array(ear.frequencyBinCount);
      ear.getFloatFrequencyData(bins);
      const bin = Math.round((hz * ear.fftSize) / sound.sampleRate);
      return Math.max(...bins.slice(bin - 2, bin + 3));
    });
    return Math.max(-Infinity, ...levels);
  };

  const until = async (what, holds, found = () => "") => {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const value = holds();
      if (value) return value;
      if (performance.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS} ms; ${found()}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  };

  // Waits until something holds for a while without a break.
  const lasts = (what, holds, ms = 600) => {
    let since = null;
    return until(what, () => {
      if (!holds()) since = null;
      else since ??= performance.now();
      return since !== null && performance.now() - since >= ms;
    });
  };

  const shown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
  const text = (element) => (element.textContent ?? "").replace(/\s+/g, " ").trim();
  const name = (element) =>
    element.getAttribute("aria-label") ??
    (element.labels?.length ? [...element.labels].map((label) => text(label).replace(/ \*$/, "")).join(" ") : text(element));
  const named = (selector, wanted) =>
    [...document.querySelectorAll(selector)].filter((element) => shown(element) && name(element) === wanted);
  const ACTIONS = 'button, a[href], [role="button"], [role="menuitem"], [role="tab"], [role="option"], [role="switch"], input[type="checkbox"]';
  const FIELDS = "input, textarea, select";
  const page = () => document.body?.innerText ?? "";

  return {
    // The middle of what has that name and can be pressed now.
    action: async (wanted) => {
      const element = await until(`an action "${wanted}"`, () =>
        named(ACTIONS, wanted).find((one) => !one.disabled && one.getAttribute("aria-disabled") !== "true"), page);
      element.scrollIntoView({ block: "center" });
      await new Promise((done) => setTimeout(done, 50));
      const box = element.getBoundingClientRect();
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    },
    field: async (wanted) => {
      const field = await until(`a field "${wanted}"`, () => named(FIELDS, wanted)[0], page);
      field.focus();
      field.select?.();
    },
    sees: (wanted) => until(`"${wanted}" is seen`, () => page().includes(wanted), page),
    seesNot: (wanted) => until(`"${wanted}" is not seen`, () => !page().includes(wanted), page),
    has: (wanted) => named(ACTIONS, wanted).length > 0,
    hears: async (hz) => {
      await lasts(`${hz} Hz is heard (${level(hz)})`, () => level(hz) >= HEARD_DBFS);
      return level(hz);
    },
    doesNotHear: (hz) => lasts(`${hz} Hz is not heard`, () => level(hz) < HEARD_DBFS),
    // Counts moments without a tone from now on; `misses()` tells how many there were of how many.
    watch: (hz) => {
      const seen = { moments: 0, missed: 0 };
      const timer = setInterval(() => {
        seen.moments += 1;
        if (level(hz) < HEARD_DBFS) seen.missed += 1;
      }, 20);
      globalThis.user.misses = () => {
        clearInterval(timer);
        return seen;
      };
    },
    at: (path) => until(`the address is ${path}`, () => location.pathname === path, () => location.href),
  };
})();
