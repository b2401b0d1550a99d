import type { Alert } from "./types";
import { digestMail } from "./digest";
import { alertMail, type Mail } from "./mail";

export interface Subscriber {
  mail: string;
  everyAlert: boolean;
}

export interface AlertJobDeps {
  openAlerts(): Promise<Alert[]>;
  subscribers(): Promise<Subscriber[]>;
  send(mail: Mail): Promise<void>;
  /** Returns how many it closed. */
  closeOpenedBefore(limit: Date): Promise<number>;
}

/** Called by the watcher for each alert that it opens. */
export async function announce(deps: AlertJobDeps, alert: Alert): Promise<void> {
  for (const subscriber of await deps.subscribers()) {
    if (subscriber.everyAlert) {
      await deps.send(alertMail(subscriber.mail, alert));
    }
  }
}

/** Nobody looks at alerts that are open for a quarter of a year. */
export async function closeStale(deps: AlertJobDeps, now: Date): Promise<number> {
  return deps.closeOpenedBefore(new Date(now.getTime() - 90 * 24 * 60 * 60 * 1000));
}

/** To everybody who does not get the single mails. Returns how many it sent. */
export async function weeklyDigest(deps: AlertJobDeps, now: Date): Promise<number> {
  const alerts = await deps.openAlerts();
  if (alerts.length === 0) {
    return 0;
  }
  let sent = 0;
  for (const subscriber of await deps.subscribers()) {
    if (!subscriber.everyAlert) {
      await deps.send(digestMail(subscriber.mail, alerts, now));
      sent++;
    }
  }
  return sent;
}
