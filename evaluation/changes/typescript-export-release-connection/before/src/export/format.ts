export interface LedgerRow {
  id: number;
  booked_at: Date;
  account: string;
  cents: number;
}

/** One line of the file; amounts stay in cents, as the accountants want them. */
export function serialize(row: LedgerRow): string {
  if (!/^[0-9]{4,8}$/.test(row.account)) {
    throw new Error(`row ${row.id} has the account "${row.account}"`);
  }
  return [row.id, row.booked_at.toISOString(), row.account, row.cents].join(";");
}
