import { NameAddrHeader, UA } from "jssip";
import type { Engine, Listener, Login, Quality } from "./engine";
import { ofCause, ofStatus, wasElsewhere } from "./reason";
import { WatchedSocket } from "./socket";
import { chosenMicrophone, playRemote, stopRemote } from "./sound";

type Session = ReturnType<UA["call"]>;

/** The phone that speaks SIP with JsSIP. */
export class JsSipEngine implements Engine {
  #agent: UA | undefined;
  #socket: WatchedSocket | undefined;
  #servers: readonly RTCIceServer[] = [];
  readonly #sessions = new Map<string, Session>();

  constructor(readonly listener: Listener) {
    // A network that came back is used at once; one that changed shows when nobody answers on it.
    window.addEventListener("online", () => this.#socket?.check());
  }

  start(login: Login): void {
    const socket = new WatchedSocket(login.websocket);
    const agent = new UA({
      sockets: socket,
      uri: login.uri,
      authorization_user: login.user,
      password: login.password,
      realm: login.realm,
      register_expires: 120,
      session_timers: true,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
      user_agent: "Bellwire portal",
    });
    this.#socket = socket;
    this.#agent = agent;
    this.#servers = login.iceServers;
    agent.on("connecting", () => this.listener.link("connecting"));
    agent.on("registered", () => this.listener.link("registered"));
    agent.on("unregistered", () => this.listener.link("lost"));
    agent.on("registrationFailed", () => this.listener.link("lost"));
    agent.on("disconnected", () => this.listener.link("lost"));
    agent.on("newRTCSession", (event: { originator: string; session: Session }) => {
      if (event.originator === "remote") {
        const id = crypto.randomUUID();
        this.#follow(id, event.session);
        const { display_name: name, uri } = event.session.remote_identity;
        this.listener.incoming(id, uri.user, name ?? "");
      }
    });
    agent.start();
  }

  renew(login: Login): void {
    this.#agent?.set("authorization_user", login.user);
    this.#agent?.set("password", login.password);
  }

  stop(): void {
    this.#agent?.stop();
    this.#agent = undefined;
    this.#socket = undefined;
    this.#sessions.clear();
  }

  call(id: string, number: string): void {
    const session = this.#agent?.call(number, this.#options());
    if (session === undefined) {
      this.listener.ended(id, "connection");
      return;
    }
    this.#follow(id, session);
  }

  accept(id: string): void {
    this.#with(id, (session) => session.answer(this.#options()));
  }

  refuse(id: string, status: number): void {
    this.#with(id, (session) => session.terminate({ status_code: status }));
  }

  end(id: string): void {
    this.#with(id, (session) => session.terminate());
  }

  mute(id: string, on: boolean): void {
    this.#with(id, (session) => (on ? session.mute({ audio: true }) : session.unmute({ audio: true })));
  }

  hold(id: string, on: boolean): void {
    this.#with(id, (session) => void (on ? session.hold() : session.unhold()));
  }

  sendKeys(id: string, keys: string): void {
    this.#with(id, (session) => {
      const sender = session.connection.getSenders().find((other) => other.dtmf !== null);
      // RFC 4733 by the browser itself, which queues what is pressed meanwhile.
      sender?.dtmf?.insertDTMF((sender.dtmf.toneBuffer ?? "") + keys, 120, 80);
    });
  }

  async quality(id: string): Promise<Quality | undefined> {
    const connection: RTCPeerConnection | undefined = this.#sessions.get(id)?.connection;
    return connection === undefined ? undefined : measured(await connection.getStats());
  }

  #with(id: string, what: (session: Session) => void): void {
    const session = this.#sessions.get(id);
    if (session !== undefined && !session.isEnded()) {
      what(session);
    }
  }

  #options() {
    return {
      mediaConstraints: { audio: chosenMicrophone(), video: false },
      pcConfig: { iceServers: [...this.#servers], bundlePolicy: "max-bundle" as const },
    };
  }

  #follow(id: string, session: Session): void {
    const { listener } = this;
    this.#sessions.set(id, session);
    const hear = (connection: RTCPeerConnection) =>
      connection.addEventListener("track", (event) => {
        const [stream] = event.streams;
        if (stream !== undefined) {
          playRemote(id, stream);
        }
      });
    // A call out has its connection already when its session is told of.
    if (session.connection as RTCPeerConnection | undefined) {
      hear(session.connection);
    }
    session.on("peerconnection", ({ peerconnection }) => hear(peerconnection));
    session.on("progress", (event: Told) => {
      if (event.originator === "remote") {
        listener.progress(id, hasBody(event.response));
      }
    });
    session.on("accepted", (event: Told) => {
      listener.answered(id);
      this.#rename(id, event.response);
    });
    session.on("reinvite", (event) => this.#rename(id, event.request));
    session.on("update", (event) => this.#rename(id, event.request));
    session.on("hold", (event) => event.originator === "remote" && listener.otherHeld(id, true));
    session.on("unhold", (event) => event.originator === "remote" && listener.otherHeld(id, false));
    session.on("ended", () => this.#over(id, "hung-up"));
    session.on("failed", (event) => {
      const message: unknown = event.message;
      if (event.originator === "local" && event.cause === "Canceled") {
        this.#over(id, "cancelled");
      } else if (isResponse(message)) {
        this.#over(id, ofStatus(message.status_code));
      } else if (isMessage(message) && wasElsewhere(message.getHeader("Reason"))) {
        this.#over(id, "elsewhere");
      } else {
        this.#over(id, ofCause(event.cause));
      }
    });
  }

  #over(id: string, reason: Parameters<Listener["ended"]>[1]): void {
    this.#sessions.delete(id);
    stopRemote(id);
    this.listener.ended(id, reason);
  }

  /** Who it is that is talked with, when the server says so (RFC 3325). */
  #rename(id: string, message: unknown): void {
    const asserted = isMessage(message) ? message.getHeader("P-Asserted-Identity") : undefined;
    const identity = asserted === undefined ? undefined : NameAddrHeader.parse(asserted);
    if (identity?.uri.user) {
      this.listener.renamed(id, identity.uri.user, identity.display_name ?? "");
    }
  }
}

/** What JsSIP's two kinds of events have in common. */
interface Told {
  readonly originator: string;
  readonly response?: unknown;
}

interface Message {
  getHeader(name: string): string | undefined;
  readonly body?: string | null;
}

function isMessage(message: unknown): message is Message {
  return typeof message === "object" && message !== null && "getHeader" in message;
}

function isResponse(message: unknown): message is { status_code: number } {
  return isMessage(message) && typeof (message as unknown as { status_code?: unknown }).status_code === "number";
}

function hasBody(message: unknown): boolean {
  return isMessage(message) && Boolean(message.body);
}

function measured(stats: RTCStatsReport): Quality | undefined {
  let quality: Quality | undefined;
  let roundTripMs = 0;
  for (const entry of stats.values() as Iterable<Record<string, unknown>>) {
    if (entry["type"] === "candidate-pair" && entry["nominated"] === true) {
      roundTripMs = number(entry["currentRoundTripTime"]) * 1_000;
    }
    if (entry["type"] === "inbound-rtp" && entry["kind"] === "audio") {
      const lost = number(entry["packetsLost"]);
      const expected = lost + number(entry["packetsReceived"]);
      quality = { loss: expected > 0 ? lost / expected : 0, jitterMs: number(entry["jitter"]) * 1_000, roundTripMs: 0 };
    }
  }
  return quality === undefined ? undefined : { ...quality, roundTripMs };
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
