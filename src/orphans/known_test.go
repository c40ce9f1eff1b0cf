package orphans

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The files in testdata have the formats of bosh 7.9.13: vms, instances --details
// --ps, disks --orphaned, stemcells, snapshots, orphaned-vms with --json, and the
// state of create-env.
func TestKnownDocuments(t *testing.T) {
	t.Parallel()
	const (
		vm, oldVM     = "addff313-8f0e-4c53-9d0e-6a5a5b0f1a01", "c0ffee00-8f0e-4c53-9d0e-6a5a5b0f1a05"
		disk, another = "234b04c0-94bf-45c7-8aa0-1f0d9a0c2b02", "2f9b04c0-94bf-45c7-8aa0-1f0d9a0c2b03"
		oldDisk       = "7d0a5f0e-93a1-4c0f-8f0c-2f6f5a3bb333"
		stemcell      = "b4cc1578-5d1e-4b5e-9a52-4f3fd2b5a111"
		snapshot      = "be37f195-0f55-4a3b-8a53-1a5f6f0b9c04"
	)
	for file, want := range map[string]struct {
		cids     []string
		complete []part
		director string
	}{
		"vms.json":              {[]string{vm}, []part{vms}, ""},
		"orphaned-vms.json":     {[]string{oldVM}, []part{}, ""},
		"instances.json":        {[]string{disk, another, vm}, []part{vms, disksInUse}, ""},
		"disks-orphaned.json":   {[]string{oldDisk}, []part{disksOrphaned}, ""},
		"stemcells.json":        {[]string{stemcell}, []part{stemcells}, ""},
		"snapshots.json":        {[]string{snapshot}, []part{snapshots}, ""},
		"create-env-state.json": {[]string{disk, vm, stemcell}, []part{vms, disksInUse, disksOrphaned, stemcells, snapshots}, "0f6e4a52-1f0c-4c9f-8f46-3a1b8d9b7c11"},
		"cids.txt":              {[]string{vm, stemcell}, nil, ""},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			document, err := os.ReadFile(filepath.Join("testdata", file))
			require.NoError(t, err)
			var known Known
			require.NoError(t, known.Add(file, document))
			assert.Equal(t, want.cids, slices.Sorted(maps.Keys(known.lists[0].cids)))
			assert.Equal(t, want.complete, known.lists[0].complete)
			assert.Equal(t, want.director, known.lists[0].director)
		})
	}
}

func TestUnknownDocuments(t *testing.T) {
	t.Parallel()
	withoutDetails, err := os.ReadFile("testdata/instances-without-details.json")
	require.NoError(t, err)
	for words, document := range map[string]string{
		"the file is empty":                       " \n",
		`column "vm_cid": add --details`:          string(withoutDetails),
		`the table "releases" of bosh has no CID`: `{"Tables":[{"Content":"releases","Header":{"name":"Name"},"Rows":[]}]}`,
		"the output of bosh has no table":         `{"Tables":[],"Blocks":null,"Lines":["Succeeded"]}`,
		"object with the keys cloud":              `{"cloud":{}}`,
		"line 2 is not a CID":                     "addff313-8f0e-4c53-9d0e-6a5a5b0f1a01\nVM CID  State\n",
		"line 1 is not a CID":                     `["addff313-8f0e-4c53-9d0e-6a5a5b0f1a01"]`,
		"unexpected end of JSON input":            `{"Tables":[`,
		"has no director_id":                      `{"director_id":"","installation_id":"x"}`,
	} {
		var known Known
		err := known.Add("known.json", []byte(document))
		require.ErrorContains(t, err, words)
		require.ErrorContains(t, err, "known.json")
		assert.True(t, known.Empty())
	}
}

// A plain list does not say what it is about: it is a list of the kinds of
// objects that it names.
func TestPlainList(t *testing.T) {
	t.Parallel()
	var known Known
	require.NoError(t, known.Add("cids", []byte("server-1\n")))
	found := []Object{{Kind: Server, ID: "server-1"}, {Kind: Server, ID: "server-2"}, {Kind: Volume, ID: "volume-1"}}
	assert.Empty(t, known.missing(Server, "d", found))
	assert.Equal(t, []part{disksInUse, disksOrphaned}, known.missing(Volume, "d", found))
}

// A state file is about one director only.
func TestStateFileOfAnotherDirector(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("testdata/create-env-state.json")
	require.NoError(t, err)
	var known Known
	require.NoError(t, known.Add("state.json", document))
	assert.Empty(t, known.missing(Volume, "0f6e4a52-1f0c-4c9f-8f46-3a1b8d9b7c11", nil))
	assert.Equal(t, []part{vms}, known.missing(Server, "another", nil))
}
