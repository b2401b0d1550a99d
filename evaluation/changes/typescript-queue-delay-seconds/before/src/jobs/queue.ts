export interface Job {
  id: string;
  kind: string;
  payload: unknown;
  attempt: number;
}

export interface Queue {
  take(): Promise<Job | undefined>;
  done(job: Job): Promise<void>;
  /** Makes the job visible again after `delaySeconds` whole seconds. */
  putBack(job: Job, delaySeconds: number): Promise<void>;
  bury(job: Job, reason: string): Promise<void>;
}
