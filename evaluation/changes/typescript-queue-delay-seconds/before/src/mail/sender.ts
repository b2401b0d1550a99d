import { setTimeout as sleep } from "node:timers/promises";
import { nextDelay } from "../lib/backoff";

const MAX_TRIES = 5;

export interface Mail {
  to: string;
  subject: string;
  body: string;
}

export interface Relay {
  send(mail: Mail): Promise<{ accepted: boolean; retryAfter?: string }>;
}

/** Hands a mail to the relay; the relay throttles us in the mornings. */
export async function deliver(relay: Relay, mail: Mail): Promise<void> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const answer = await relay.send(mail);
    if (answer.accepted) {
      return;
    }
    await sleep(nextDelay({ attempt, retryAfter: answer.retryAfter }));
  }
  throw new Error(`relay refused the mail to ${mail.to} ${MAX_TRIES} times`);
}
