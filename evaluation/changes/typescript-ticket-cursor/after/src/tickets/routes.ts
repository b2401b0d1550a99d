import type { Request, Response } from "express";
import type { Database } from "../db";
import { listTickets } from "./list";

/** GET /projects/:project/tickets */
export function listHandler(db: Database) {
  return async (req: Request, res: Response): Promise<void> => {
    const limit = positive(req.query.limit);
    const after = positive(req.query.after);
    if (limit === null || after === null) {
      res.status(400).json({ error: "limit and after must be whole numbers above 0" });
      return;
    }
    res.json(await listTickets(db, { project: req.params.project, limit, after }));
  };
}

/** undefined when the parameter is missing, null when it makes no sense. */
function positive(value: unknown): number | undefined | null {
  if (value === undefined) {
    return undefined;
  }
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : null;
}
