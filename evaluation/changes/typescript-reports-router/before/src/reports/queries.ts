import type { Database } from "../db";

export interface BillingTotal {
  customer: string;
  cents: number;
}

/** Active projects and requests per month, over all customers. */
export function usageByMonth(db: Database, year: number) {
  return db.all("SELECT month, projects, requests FROM usage_months WHERE year = ? ORDER BY month", [year]);
}

/** What each customer was billed in a year. */
export function billingTotals(db: Database, year: number): Promise<BillingTotal[]> {
  return db.all(
    "SELECT customer, sum(cents) AS cents FROM invoices WHERE year = ? GROUP BY customer ORDER BY customer",
    [year],
  );
}

export function slowestProjects(db: Database) {
  return db.all("SELECT project, p95_ms FROM project_latency ORDER BY p95_ms DESC LIMIT 20", []);
}
