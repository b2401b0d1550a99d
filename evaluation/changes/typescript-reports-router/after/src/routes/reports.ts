import { Router, type Request, type Response } from "express";
import { billingTotals, slowestProjects, usageByMonth } from "../reports/queries";
import { toCsv } from "../reports/csv";
import { db } from "../db";

export const reportsRouter = Router();

/** Active projects and requests, month by month. */
reportsRouter.get("/usage", async (req: Request, res: Response) => {
  const year = yearOf(req);
  if (year === undefined) {
    badYear(res);
    return;
  }
  res.json(await usageByMonth(db, year));
});

/** What each customer was billed, as JSON or as a sheet. */
reportsRouter.get("/billing", async (req: Request, res: Response) => {
  const year = yearOf(req);
  if (year === undefined) {
    badYear(res);
    return;
  }
  const rows = await billingTotals(db, year);
  if (req.query.format === "csv") {
    res.attachment(`billing-${year}.csv`).type("text/csv").send(toCsv(rows));
    return;
  }
  res.json(rows);
});

reportsRouter.get("/slowest", async (_req: Request, res: Response) => {
  res.json(await slowestProjects(db));
});

function yearOf(req: Request): number | undefined {
  const value = String(req.query.year ?? "");
  return /^\d{4}$/.test(value) ? Number(value) : undefined;
}

function badYear(res: Response): void {
  res.status(400).json({ error: "year must have four digits" });
}
