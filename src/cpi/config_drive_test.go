package cpi

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
)

// isoImage returns an ISO 9660 file system with one file, as genisoimage writes it
// for Nova. Its directories have one sector each.
func isoImage(path, content string) []byte {
	const first = 18 // the sector of the root directory
	names := strings.Split(path, "/")
	image := make([]byte, (first+len(names)+1)*isoSector+len(content))
	copy(image[16*isoSector:], "\x01CD001\x01")
	copy(image[16*isoSector+156:], isoRecord("\x00", first, isoSector))
	for i, name := range names {
		size := isoSector
		if i == len(names)-1 {
			name, size = name+";1", len(content)
		}
		at := (first + i) * isoSector
		for _, record := range [][]byte{isoRecord("\x00", first+i, isoSector), isoRecord("\x01", first, isoSector), isoRecord("another", 0, 0), isoRecord(name, first+i+1, size)} {
			at += copy(image[at:], record)
		}
	}
	copy(image[(first+len(names))*isoSector:], content)
	return image
}

func isoRecord(name string, sector, size int) []byte {
	record := make([]byte, (33+len(name)+1)/2*2)
	record[0] = byte(len(record))
	binary.LittleEndian.PutUint32(record[2:], uint32(sector))
	binary.LittleEndian.PutUint32(record[10:], uint32(size))
	record[32] = byte(len(name))
	copy(record[33:], name)
	return record
}

func TestVMIDOnConfigDrive(t *testing.T) {
	t.Parallel()
	const id = "5a2c9d1e-0000-4000-8000-000000000000"
	vfat := vfatImage(t)
	whole := isoImage("openstack/latest/meta_data.json", `{"uuid": "`+id+`", "name": "director"}`)
	for name, test := range map[string]struct {
		drive []byte
		says  string // "" if the id is found
	}{
		"iso9660":        {drive: whole},
		"capital names":  {drive: isoImage("OPENSTACK/LATEST/META_DATA.JSON", `{"uuid": "`+id+`"}`)},
		"vfat":           {drive: vfat},
		"vfat, cut":      {drive: vfat[:57<<10], says: "EOF"},
		"vfat, changed":  {drive: changed(vfat, "LATEST  ", "EARLIER "), says: "it does not contain openstack/latest/meta_data.json"},
		"vfat, no size":  {drive: changed(vfat, "FAT16   ", "FAT32   "), says: "it is in neither of the formats of Nova's config_drive_format"},
		"zeros":          {drive: make([]byte, 64<<10), says: "it is in neither of the formats of Nova's config_drive_format, iso9660 and vfat"},
		"empty":          {says: "it is in neither of the formats"},
		"only EC2":       {drive: isoImage("ec2/latest/meta-data.json", "{}"), says: "it does not contain openstack/latest/meta_data.json"},
		"no uuid":        {drive: isoImage("openstack/latest/meta_data.json", "{}"), says: "meta_data.json has no uuid"},
		"cut":            {drive: whole[:21*isoSector+5], says: "EOF"},
		"wrong size":     {drive: isoImage("openstack/latest/meta_data.json", strings.Repeat(" ", maxDriveFile+1)), says: "bytes is too large"},
		"damaged record": {drive: append(append(append([]byte{}, whole[:18*isoSector]...), 7), whole[18*isoSector+1:]...), says: "it does not contain"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			device := filepath.Join(t.TempDir(), "config-2")
			require.NoError(t, os.WriteFile(device, test.drive, 0o600))
			found, err := vmIDOnConfigDrive(device)
			if test.says != "" {
				require.ErrorContains(t, err, "read the config drive: ")
				require.ErrorContains(t, err, test.says)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, bosh.VMCID(id), found)
		})
	}
	_, err := vmIDOnConfigDrive(filepath.Join(t.TempDir(), "absent"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// vfatImage returns a file system that was made as Nova does it, with
// "mkfs -t vfat -n config-2", but of 16 MiB.
func vfatImage(tb testing.TB) []byte {
	tb.Helper()
	file, err := os.Open("testdata/config-drive-vfat.img.gz")
	require.NoError(tb, err)
	defer func() { assert.NoError(tb, file.Close()) }()
	unpacked, err := gzip.NewReader(file)
	require.NoError(tb, err)
	image, err := io.ReadAll(unpacked)
	require.NoError(tb, err)
	return image
}

// changed returns a copy with the text replaced everywhere.
func changed(image []byte, text, by string) []byte {
	return bytes.ReplaceAll(image, []byte(text), []byte(by))
}

func FuzzConfigDrive(f *testing.F) {
	f.Add(append(make([]byte, 16*isoSector), isoImage("openstack/latest/meta_data.json", `{"uuid": "x"}`)[16*isoSector:]...))
	f.Add(vfatImage(f)[:80<<10])
	f.Fuzz(func(t *testing.T, content []byte) {
		found, err := readDrive(bytes.NewReader(content), strings.Split(driveMetadata, "/"))
		assert.LessOrEqual(t, len(found), maxDriveFile)
		if err != nil {
			assert.Empty(t, found)
		}
	})
}
