#!/usr/bin/env node
import { parseArgs } from "node:util";
import { checkTree } from "../src/check.js";
import { formatters } from "../src/format.js";

const USAGE = `usage: linkcheck [--external] [--format text|json] DIRECTORY

  --external  also ask the web servers of links to other sites
  --format    how to print the findings, text if not given
`;

let options;
try {
  options = parseArgs({
    allowPositionals: true,
    options: {
      external: { type: "boolean", default: false },
      format: { type: "string", default: "text" },
    },
  });
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
const format = formatters.get(options.values.format);
if (options.positionals.length !== 1 || !format) {
  process.stderr.write(USAGE);
  process.exit(2);
}

const findings = await checkTree(options.positionals[0], options.values);
process.stdout.write(format(findings));
process.exitCode = findings.length > 0 ? 1 : 0;
