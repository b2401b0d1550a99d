import type { NextFunction, Request, Response } from "express";
import { readSession } from "./session";

export type Role = "customer" | "operator";

/** Refuses requests without a valid session, and puts the user on the others. */
export function requireSession(req: Request, res: Response, next: NextFunction): void {
  const session = readSession(req.headers.cookie);
  if (!session) {
    res.status(401).json({ error: "sign in first" });
    return;
  }
  res.locals.user = session.user;
  next();
}

/** Comes after requireSession. */
export function requireRole(role: Role) {
  return (_req: Request, res: Response, next: NextFunction): void => {
    if (res.locals.user?.role !== role) {
      res.status(403).json({ error: "not for you" });
      return;
    }
    next();
  };
}
