// A telephone in a page: SIP over WebSocket (RFC 7118) in as few lines as tests need, sound by RTCPeerConnection.
// It plays a tone and measures what it hears. Tests call its methods; what they wait for is a promise that fails
// after PATIENCE_MS.
"use strict";

const PATIENCE_MS = 15000;

class Phone {
  // `tone` in Hz is what it says; null takes the microphone.
  constructor({ url, number, user = number, password, tone }) {
    Object.assign(this, { url, number, user, password, tone });
    this.host = `${random(12)}.invalid`;
    this.handlers = new Map();
    this.calls = [];
    this.incoming = [];
    this.log = [];
  }

  async register() {
    this.socket = new WebSocket(this.url, "sip");
    this.socket.onmessage = ({ data }) => this.received(typeof data === "string" ? data : "");
    await new Promise((done, failed) => {
      this.socket.onopen = done;
      this.socket.onerror = () => failed(new Error("the WebSocket does not open"));
    });
    this.sound = new AudioContext();
    await this.sound.resume();
    const to = `<sip:${this.number}@bellwire.test>`;
    const dialog = { uri: "sip:bellwire.test", from: `${to};tag=${random(10)}`, to, callId: random(20), cseq: 0 };
    const answer = await this.ask(dialog, "REGISTER", { Contact: `${this.contact()};expires=600`, Supported: "outbound, path" });
    if (answer.status !== 200) throw new Error(`REGISTER: ${answer.status}`);
    return answer.status;
  }

  // Calls a number. `edit` changes the offer on its way, as text.
  async call(number, { edit = (sdp) => sdp, media = { audio: true } } = {}) {
    const call = new Call(this, media);
    const uri = `sip:${encodeURIComponent(number).replace(/%2A/gi, "*")}@bellwire.test`;
    const me = `<sip:${this.number}@bellwire.test>;tag=${random(10)}`;
    call.dialog = { uri, from: me, to: `<${uri}>`, callId: random(20), cseq: 0 };
    const began = performance.now();
    await call.open();
    const answer = await call.invite(edit);
    call.answered_ms = performance.now() - began;
    if (answer.status !== 200) throw new Error(`INVITE: ${answer.status} ${answer.headers.warning ?? ""}`);
    return this.keep(call);
  }

  // Waits to be called.
  async rings() {
    return until("it rings", () => this.incoming.length > 0);
  }

  async answer({ edit = (sdp) => sdp } = {}) {
    const request = this.incoming.shift();
    const call = new Call(this, { audio: true });
    const tag = random(10);
    call.dialog = {
      uri: uriOf(request.headers.contact), from: `${request.headers.to};tag=${tag}`, to: request.headers.from,
      callId: request.headers["call-id"], cseq: 0,
    };
    request.headers.to += `;tag=${tag}`;
    await call.open();
    await call.takes(request.body);
    await call.peer.setLocalDescription(await call.peer.createAnswer());
    await call.gathered();
    this.respond(request, "200 OK", edit(call.peer.localDescription.sdp));
    return this.keep(call);
  }

  keep(call) {
    this.calls.push(call);
    return this.calls.length - 1;
  }

  contact() {
    return `<sip:${this.number}@${this.host};transport=ws>`;
  }

  // Sends a request and gives the final answer; one challenge is met.
  async ask(dialog, method, headers = {}, body = "") {
    let answer = await this.transact(dialog, method, headers, body);
    if (answer.status === 401 || answer.status === 407) {
      const name = answer.status === 401 ? "Authorization" : "Proxy-Authorization";
      const challenges = answer.all[answer.status === 401 ? "www-authenticate" : "proxy-authenticate"];
      const challenge = challenges.find((text) => /SHA-256/i.test(text)) ?? challenges[0];
      headers = { ...headers, [name]: await this.proof(challenge, method, dialog.uri) };
      answer = await this.transact(dialog, method, headers, body);
    }
    return answer;
  }

  transact(dialog, method, headers, body) {
    dialog.cseq += 1;
    const branch = `z9hG4bK${random(16)}`;
    this.send(dialog, method, dialog.cseq, branch, headers, body);
    return new Promise((done, failed) => {
      const timer = setTimeout(() => failed(new Error(`${method}: no answer`)), PATIENCE_MS);
      this.handlers.set(branch, (answer) => {
        dialog.provisional = answer.status;
        if (answer.status < 200) return;
        clearTimeout(timer);
        this.handlers.delete(branch);
        if (method === "INVITE") {
          if (answer.status < 300) {
            dialog.to = answer.headers.to;
            dialog.uri = uriOf(answer.headers.contact) ?? dialog.uri;
            this.send(dialog, "ACK", dialog.cseq, `z9hG4bK${random(16)}`, {}, "");
          } else {
            this.send({ ...dialog, to: answer.headers.to }, "ACK", dialog.cseq, branch, {}, "");
          }
        }
        done(answer);
      });
    });
  }

  send(dialog, method, cseq, branch, headers, body) {
    const lines = [
      `${method} ${dialog.uri} SIP/2.0`, `Via: SIP/2.0/WSS ${this.host};branch=${branch}`, "Max-Forwards: 70",
      `From: ${dialog.from}`, `To: ${dialog.to}`, `Call-ID: ${dialog.callId}`, `CSeq: ${cseq} ${method}`,
    ];
    if (!headers.Contact && method === "INVITE") lines.push(`Contact: ${this.contact()}`);
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
    if (body) lines.push("Content-Type: application/sdp");
    lines.push(`Content-Length: ${new TextEncoder().encode(body).length}`, "", body);
    this.write(lines.join("\r\n"));
  }

  respond(request, status, body = "") {
    const { via, from, to, "call-id": callId, cseq } = request.headers;
    const lines = [`SIP/2.0 ${status}`, ...request.all.via.map((it) => `Via: ${it}`), `From: ${from}`, `To: ${to}`,
      `Call-ID: ${callId}`, `CSeq: ${cseq}`, `Contact: ${this.contact()}`];
    for (const route of request.all["record-route"] ?? []) lines.push(`Record-Route: ${route}`);
    if (body) lines.push("Content-Type: application/sdp");
    lines.push(`Content-Length: ${new TextEncoder().encode(body).length}`, "", body);
    this.write(lines.join("\r\n"));
  }

  write(text) {
    this.log.push(`> ${text}`);
    this.socket.send(text);
  }

  received(text) {
    if (text.trim() === "") return;
    this.log.push(`< ${text}`);
    const message = parse(text);
    if (message.status) {
      const branch = /branch=([^;,\s]+)/.exec(message.headers.via)?.[1];
      this.handlers.get(branch)?.(message);
      return;
    }
    const call = this.calls.find((it) => it.dialog.callId === message.headers["call-id"]);
    switch (message.method) {
      case "ACK": return;
      case "INVITE":
        if (call) return void call.offered(message);
        this.incoming.push(message);
        return this.respond({ ...message, headers: { ...message.headers, to: `${message.headers.to};tag=${random(10)}` } }, "180 Ringing");
      case "BYE":
        this.respond(message, "200 OK");
        return call?.close();
      case "CANCEL":
        this.incoming = this.incoming.filter((it) => it.headers["call-id"] !== message.headers["call-id"]);
        return this.respond(message, "200 OK");
      default: return this.respond(message, "200 OK");
    }
  }

  async proof(challenge, method, uri) {
    const of = (name) => new RegExp(`${name}="?([^",]+)"?`, "i").exec(challenge)?.[1];
    const [realm, nonce] = [of("realm"), of("nonce")];
    const [nc, cnonce] = ["00000001", random(12)];
    const one = await sha256(`${this.user}:${realm}:${this.password}`);
    const two = await sha256(`${method}:${uri}`);
    const response = await sha256(`${one}:${nonce}:${nc}:${cnonce}:auth:${two}`);
    return `Digest username="${this.user}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=SHA-256, ` +
      `qop=auth, nc=${nc}, cnonce="${cnonce}", response="${response}"`;
  }

  // A stream that says the tone, or what the microphone hears.
  async voice() {
    if (this.tone === null) {
      const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      return navigator.mediaDevices.getUserMedia({ audio: plain });
    }
    const oscillator = new OscillatorNode(this.sound, { frequency: this.tone });
    const level = new GainNode(this.sound, { gain: 0.3 });
    const out = new MediaStreamAudioDestinationNode(this.sound, { channelCount: 1 });
    oscillator.connect(level).connect(out);
    oscillator.start();
    return out.stream;
  }
}

class Call {
  constructor(phone, media) {
    this.phone = phone;
    this.media = media;
    this.over = false;
  }

  async open() {
    this.peer = new RTCPeerConnection({ iceServers: [] });
    this.began = performance.now();
    this.peer.onconnectionstatechange = () => {
      if (this.peer.connectionState === "connected") this.connected_ms ??= performance.now() - this.began;
    };
    this.peer.ontrack = ({ track, streams }) => this.listen(track, streams);
    const voice = await this.phone.voice();
    this.track = voice.getAudioTracks()[0];
    this.sender = this.peer.addTrack(this.track, voice);
    if (this.media.video) this.peer.addTransceiver("video", { direction: "sendrecv" });
    if (this.media.data) this.peer.createDataChannel("unused");
  }

  listen(track, streams) {
    this.streams = streams.length;
    const stream = new MediaStream([track]);
    // Without an element, Chromium gives the audio graph silence.
    this.element = new Audio();
    this.element.srcObject = stream;
    this.element.muted = true;
    void this.element.play();
    this.ear = new AnalyserNode(this.phone.sound, { fftSize: 8192 });
    new MediaStreamAudioSourceNode(this.phone.sound, { mediaStream: stream }).connect(this.ear);
  }

  async invite(edit = (sdp) => sdp, options = {}) {
    await this.peer.setLocalDescription(await this.peer.createOffer(options));
    await this.gathered();
    const body = edit(this.peer.localDescription.sdp);
    const answer = await this.phone.ask(this.dialog, "INVITE", {}, body);
    if (answer.status < 300) await this.peer.setRemoteDescription({ type: "answer", sdp: answer.body });
    this.answer = answer.body;
    return answer;
  }

  // The peer offers anew.
  async offered(request) {
    await this.takes(request.body);
    await this.peer.setLocalDescription(await this.peer.createAnswer());
    await this.gathered();
    this.phone.respond(request, "200 OK", this.peer.localDescription.sdp);
  }

  async takes(sdp) {
    await this.peer.setRemoteDescription({ type: "offer", sdp });
  }

  gathered() {
    return until("addresses are gathered", () => this.peer.iceGatheringState === "complete");
  }

  async connects() {
    await until("it is connected", () => this.peer.connectionState === "connected");
    return Math.round(this.connected_ms);
  }

  async hold() {
    this.transceiver().direction = "sendonly";
    return (await this.invite()).status;
  }

  async resume() {
    this.transceiver().direction = "sendrecv";
    return (await this.invite()).status;
  }

  async restart() {
    const status = (await this.invite(undefined, { iceRestart: true })).status;
    await until("it is connected again", () => this.peer.iceConnectionState === "connected" || this.peer.iceConnectionState === "completed");
    return status;
  }

  transceiver() {
    return this.peer.getTransceivers()[0];
  }

  async press(keys) {
    await until("keys can be pressed", () => this.sender.dtmf.canInsertDTMF);
    this.sender.dtmf.insertDTMF(keys, 120, 80);
    await until("the keys are pressed", () => this.sender.dtmf.toneBuffer === "");
    await pause(250);
  }

  async hangUp() {
    const answer = await this.phone.ask(this.dialog, "BYE");
    this.close();
    return answer.status;
  }

  close() {
    this.over = true;
    this.peer.close();
  }

  ends() {
    return until("the call ends", () => this.over);
  }

  // The level of a tone in what is heard, in dBFS; a sine wave at full scale is 0.
  level(hz) {
    const samples = new Float32Array(this.ear.fftSize);
    this.ear.getFloatTimeDomainData(samples);
    const step = (2 * Math.PI * hz) / this.phone.sound.sampleRate;
    let [re, im] = [0, 0];
    for (let place = 0; place < samples.length; place++) {
      // A Hann window, so that other tones do not spill over.
      const window = 1 - Math.cos((2 * Math.PI * place) / samples.length);
      re += samples[place] * window * Math.cos(step * place);
      im += samples[place] * window * Math.sin(step * place);
    }
    const amplitude = (2 * Math.hypot(re, im)) / samples.length;
    return 20 * Math.log10(Math.max(amplitude, 1e-6));
  }

  // Waits until a tone is heard for `ms` without a break.
  async hears(hz, ms = 600) {
    let since = null;
    await until(`${hz} Hz is heard`, () => {
      if (!this.ear || this.level(hz) < HEARD_DBFS) since = null;
      else since ??= performance.now();
      return since !== null && performance.now() - since >= ms;
    }, () => this.ear && `${this.level(hz).toFixed(1)} dBFS`);
    return this.level(hz);
  }

  // Waits until a tone is not heard for `ms`.
  async doesNotHear(hz, ms = 600) {
    let since = null;
    return until(`${hz} Hz is not heard`, () => {
      if (this.ear && this.level(hz) >= HEARD_DBFS) since = null;
      else since ??= performance.now();
      return since !== null && performance.now() - since >= ms;
    });
  }

  // Which codec and which protection are used.
  async statistics() {
    const found = {};
    for (const entry of (await this.peer.getStats()).values()) {
      if (entry.type === "codec") found.codec ??= entry.mimeType;
      if (entry.type === "transport") Object.assign(found, { srtp: entry.srtpCipher, dtls: entry.tlsVersion, role: entry.dtlsRole });
      if (entry.type === "inbound-rtp") Object.assign(found, { received: entry.packetsReceived, lost: entry.packetsLost });
    }
    return found;
  }
}

const HEARD_DBFS = -30;

function parse(text) {
  const end = text.indexOf("\r\n\r\n");
  const [first, ...lines] = text.slice(0, end).split("\r\n");
  const [headers, all] = [{}, {}];
  for (const line of lines) {
    const at = line.indexOf(":");
    const name = line.slice(0, at).trim().toLowerCase();
    const value = line.slice(at + 1).trim();
    headers[name] ??= value;
    (all[name] ??= []).push(value);
  }
  const status = /^SIP\/2\.0 (\d+)/.exec(first);
  return { headers, all, body: text.slice(end + 4), status: status && Number(status[1]), method: status ? null : first.split(" ")[0] };
}

function uriOf(contact) {
  return contact && (/<([^>]+)>/.exec(contact)?.[1] ?? contact);
}

async function sha256(text) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function random(length) {
  return [...crypto.getRandomValues(new Uint8Array(length))].map((byte) => (byte % 36).toString(36)).join("");
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

async function until(what, look, tell = () => "") {
  const deadline = performance.now() + PATIENCE_MS;
  while (!look()) {
    if (performance.now() > deadline) throw new Error(`waited for this to be so: ${what} ${tell()}`);
    await pause(20);
  }
  return true;
}
