import type { Reason } from "./machine";

/** What a final response to a call means to who called. */
export function ofStatus(status: number): Reason {
  switch (status) {
    case 486:
    case 600:
      return "busy";
    case 404:
    case 484:
    case 604:
      return "unknown";
    case 480:
    case 410:
      return "unavailable";
    case 408:
      return "no-answer";
    case 403:
    case 401:
    case 407:
      return "forbidden";
    case 487:
      return "cancelled";
    case 603:
      return "declined";
    case 502:
    case 503:
    case 504:
      return "no-line";
    default:
      return "failed";
  }
}

/** What a library calls what happened without a response. */
export function ofCause(cause: string): Reason {
  switch (cause) {
    case "User Denied Media Access":
      return "no-microphone";
    case "Connection Error":
    case "RTP Timeout":
      return "connection";
    case "Request Timeout":
    case "No Answer":
    case "Expires":
      return "no-answer";
    case "Canceled":
      return "cancelled";
    case "Rejected":
      return "declined";
    case "Busy":
      return "busy";
    case "Terminated":
      return "hung-up";
    default:
      return "failed";
  }
}

/** Whether a cancelled call was answered on another phone (RFC 3326). */
export function wasElsewhere(reason: string | undefined): boolean {
  return reason !== undefined && /cause\s*=\s*200\b/.test(reason);
}
