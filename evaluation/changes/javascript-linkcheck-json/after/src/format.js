/** By name on the command line; each turns the findings into what is printed. */
export const formatters = new Map([
  ["text", formatText],
  ["json", formatJson],
]);

export function formatText(findings) {
  return findings
    .map(({ file, line, link, problem }) => `${file}:${line}: ${link} ${problem}\n`)
    .join("");
}

export function formatJson(findings) {
  const files = {};
  for (const { file, ...rest } of findings) {
    (files[file] ??= []).push(rest);
  }
  return JSON.stringify({ version: 1, count: findings.length, files }, null, 2) + "\n";
}
