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
  /** The nextCursor of the page before this one. */
  after?: number;
}

export interface TicketPage {
  items: Ticket[];
  /** Missing on the last page. */
  nextCursor?: number;
}

export async function listTickets(db: Database, query: ListQuery): Promise<TicketPage> {
  const limit = Math.min(query.limit ?? DEFAULT_LIMIT, MAX_LIMIT);
  // One row more than asked for tells whether there is another page.
  const rows = await db.all<Ticket>(
    "SELECT id, project, title, state FROM tickets WHERE project = ? AND id > ? ORDER BY id LIMIT ?",
    [query.project, query.after ?? 0, limit + 1],
  );
  const items = rows.slice(0, limit);
  if (rows.length <= limit) {
    return { items };
  }
  return { items, nextCursor: rows[limit].id };
}
