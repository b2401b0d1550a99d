import { createServer } from "node:http";
import { log } from "./log.js";

const KEY = /^Key ([a-z0-9]{8,40})$/;
const FLUSH_MS = 10_000;

export function start({ port, handle, usage }) {
  const server = createServer(async (req, res) => {
    const [, key] = KEY.exec(req.headers.authorization ?? "") ?? [];
    if (!key) {
      res.writeHead(401).end();
      return;
    }
    usage.add(key);
    if (usage.due) {
      usage.flush();
    }
    try {
      await handle(req, res);
    } catch (error) {
      log.warn("request failed", { url: req.url, error: String(error) });
      if (!res.headersSent) {
        res.writeHead(500);
      }
      res.end();
    }
  });
  server.listen(port);
  const timer = setInterval(() => usage.flush(), FLUSH_MS);

  return async function stop() {
    await new Promise((resolve) => server.close(resolve));
    clearInterval(timer);
    await usage.flush();
    log.info("stopped");
  };
}
