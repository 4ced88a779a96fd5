/** Everything that is heard and said: the other side, the ring, the microphone. */

/** Which devices this machine uses; kept in this browser only. */
export interface Devices {
  readonly microphone: string;
  readonly speaker: string;
  readonly ringer: string;
  /** 0 to 1. */
  readonly ringVolume: number;
}

const KEPT = "bellwire.devices";
const standard: Devices = { microphone: "", speaker: "", ringer: "", ringVolume: 0.5 };

export function devices(): Devices {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Devices>;
    return { ...standard, ...kept };
  } catch {
    return standard;
  }
}

/** Takes another choice; calls in progress are heard on the new speaker at once. */
export function choose(choice: Partial<Devices>): void {
  localStorage.setItem(KEPT, JSON.stringify({ ...devices(), ...choice }));
  for (const audio of heard.values()) {
    void route(audio, devices().speaker);
  }
}

/** The microphone for a call; the browser's own when the chosen one is gone. */
export function chosenMicrophone(): MediaTrackConstraints {
  const { microphone } = devices();
  return {
    ...(microphone === "" ? {} : { deviceId: { ideal: microphone } }),
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
  };
}

const heard = new Map<string, HTMLAudioElement>();

export function playRemote(id: string, stream: MediaStream): void {
  const audio = heard.get(id) ?? new Audio();
  heard.set(id, audio);
  audio.autoplay = true;
  audio.srcObject = stream;
  void route(audio, devices().speaker);
  // Where it may not play yet, it does after the next click: a call is answered by one.
  void audio.play().catch(() => undefined);
}

export function stopRemote(id: string): void {
  const audio = heard.get(id);
  if (audio !== undefined) {
    audio.srcObject = null;
    heard.delete(id);
  }
}

async function route(audio: HTMLAudioElement | AudioContext, device: string): Promise<void> {
  // Chromium alone can choose; elsewhere the system's own is used.
  if ("setSinkId" in audio) {
    await audio.setSinkId(device).catch(() => undefined);
  }
}

let context: AudioContext | undefined;

/** What the browser lets play only after the user did something. */
function audio(): AudioContext {
  context ??= new AudioContext();
  void route(context, devices().ringer);
  return context;
}

/** Whether the browser keeps the ring silent until the user clicks somewhere. */
export async function mayRing(): Promise<boolean> {
  const ringer = audio();
  if (ringer.state === "suspended") {
    await Promise.race([ringer.resume(), new Promise((done) => setTimeout(done, 200))]);
  }
  return audio().state === "running";
}

/** Plays something in its rhythm until it is stopped. */
export function play(what: "ring" | "ringback" | "waiting"): () => void {
  const { tones, on, off, volume } = CADENCES[what];
  const out = audio();
  void out.resume().catch(() => undefined);
  const gain = out.createGain();
  gain.connect(out.destination);
  gain.gain.value = 0;
  const oscillators = tones.map((frequency) => {
    const oscillator = out.createOscillator();
    oscillator.frequency.value = frequency;
    oscillator.connect(gain);
    oscillator.start();
    return oscillator;
  });
  const beat = () => {
    const now = out.currentTime;
    const level = volume * (what === "ring" ? devices().ringVolume : 0.3);
    gain.gain.setTargetAtTime(level, now, 0.01);
    gain.gain.setTargetAtTime(0, now + on, 0.01);
  };
  beat();
  const timer = window.setInterval(beat, (on + off) * 1_000);
  return () => {
    window.clearInterval(timer);
    for (const oscillator of oscillators) {
      oscillator.stop();
    }
    gain.disconnect();
  };
}

/** Plays a tone on the chosen speaker, so that somebody hears that it is the right one. */
export function playSample(): void {
  const out = new AudioContext();
  void route(out, devices().speaker);
  const oscillator = out.createOscillator();
  const gain = out.createGain();
  gain.gain.value = 0.2;
  oscillator.connect(gain).connect(out.destination);
  oscillator.addEventListener("ended", () => void out.close());
  oscillator.start();
  oscillator.stop(out.currentTime + SAMPLE_SECONDS);
}

const SAMPLE_SECONDS = 1;

/** Tones in hertz, lengths in seconds (the ringing tone of ITU-T E.180 for China: 450 Hz, 1 s on, 4 s off). */
const CADENCES = {
  ring: { tones: [440, 480], on: 1, off: 2, volume: 0.4 },
  ringback: { tones: [450], on: 1, off: 4, volume: 0.3 },
  waiting: { tones: [450], on: 0.4, off: 4, volume: 0.3 },
} as const;
