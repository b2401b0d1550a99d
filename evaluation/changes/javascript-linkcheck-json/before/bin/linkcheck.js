#!/usr/bin/env node
import { parseArgs } from "node:util";
import { checkTree } from "../src/check.js";

const USAGE = `usage: linkcheck [--external] DIRECTORY

  --external  also ask the web servers of links to other sites
`;

let options;
try {
  options = parseArgs({
    allowPositionals: true,
    options: { external: { type: "boolean", default: false } },
  });
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
if (options.positionals.length !== 1) {
  process.stderr.write(USAGE);
  process.exit(2);
}

const findings = await checkTree(options.positionals[0], options.values);
for (const finding of findings) {
  console.log(`${finding.file}:${finding.line}: ${finding.link} ${finding.problem}`);
}
process.exitCode = findings.length > 0 ? 1 : 0;
