import { Router, type Request, type Response } from "express";
import { billingTotals, slowestProjects, usageByMonth } from "../reports/queries";
import { toCsv } from "../reports/csv";
import { db } from "../db";
import { disableUser, findUser, listUsers } from "../users/store";
import { requireRole } from "../auth/middleware";

const PAGE_SIZE = 100;

export const adminRouter = Router();

// All of this is for operators, customers never get here.
adminRouter.use(requireRole("operator"));

adminRouter.get("/users", async (req: Request, res: Response) => {
  const page = Math.max(1, Number(req.query.page) || 1);
  res.json(await listUsers(db, { page, size: PAGE_SIZE }));
});

adminRouter.get("/users/:id", async (req: Request, res: Response) => {
  const user = await findUser(db, req.params.id);
  if (!user) {
    res.status(404).json({ error: "no such user" });
    return;
  }
  res.json(user);
});

adminRouter.post("/users/:id/disable", async (req: Request, res: Response) => {
  const user = await findUser(db, req.params.id);
  if (!user) {
    res.status(404).json({ error: "no such user" });
    return;
  }
  await disableUser(db, user.id);
  res.status(204).end();
});

adminRouter.get("/reports/usage", async (req: Request, res: Response) => {
  const year = reportYear(req);
  if (year === undefined) {
    res.status(400).json({ error: "year must have four digits" });
    return;
  }
  res.json(await usageByMonth(db, year));
});

adminRouter.get("/reports/billing", async (req: Request, res: Response) => {
  const year = reportYear(req);
  if (year === undefined) {
    res.status(400).json({ error: "year must have four digits" });
    return;
  }
  const rows = await billingTotals(db, year);
  if (req.query.format === "csv") {
    res.type("text/csv").send(toCsv(rows));
    return;
  }
  res.json(rows);
});

adminRouter.get("/reports/slowest", async (_req: Request, res: Response) => {
  res.json(await slowestProjects(db));
});

function reportYear(req: Request): number | undefined {
  const value = String(req.query.year ?? "");
  return /^\d{4}$/.test(value) ? Number(value) : undefined;
}
