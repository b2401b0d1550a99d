import { createServer } from "node:http";
import { log } from "./log.js";

const KEY = /^Key ([a-z0-9]{8,40})$/;

export function start({ port, handle, usage }) {
  const server = createServer(async (req, res) => {
    const [, key] = KEY.exec(req.headers.authorization ?? "") ?? [];
    if (!key) {
      res.writeHead(401).end();
      return;
    }
    usage.add(key);
    if (usage.due) {
      await usage.flush();
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

  return async function stop() {
    await new Promise((resolve) => server.close(resolve));
    log.info("stopped");
  };
}
