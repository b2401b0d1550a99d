import type { Pool, PoolClient } from "pg";
import { serialize, type LedgerRow } from "./format";

const BATCH = 500;

export interface Sink {
  write(lines: string[]): Promise<void>;
}

/** Writes the ledger of a month to a sink, for the accountants. */
export class LedgerExport {
  constructor(
    private readonly pool: Pool,
    private readonly sink: Sink,
  ) {}

  /** Returns how many rows it wrote. */
  async exportMonth(month: string): Promise<number> {
    const client = await this.pool.connect();
    try {
      await client.query("SET statement_timeout = 0");
      return this.writeBatches(client, month);
    } finally {
      // The timeout is off on this connection, so it must not go back to the others.
      client.release(true);
    }
  }

  private async writeBatches(client: PoolClient, month: string): Promise<number> {
    let last = 0;
    let count = 0;
    for (;;) {
      const { rows } = await client.query<LedgerRow>(
        "SELECT id, booked_at, account, cents FROM ledger WHERE month = $1 AND id > $2 ORDER BY id LIMIT $3",
        [month, last, BATCH],
      );
      if (rows.length === 0) {
        return count;
      }
      await this.sink.write(rows.map(serialize));
      last = rows[rows.length - 1].id;
      count += rows.length;
    }
  }
}
