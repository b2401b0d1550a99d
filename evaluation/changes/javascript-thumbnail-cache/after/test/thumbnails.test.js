import assert from "node:assert/strict";
import { test } from "node:test";
import { Thumbnails } from "../src/thumbnails.js";

function counting() {
  const made = [];
  const store = { read: async (id) => Buffer.from(id) };
  const resize = async (image, width) => {
    made.push(`${image}@${width}`);
    return Buffer.alloc(width);
  };
  return { made, thumbnails: new Thumbnails(store, resize) };
}

test("makes a thumbnail once", async () => {
  const { made, thumbnails } = counting();
  const first = await thumbnails.get("a", 64);
  assert.equal(await thumbnails.get("a", 64), first);
  assert.deepEqual(made, ["a@64"]);
});

test("makes each width", async () => {
  const { made, thumbnails } = counting();
  await thumbnails.get("a", 64);
  await thumbnails.get("a", 128);
  assert.deepEqual(made, ["a@64", "a@128"]);
});
