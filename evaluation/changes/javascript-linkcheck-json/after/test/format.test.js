import assert from "node:assert/strict";
import { test } from "node:test";
import { formatJson, formatText } from "../src/format.js";

const FINDINGS = [
  { file: "a.md", line: 3, link: "b.md", problem: "does not exist" },
  { file: "a.md", line: 9, link: "c.md", problem: "does not exist" },
  { file: "sub/d.md", line: 1, link: "../e.md", problem: "does not exist" },
];

test("text has a line for each finding", () => {
  assert.equal(
    formatText(FINDINGS),
    "a.md:3: b.md does not exist\na.md:9: c.md does not exist\nsub/d.md:1: ../e.md does not exist\n",
  );
  assert.equal(formatText([]), "");
});

test("JSON groups the findings by file", () => {
  assert.deepEqual(JSON.parse(formatJson(FINDINGS)), {
    version: 1,
    count: 3,
    files: {
      "a.md": [
        { line: 3, link: "b.md", problem: "does not exist" },
        { line: 9, link: "c.md", problem: "does not exist" },
      ],
      "sub/d.md": [{ line: 1, link: "../e.md", problem: "does not exist" }],
    },
  });
});

test("JSON is there without findings too", () => {
  assert.deepEqual(JSON.parse(formatJson([])), { version: 1, count: 0, files: {} });
});
