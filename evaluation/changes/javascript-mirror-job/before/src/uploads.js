import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

const KEEP_MS = 14 * 24 * 60 * 60 * 1000;

/** Removes uploads that nobody has finished within two weeks. */
export async function pruneUploads({ uploads, now = Date.now() }) {
  for (const name of await readdir(uploads)) {
    const path = join(uploads, name);
    const { mtimeMs } = await stat(path);
    if (now - mtimeMs > KEEP_MS) {
      await rm(path, { recursive: true, force: true });
    }
  }
}
