import type { Socket } from "jssip";

/**
 * The WebSocket under SIP (RFC 7118). JsSIP's own does not notice when the network is gone: this one asks every
 * few seconds whether the server is still there (RFC 5626 §3.5.1), and closes when it does not answer.
 */
export class WatchedSocket implements Socket {
  readonly via_transport = "WSS";
  readonly sip_uri: string;
  onconnect: () => void = () => undefined;
  ondisconnect: (error: boolean, code?: number, reason?: string) => void = () => undefined;
  ondata: <T>(data: T) => void = () => undefined;
  #socket: WebSocket | undefined;
  #asking: number | undefined;
  #answered = true;

  constructor(readonly url: string) {
    const { hostname, port } = new URL(url);
    this.sip_uri = `sip:${hostname}${port === "" ? "" : `:${port}`};transport=ws`;
  }

  connect(): void {
    if (this.isConnected() || this.isConnecting()) {
      return;
    }
    const socket = new WebSocket(this.url, "sip");
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#answered = true;
      this.#asking = window.setInterval(() => this.#ask(), ASKED_EVERY_MS);
      this.onconnect();
    });
    socket.addEventListener("close", (event) => {
      if (this.#socket === socket) {
        this.#drop();
        this.ondisconnect(!event.wasClean, event.code, event.reason);
      }
    });
    socket.addEventListener("message", (event: MessageEvent<unknown>) => {
      this.#answered = true;
      if (event.data === PING) {
        socket.send(PONG);
      } else if (typeof event.data === "string" && event.data !== PONG) {
        this.ondata(challengedInMd5(event.data));
      }
    });
  }

  disconnect(): void {
    const socket = this.#socket;
    this.#drop();
    socket?.close();
  }

  send(message: string): boolean {
    if (!this.isConnected()) {
      return false;
    }
    this.#socket?.send(message);
    return true;
  }

  isConnected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  isConnecting(): boolean {
    return this.#socket?.readyState === WebSocket.CONNECTING;
  }

  /** Looks at once whether the server is there, as after the network changed. */
  check(): void {
    if (this.isConnected()) {
      this.#answered = false;
      this.send(PING);
      window.setTimeout(() => this.#answered || this.#giveUp(), CHECKED_WITHIN_MS);
    }
  }

  #ask(): void {
    if (!this.#answered) {
      this.#giveUp();
      return;
    }
    this.#answered = false;
    this.send(PING);
  }

  #giveUp(): void {
    const socket = this.#socket;
    if (socket !== undefined) {
      this.#drop();
      socket.close();
      this.ondisconnect(true, 1006, "no answer");
    }
  }

  #drop(): void {
    window.clearInterval(this.#asking);
    this.#socket = undefined;
  }
}


/** JsSIP answers MD5 alone, and of several challenges looks at the last: it is shown no other. */
export function challengedInMd5(message: string): string {
  return message.startsWith("SIP/2.0 40") ? message.replaceAll(OTHER_CHALLENGE, "") : message;
}

const OTHER_CHALLENGE = /^(?:WWW|Proxy)-Authenticate:[^\r\n]*algorithm="?SHA[^\r\n]*\r\n/gim;
const PING = "\r\n\r\n";
const PONG = "\r\n";
const ASKED_EVERY_MS = 10_000;
const CHECKED_WITHIN_MS = 2_000;
