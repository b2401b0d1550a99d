import type { Alert } from "./types";

export interface Mail {
  to: string;
  subject: string;
  text: string;
}

export function alertMail(to: string, alert: Alert): Mail {
  return {
    to,
    subject: `[${alert.severity}] ${alert.service}`,
    text: `${alert.text}\n\nOpen since ${alert.openedAt.toISOString()}\n`,
  };
}
