/** Lets at most `size` callers through at once; the others wait in line. */
export class Limiter {
  #free;
  #waiting = [];

  constructor(size) {
    this.#free = size;
  }

  async acquire() {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise((resolve) => this.#waiting.push(resolve));
  }

  release() {
    const next = this.#waiting.shift();
    if (next) {
      next();
    } else {
      this.#free++;
    }
  }
}
