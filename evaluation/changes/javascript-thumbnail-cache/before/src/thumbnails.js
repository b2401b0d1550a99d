import { Limiter } from "./limiter.js";

const PARALLEL = 4;
const WIDTHS = new Set([64, 128, 256]);

/** Makes thumbnails. Resizing is heavy, so only a few run at the same time. */
export class Thumbnails {
  #limiter = new Limiter(PARALLEL);

  constructor(store, resize) {
    this.store = store;
    this.resize = resize;
  }

  async get(id, width) {
    if (!WIDTHS.has(width)) {
      throw new RangeError(`no thumbnails of width ${width}`);
    }
    await this.#limiter.acquire();
    try {
      const image = await this.store.read(id);
      return await this.resize(image, width);
    } finally {
      this.#limiter.release();
    }
  }
}
