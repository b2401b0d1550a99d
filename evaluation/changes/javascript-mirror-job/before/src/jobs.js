import { log } from "./log.js";
import { pruneUploads } from "./uploads.js";

/** All nightly jobs; the scheduler runs them one after the other. */
export const nightly = [
  { name: "prune-uploads", run: pruneUploads },
];

export async function runNightly(context) {
  let failed = 0;
  for (const job of nightly) {
    try {
      await job.run(context);
      log.info("job done", { job: job.name });
    } catch (error) {
      failed++;
      log.error("job failed", { job: job.name, error: error.message });
    }
  }
  return failed;
}
