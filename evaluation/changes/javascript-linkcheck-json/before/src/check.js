import { access, readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

const LINK = /\]\(([^)\s]+)\)/g;

/** Findings of all Markdown files below a directory, sorted by file and line. */
export async function checkTree(root, { external = false } = {}) {
  const findings = [];
  const entries = await readdir(root, { recursive: true });
  for (const file of entries.filter((entry) => entry.endsWith(".md")).sort()) {
    const lines = (await readFile(join(root, file), "utf8")).split("\n");
    for (const [index, text] of lines.entries()) {
      for (const [, link] of text.matchAll(LINK)) {
        const problem = await problemOf(link, join(root, file), external);
        if (problem) {
          findings.push({ file, line: index + 1, link, problem });
        }
      }
    }
  }
  return findings;
}

async function problemOf(link, file, external) {
  if (link.startsWith("#") || link.startsWith("mailto:")) {
    return undefined;
  }
  if (/^https?:/.test(link)) {
    return external ? askServer(link) : undefined;
  }
  const target = resolve(dirname(file), decodeURIComponent(link.split("#")[0]));
  return access(target).then(() => undefined, () => "does not exist");
}

async function askServer(link) {
  try {
    const { status } = await fetch(link, { method: "HEAD", signal: AbortSignal.timeout(10_000) });
    return status < 400 ? undefined : `answers ${status}`;
  } catch {
    return "does not answer";
  }
}
