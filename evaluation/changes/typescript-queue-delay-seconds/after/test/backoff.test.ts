import assert from "node:assert/strict";
import { test } from "node:test";
import { nextDelay } from "../src/lib/backoff";

test("doubles with each try, up to a minute", () => {
  const random = () => 1;
  assert.deepEqual(
    [0, 1, 2, 3, 10].map((attempt) => nextDelay({ attempt, random })),
    [0.5, 1, 2, 4, 60],
  );
});

test("is random in the upper half", () => {
  assert.equal(nextDelay({ attempt: 2, random: () => 0 }), 1);
  assert.equal(nextDelay({ attempt: 2, random: () => 0.5 }), 1.5);
});

test("does what the other side asks for", () => {
  assert.equal(nextDelay({ attempt: 0, retryAfter: "7" }), 7);
  assert.equal(nextDelay({ attempt: 0, retryAfter: "600" }), 60);
});

test("ignores dates", () => {
  const retryAfter = "Fri, 01 Mar 2024 07:00:00 GMT";
  assert.equal(nextDelay({ attempt: 0, retryAfter, random: () => 1 }), 0.5);
});
