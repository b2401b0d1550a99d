import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { mirrorAll } from "../src/mirror.js";

let mirrors;

beforeEach(async () => {
  mirrors = await mkdtemp(join(tmpdir(), "mirror-"));
});

afterEach(() => rm(mirrors, { recursive: true, force: true }));

function options(over) {
  return { mirrors, repositories: ["acme/site"], host: "git.example.org", token: "t", ...over };
}

test("makes the mirror the first time", async () => {
  const calls = [];
  await mirrorAll(options({ git: async (args) => calls.push(args) }));
  assert.equal(calls.length, 2);
  assert.deepEqual(calls[0].slice(0, 2), ["init", "--bare"]);
  assert.equal(calls[1][2], "fetch");
});

test("only fetches when the mirror is there", async () => {
  await mkdir(join(mirrors, "acme/site.git"), { recursive: true });
  const calls = [];
  await mirrorAll(options({ git: async (args) => calls.push(args) }));
  assert.deepEqual(calls.map((args) => args[2]), ["fetch"]);
});

test("goes on after a failure and names it at the end", () => {
  const git = async (args) => {
    if (args.some((arg) => arg.includes("acme/broken"))) {
      throw new Error("no such repository");
    }
  };
  const repositories = ["acme/broken", "acme/site"];
  assert.rejects(mirrorAll(options({ repositories, git })), /could not mirror acme\/broken$/);
});
