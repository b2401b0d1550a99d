import { log } from "./log.js";

/** Counts API calls per key and writes them to the counter database in batches. */
export class Usage {
  #counts = new Map();
  #writing = Promise.resolve();
  #next = undefined;

  constructor(store, batch = 100) {
    this.store = store;
    this.batch = batch;
  }

  add(key) {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  get due() {
    return this.#counts.size >= this.batch;
  }

  /**
   * Writes what was counted so far. While a write runs, all calls share the one
   * that comes after it. Never rejects.
   */
  flush() {
    this.#next ??= this.#writing.then(() => {
      this.#next = undefined;
      this.#writing = this.#write();
      return this.#writing;
    });
    return this.#next;
  }

  async #write() {
    const counts = this.#counts;
    if (counts.size === 0) {
      return;
    }
    this.#counts = new Map();
    try {
      await this.store.increment(Object.fromEntries(counts));
    } catch (error) {
      log.warn("usage counts lost", { keys: counts.size, error: String(error) });
    }
  }
}
