/** Delays between tries, shared by everything that talks to a remote side. */

const BASE_MS = 500;
const MAX_MS = 60_000;

export interface Backoff {
  /** Tries that have failed so far. */
  attempt: number;
  /** Value of a Retry-After header, if the remote side sent one. */
  retryAfter?: string | null;
}

/** How long to wait before the next try, in milliseconds. */
export function nextDelay({ attempt, retryAfter }: Backoff): number {
  const asked = parseRetryAfter(retryAfter);
  if (asked !== undefined) {
    return Math.min(asked * 1000, MAX_MS);
  }
  const full = Math.min(BASE_MS * 2 ** attempt, MAX_MS);
  return full / 2 + Math.random() * (full / 2);
}

/** Seconds, or undefined when there is no header or it holds a date (we ignore those). */
function parseRetryAfter(value: string | null | undefined): number | undefined {
  if (!value || !/^\d+$/.test(value.trim())) {
    return undefined;
  }
  return Number(value);
}
