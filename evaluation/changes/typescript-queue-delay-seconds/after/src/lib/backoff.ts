/** Delays between tries, shared by everything that talks to a remote side. */

const BASE_SECONDS = 0.5;
const MAX_SECONDS = 60;

export interface Backoff {
  /** Tries that have failed so far. */
  attempt: number;
  /** Value of a Retry-After header, if the remote side sent one. */
  retryAfter?: string | null;
  /** Between 0 and 1; only tests set it. */
  random?: () => number;
}

/** How long to wait before the next try, in seconds. */
export function nextDelay({ attempt, retryAfter, random = Math.random }: Backoff): number {
  const asked = parseRetryAfter(retryAfter);
  if (asked !== undefined) {
    return Math.min(asked, MAX_SECONDS);
  }
  const full = Math.min(BASE_SECONDS * 2 ** attempt, MAX_SECONDS);
  return full / 2 + random() * (full / 2);
}

/** Seconds, or undefined when there is no header or it holds a date (we ignore those). */
function parseRetryAfter(value: string | null | undefined): number | undefined {
  if (!value || !/^\d+$/.test(value.trim())) {
    return undefined;
  }
  return Number(value);
}
