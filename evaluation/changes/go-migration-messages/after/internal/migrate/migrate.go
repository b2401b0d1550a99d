// Package migrate brings the database to the newest schema.
package migrate

import (
	"context"
	"database/sql"
	"fmt"
)

// Step is one migration. Steps are numbered from 1 in the order of the slice.
type Step struct {
	Name string
	SQL  string
}

// Up runs the steps that the database has not seen yet and returns how many.
func Up(ctx context.Context, db *sql.DB, steps []Step) (int, error) {
	var done int
	if err := db.QueryRowContext(ctx, "SELECT coalesce(max(step), 0) FROM migrations").Scan(&done); err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	if done > len(steps) {
		return 0, fmt.Errorf("migrate: the database is at step %d, this program knows %d", done, len(steps))
	}
	for i, step := range steps[done:] {
		number := done + i + 1
		if err := apply(ctx, db, number, step); err != nil {
			return i, fmt.Errorf("migrate: step %d (%s): %w", number, step.Name, err)
		}
	}
	return len(steps) - done, nil
}

func apply(ctx context.Context, db *sql.DB, number int, step Step) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, step.SQL); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO migrations (step) VALUES (?)", number); err != nil {
		return fmt.Errorf("note it as done: %w", err)
	}
	return tx.Commit()
}
