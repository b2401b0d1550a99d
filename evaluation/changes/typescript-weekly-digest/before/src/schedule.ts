import { closeStale, type AlertJobDeps } from "./alerts/jobs";

export interface Entry {
  name: string;
  /** Five fields, in UTC. */
  cron: string;
  run(deps: AlertJobDeps, now: Date): Promise<number>;
}

/** What the scheduler runs; it logs the number that comes back. */
export const schedule: Entry[] = [
  { name: "close-stale-alerts", cron: "30 2 * * *", run: closeStale },
];
