import type { Database } from "../db";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

export interface Ticket {
  id: number;
  project: string;
  title: string;
  state: "open" | "closed";
}

export interface ListQuery {
  project: string;
  limit?: number;
  /** Counted from 1. */
  page?: number;
}

export interface TicketPage {
  items: Ticket[];
  total: number;
}

export async function listTickets(db: Database, query: ListQuery): Promise<TicketPage> {
  const limit = Math.min(query.limit ?? DEFAULT_LIMIT, MAX_LIMIT);
  const offset = ((query.page ?? 1) - 1) * limit;
  const items = await db.all<Ticket>(
    "SELECT id, project, title, state FROM tickets WHERE project = ? ORDER BY id LIMIT ? OFFSET ?",
    [query.project, limit, offset],
  );
  const [{ total }] = await db.all<{ total: number }>(
    "SELECT count(*) AS total FROM tickets WHERE project = ?",
    [query.project],
  );
  return { items, total };
}
