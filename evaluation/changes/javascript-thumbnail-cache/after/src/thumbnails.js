import { Limiter } from "./limiter.js";
import { Lru } from "./lru.js";

const PARALLEL = 4;
const KEPT = 200;
const WIDTHS = new Set([64, 128, 256]);

/** Makes thumbnails. Resizing is heavy, so only a few run at the same time. */
export class Thumbnails {
  #limiter = new Limiter(PARALLEL);
  #recent = new Lru(KEPT);

  constructor(store, resize) {
    this.store = store;
    this.resize = resize;
  }

  async get(id, width) {
    if (!WIDTHS.has(width)) {
      throw new RangeError(`no thumbnails of width ${width}`);
    }
    await this.#limiter.acquire();
    // After the wait: the one before us in line may have made it.
    const key = `${id}@${width}`;
    const recent = this.#recent.get(key);
    if (recent) {
      return recent;
    }
    try {
      const image = await this.store.read(id);
      const thumbnail = await this.resize(image, width);
      this.#recent.set(key, thumbnail);
      return thumbnail;
    } finally {
      this.#limiter.release();
    }
  }
}
