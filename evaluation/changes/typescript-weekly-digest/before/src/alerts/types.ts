export type Severity = "low" | "high" | "critical";

export interface Alert {
  id: string;
  service: string;
  severity: Severity;
  text: string;
  openedAt: Date;
  closedAt?: Date;
}
