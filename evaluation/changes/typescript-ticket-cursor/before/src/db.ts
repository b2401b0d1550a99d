/** The little we need of the database driver. */
export interface Database {
  all<T>(sql: string, params: unknown[]): Promise<T[]>;
}
