package cpi

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
)

// fat is a FAT16 file system, which is what mkfs makes of the 64 MiB of a config
// drive if the cloud's config_drive_format is vfat.
type fat struct {
	device      io.ReaderAt
	clusterSize int64
	table       []byte // the next cluster of each one
	root        []byte // the root directory
	data        int64  // where the cluster 2 begins
}

// fatEntry is the size of an entry of a directory.
const fatEntry = 32

// openFAT reads the description of the file system, its table and its root
// directory.
func openFAT(device io.ReaderAt) (*fat, error) {
	boot := make([]byte, 512)
	if _, err := device.ReadAt(boot, 0); err != nil || boot[510] != 0x55 || boot[511] != 0xaa || string(boot[54:62]) != "FAT16   " {
		return nil, errors.New("it is in neither of the formats of Nova's config_drive_format, iso9660 and vfat")
	}
	word := func(at int) int64 { return int64(binary.LittleEndian.Uint16(boot[at:])) }
	sector, reserved, tables, tableSize := word(11), word(14), int64(boot[16]), word(22)
	rootAt := (reserved + tables*tableSize) * sector
	drive := &fat{
		device: device, clusterSize: int64(boot[13]) * sector, table: make([]byte, tableSize*sector), root: make([]byte, word(17)*fatEntry),
		data: rootAt + word(17)*fatEntry,
	}
	if drive.clusterSize == 0 || len(drive.table) > maxDriveFile {
		return nil, errors.New("its file system is damaged")
	}
	if n, err := device.ReadAt(drive.table, reserved*sector); n < len(drive.table) {
		return nil, err
	}
	if n, err := device.ReadAt(drive.root, rootAt); n < len(drive.root) {
		return nil, err
	}
	return drive, nil
}

// read returns the content of a file, without mounting the file system, which needs
// root.
func (f *fat) read(path []string) ([]byte, error) {
	content := f.root
	for _, name := range path {
		entry := findFATEntry(content, name)
		if entry == nil {
			return nil, fmt.Errorf("it does not contain %s", strings.Join(path, "/"))
		}
		var err error
		if content, err = f.content(entry); err != nil {
			return nil, err
		}
	}
	return content, nil
}

// content returns the content of the file or directory of an entry. Directories
// have no size.
func (f *fat) content(entry []byte) ([]byte, error) {
	const directory = 0x10
	size := int64(binary.LittleEndian.Uint32(entry[28:]))
	if size > maxDriveFile {
		return nil, fmt.Errorf("a file of %d bytes is too large", size)
	}
	isDirectory := entry[11]&directory != 0
	var content []byte
	cluster := int64(binary.LittleEndian.Uint16(entry[26:]))
	for isDirectory || int64(len(content)) < size {
		if cluster < 2 || 2*cluster+2 > int64(len(f.table)) || len(content) > maxDriveFile {
			break
		}
		part := make([]byte, f.clusterSize)
		if n, err := f.device.ReadAt(part, f.data+(cluster-2)*f.clusterSize); n < len(part) {
			return nil, err
		}
		content = append(content, part...)
		cluster = int64(binary.LittleEndian.Uint16(f.table[2*cluster:]))
	}
	if isDirectory {
		return content, nil
	}
	if int64(len(content)) < size {
		return nil, errors.New("its file system is damaged")
	}
	return content[:size], nil
}

// findFATEntry returns the entry of a name in a directory, or nil. The parts of a
// long name are in entries before it, the last part first.
func findFATEntry(directory []byte, name string) []byte {
	const (
		end, deleted   = 0x00, 0xe5
		longName, last = 0x0f, 0x40
	)
	var long []uint16
	for at := 0; at+fatEntry <= len(directory) && directory[at] != end; at += fatEntry {
		entry := directory[at : at+fatEntry]
		if entry[0] != deleted && entry[11] == longName {
			if entry[0]&last != 0 {
				long = nil
			}
			long = append(partOfName(entry), long...)
			continue
		}
		if entry[0] != deleted && (strings.EqualFold(string(utf16.Decode(long)), name) || strings.EqualFold(shortName(entry), name)) {
			return entry
		}
		long = nil
	}
	return nil
}

// partOfName returns the part of a long name that an entry has. The name ends with
// a zero, unless it fills the entry.
func partOfName(entry []byte) (part []uint16) {
	for _, characters := range [][]byte{entry[1:11], entry[14:26], entry[28:32]} {
		for at := 0; at < len(characters); at += 2 {
			character := binary.LittleEndian.Uint16(characters[at:])
			if character == 0 {
				return part
			}
			part = append(part, character)
		}
	}
	return part
}

// shortName returns the name of an entry without a long name, which is in capitals.
func shortName(entry []byte) string {
	name, extension := strings.TrimRight(string(entry[:8]), " "), strings.TrimRight(string(entry[8:11]), " ")
	if extension == "" {
		return name
	}
	return name + "." + extension
}
