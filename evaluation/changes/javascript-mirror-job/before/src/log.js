/** One JSON object a line; the collector takes it from there to the log search. */
export const log = {
  info: (message, fields = {}) => write("info", message, fields),
  warn: (message, fields = {}) => write("warn", message, fields),
  error: (message, fields = {}) => write("error", message, fields),
};

function write(level, message, fields) {
  process.stdout.write(JSON.stringify({ at: new Date().toISOString(), level, message, ...fields }) + "\n");
}
