import { nextDelay } from "../lib/backoff";
import type { Job, Queue } from "./queue";

const MAX_ATTEMPTS = 8;

export type Handler = (job: Job) => Promise<void>;

export class Worker {
  constructor(
    private readonly queue: Queue,
    private readonly handlers: Map<string, Handler>,
  ) {}

  /** Runs one job, if there is one. Returns whether it found any. */
  async step(): Promise<boolean> {
    const job = await this.queue.take();
    if (!job) {
      return false;
    }
    const handler = this.handlers.get(job.kind);
    if (!handler) {
      await this.queue.bury(job, `no handler for ${job.kind}`);
      return true;
    }
    try {
      await handler(job);
      await this.queue.done(job);
    } catch (error) {
      await this.failed(job, error);
    }
    return true;
  }

  private async failed(job: Job, error: unknown): Promise<void> {
    const attempt = job.attempt + 1;
    if (attempt >= MAX_ATTEMPTS) {
      await this.queue.bury(job, String(error));
      return;
    }
    await this.queue.putBack({ ...job, attempt }, Math.ceil(nextDelay({ attempt })));
  }
}
