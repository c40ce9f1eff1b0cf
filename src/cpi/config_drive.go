package cpi

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

const (
	// configDriveDevice is the block device with the metadata of a VM that has a config
	// drive (nova doc/source/user/metadata.rst). Only root and the group disk can
	// read it.
	configDriveDevice = "/dev/disk/by-label/config-2"
	// driveMetadata is the path of the metadata in a config drive.
	driveMetadata = "openstack/latest/meta_data.json"
	// isoSector is the size of a sector of ISO 9660 (ECMA-119), the format of
	// config drives unless an operator of the cloud chooses vfat; see fat.
	isoSector = 2048
	// maxDriveFile is more than any directory or metadata in a config drive has.
	maxDriveFile = 16 << 20
)

// vmIDOnConfigDrive returns the VM's id that is stored in the config drive.
func vmIDOnConfigDrive(device string) (id bosh.VMCID, err error) {
	drive, err := os.Open(device)
	if errors.Is(err, os.ErrPermission) {
		return "", fmt.Errorf("read the config drive: %w: the user of the CPI must be in the group disk", err)
	}
	if err != nil {
		return "", fmt.Errorf("read the config drive: %w", err)
	}
	defer func() { err = errors.Join(err, drive.Close()) }()
	content, err := readDrive(drive, strings.Split(driveMetadata, "/"))
	if err != nil {
		return "", fmt.Errorf("read the config drive: %w", err)
	}
	metadata := vmMetadata{}
	if err := json.Unmarshal(content, &metadata); err != nil || metadata.UUID == "" {
		return "", fmt.Errorf("read the config drive: %s has no uuid", driveMetadata)
	}
	return metadata.UUID, nil
}

// readDrive returns the content of a file in either format of config drives.
func readDrive(device io.ReaderAt, path []string) ([]byte, error) {
	volume := make([]byte, isoSector)
	if _, err := device.ReadAt(volume, 16*isoSector); err == nil && string(volume[:6]) == "\x01CD001" {
		return readISO(device, volume, path)
	}
	drive, err := openFAT(device)
	if err != nil {
		return nil, err
	}
	return drive.read(path)
}

// readISO returns the content of a file in an ISO 9660 file system, without
// mounting it, which needs root.
func readISO(device io.ReaderAt, volume []byte, path []string) ([]byte, error) {
	content, err := readExtent(device, volume[156:190])
	for _, name := range path {
		if err != nil {
			return nil, err
		}
		record := findRecord(content, name)
		if record == nil {
			return nil, fmt.Errorf("it does not contain %s", strings.Join(path, "/"))
		}
		content, err = readExtent(device, record)
	}
	return content, err
}

// readExtent returns the content of the file or directory of a directory record.
func readExtent(device io.ReaderAt, record []byte) ([]byte, error) {
	sector, size := binary.LittleEndian.Uint32(record[2:]), binary.LittleEndian.Uint32(record[10:])
	if size > maxDriveFile {
		return nil, fmt.Errorf("a file of %d bytes is too large", size)
	}
	content := make([]byte, size)
	if n, err := device.ReadAt(content, int64(sector)*isoSector); n < len(content) {
		return nil, err
	}
	return content, nil
}

// findRecord returns the record of a name in a directory, or nil. Names of files
// end in a version.
func findRecord(directory []byte, name string) []byte {
	const fixed = 33 // bytes before the name
	for at := 0; at < len(directory); {
		length := int(directory[at])
		if length == 0 { // records do not cross sectors
			at = (at/isoSector + 1) * isoSector
			continue
		}
		if length < fixed || at+length > len(directory) {
			return nil
		}
		record := directory[at : at+length]
		if end := fixed + int(record[fixed-1]); end <= length {
			found, _, _ := strings.Cut(string(record[fixed:end]), ";")
			if strings.EqualFold(strings.TrimSuffix(found, "."), name) {
				return record
			}
		}
		at += length
	}
	return nil
}
