/** Hears how loud the microphone is, 0 to 1, ten times a second, until it is told to stop. Throws when it may not be heard. */
export async function listenTo(microphone: MediaTrackConstraints, tell: (level: number) => void): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: microphone });
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = window.setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const loud = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    // Speech at an arm's length is about -26 dB; the whole bar is -12 dB.
    tell(Math.min(1, loud * 4));
  }, 100);
  return () => {
    window.clearInterval(timer);
    stream.getTracks().forEach((track) => track.stop());
    void context.close();
  };
}
