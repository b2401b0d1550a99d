import type { Alert, Severity } from "./types";
import type { Mail } from "./mail";

const DAY_MS = 24 * 60 * 60 * 1000;
const RANK: Record<Severity, number> = { critical: 0, high: 1, low: 2 };

/** The digest for one subscriber; alerts must not be empty. */
export function digestMail(to: string, alerts: Alert[], now: Date): Mail {
  const sorted = [...alerts].sort(
    (a, b) => RANK[a.severity] - RANK[b.severity] || a.openedAt.getTime() - b.openedAt.getTime(),
  );
  const noun = sorted.length === 1 ? "alert" : "alerts";
  return {
    to,
    subject: `${sorted.length} open ${noun}`,
    text: sorted.map((alert) => line(alert, now)).join("\n") + "\n",
  };
}

function line(alert: Alert, now: Date): string {
  const days = Math.floor((now.getTime() - alert.openedAt.getTime()) / DAY_MS);
  return `${alert.severity.padEnd(8)} ${alert.service}: ${alert.text} (${age(days)})`;
}

function age(days: number): string {
  if (days < 1) {
    return "today";
  }
  return days === 1 ? "1 day" : `${days} days`;
}
