package product

import (
	"testing"
)

func TestAttach(t *testing.T) {
	disk, err := Attach(t.Context(), "vm-1", "disk-1", 2)
	if err != nil || disk.ID != "disk-1" || disk.VM != "vm-1" {
		t.Errorf("%+v %v", disk, err)
	}
}
