// Package store keeps devices in the database.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ErrNotFound says that there is no such device.
var ErrNotFound = errors.New("no such device")

// Device is a sensor in the field.
type Device struct {
	ID       string `json:"id"`
	Site     string `json:"site"`
	Firmware string `json:"firmware"`
}

// Devices reads and writes devices.
type Devices struct {
	db *sql.DB
}

// NewDevices returns the devices of a database.
func NewDevices(db *sql.DB) *Devices {
	return &Devices{db: db}
}

// Get returns a device.
func (d *Devices) Get(ctx context.Context, id string) (Device, error) {
	device := Device{ID: id}
	row := d.db.QueryRowContext(ctx, "SELECT site, firmware FROM devices WHERE id = ?", id)
	err := row.Scan(&device.Site, &device.Firmware)
	if errors.Is(err, sql.ErrNoRows) {
		return Device{}, ErrNotFound
	}
	if err != nil {
		return Device{}, err
	}
	return device, nil
}

// SetFirmware notes what a device reports to run.
func (d *Devices) SetFirmware(ctx context.Context, id, firmware string) error {
	_, err := d.db.ExecContext(ctx, "UPDATE devices SET firmware = ? WHERE id = ?", firmware, id)
	if err != nil {
		return fmt.Errorf("set firmware: %w", err)
	}
	return nil
}
