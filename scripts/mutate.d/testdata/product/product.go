// Package product has one place for each operator.
package product

import (
	"context"
	"errors"
)

type undoStack []string

func (u *undoStack) push(what string) { *u = append(*u, what) }

// Disk is what Attach was asked for.
type Disk struct {
	ID, VM  string
	Size    int
	Removed bool
}

func waitFor(ctx context.Context, _ string) (string, error) { return "available", ctx.Err() }

func write(ctx context.Context, vm, disk string) error {
	if vm == disk {
		return errors.New("same id")
	}
	return ctx.Err()
}

// Attach attaches a disk.
func Attach(ctx context.Context, vm, disk string, size int) (Disk, error) {
	var undo undoStack
	undo.push(disk)
	state, err := waitFor(context.WithoutCancel(ctx), disk)
	if err != nil {
		return Disk{}, err
	}
	switch state {
	case "gone":
		return Disk{Removed: true}, nil
	case "available":
		err = write(ctx, vm, disk)
	}
	result := Disk{ID: disk, VM: vm}
	if size > 1 {
		result.Size = size
	}
	return result, err
}
