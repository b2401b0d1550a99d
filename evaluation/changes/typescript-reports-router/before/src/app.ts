import express from "express";
import { requireSession } from "./auth/middleware";
import { adminRouter } from "./routes/admin";
import { projectsRouter } from "./routes/projects";
import { sessionRouter } from "./routes/session";

export function createApp() {
  const app = express();
  app.disable("x-powered-by");
  app.use(express.json({ limit: "256kb" }));

  app.use("/api/session", sessionRouter);
  app.use("/api/projects", requireSession, projectsRouter);
  app.use("/api/admin", requireSession, adminRouter);

  return app;
}
