import { Router, type Request, type Response } from "express";
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
