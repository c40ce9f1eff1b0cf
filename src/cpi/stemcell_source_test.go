package cpi

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

const (
	sourceURL  = "http://mirror.test/root.img"
	importCall = "POST /images/{id}/import"
)

// rootImage are the data of the disk image in stemcellArchive(1 << 16).
func rootImage() []byte { return bytes.Repeat([]byte{0xb0}, 1<<16) }

// emptyArchive writes the archive of a stemcell without a disk image.
func (e *env) emptyArchive() string {
	e.Helper()
	name := filepath.Join(e.TempDir(), "image")
	require.NoError(e, os.WriteFile(name, nil, 0o600))
	return name
}

// sourced returns the arguments of create_stemcell for a stemcell with a source,
// which has the data of the disk image. Without a sum there is no source_sha512.
func (e *env) sourced(archive, sum string) bosh.CreateStemcellArgs {
	e.served[sourceURL] = rootImage()
	properties := strings.Replace(stemcellProperties, "{", fmt.Sprintf(`{"source_url":%q,`, sourceURL), 1)
	if sum != "" {
		properties = strings.Replace(properties, "{", fmt.Sprintf(`{"source_sha512":%q,`, sum), 1)
	}
	return bosh.CreateStemcellArgs{ImagePath: archive, CloudProperties: []byte(properties)}
}

func sha512Of(data []byte) string {
	sum := sha512.Sum512(data)
	return hex.EncodeToString(sum[:])
}

// requireImage returns the image of a stemcell, which is active.
func (e *env) requireImage(cid bosh.StemcellCID) images.Image {
	e.Helper()
	stored, err := e.cpi().image.Image(e.Context(), string(cid))
	require.NoError(e, err)
	require.EqualValues(e, "active", stored.Status)
	return stored
}

// Glance downloads the disk image, and the executable sends none.
func TestStemcellIsImported(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options simulator.Options
		whole   bool // the archive has the disk image, too
		sum     string
		format  string
		logged  string
	}{
		"no archive":           {sum: sha512Of(rootImage()), format: "qcow2"},
		"sum in capitals":      {sum: strings.ToUpper(sha512Of(rootImage())), format: "qcow2"},
		"no archive, no sum":   {format: "qcow2", logged: "the data of the image are not compared"},
		"archive":              {whole: true, format: "qcow2"},
		"converted":            {options: simulator.Options{ConvertImages: "raw"}, sum: sha512Of(rootImage()), format: "raw"},
		"archive, converted":   {options: simulator.Options{ConvertImages: "raw"}, whole: true, format: "raw"},
		"slower than the rest": {options: simulator.Options{Latencies: simulator.Latencies{ImageImport: 20 * time.Minute}}, whole: true, format: "qcow2"},
		"at once":              {options: simulator.Options{Latencies: simulator.Latencies{ImageImport: -1}}, whole: true, format: "qcow2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, test.options, func(e *env) {
				archive := e.emptyArchive()
				if test.whole {
					archive = e.stemcellArchive(1 << 16)
				}
				before := e.cloud.Inventory()
				args := e.sourced(archive, test.sum)
				cid := e.upload(args)
				assert.False(e, cid.Light())
				stored := e.requireImage(cid)
				assert.Equal(e, test.format, stored.DiskFormat)
				assert.Equal(e, "1.234", stored.Properties["version"])
				assert.NotContains(e, stored.Properties, "source_url")
				assert.Contains(e, e.log.String(), test.logged)
				assert.Equal(e, cid, e.upload(args), "the same stemcell is not imported twice")
				assert.Zero(e, e.calls(uploadCall))
				assert.Equal(e, 1, e.calls(importCall))
				_, err := e.cpi().DeleteStemcell(e.Context(), bosh.DeleteStemcellArgs{Stemcell: cid})
				require.NoError(e, err)
				assert.Empty(e, e.cloud.Inventory().Diff(before), "the image belongs to the stemcell")
			})
		})
	}
}

// A stemcell that Glance does not import is uploaded from its archive. Without a
// disk image in the archive it is an error, and nothing is left.
func TestStemcellThatIsNotImported(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options simulator.Options
		fault   simulator.Fault
		state   simulator.StateFault
		served  []byte // nil: the data of the disk image
		absent  bool   // the URL has no data
		says    string
	}{
		"no method":         {options: simulator.Options{ImportMethods: []string{"glance-direct"}}, says: "Unknown import method name 'web-download'"},
		"not allowed":       {fault: simulator.Fault{Status: http.StatusForbidden}, says: "OpenStack API Forbidden"},
		"no such route":     {fault: simulator.Fault{Status: http.StatusNotFound, Body: "<html>no such page</html>"}, says: "OpenStack API NotFound"},
		"conflict":          {fault: simulator.Fault{Status: http.StatusConflict}, says: "OpenStack API Conflict"},
		"overloaded":        {fault: simulator.Fault{Status: http.StatusServiceUnavailable, Times: -1}, says: "OpenStack API ServiceUnavailable"},
		"no response":       {fault: simulator.Fault{Kind: simulator.Dropped, Times: -1}, says: "Timeout"},
		"no data":           {absent: true, says: "state is queued, expected active\nGlance could not download or store the data"},
		"store fails":       {state: simulator.StateFault{Resource: "image", Phase: "import"}, says: "state is queued, expected active"},
		"stuck":             {state: simulator.StateFault{Resource: "image", Phase: "import", Stuck: true}, says: "Timed out waiting for Image"},
		"other data":        {served: bytes.Repeat([]byte{0xb1}, 1<<16), says: "is not the stemcell: its hash is " + sha512Of(bytes.Repeat([]byte{0xb1}, 1<<16))},
		"page of a website": {served: []byte("<html>"), says: "is not the stemcell: its hash is "},
	} {
		for _, whole := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, archive %v", name, whole), func(t *testing.T) {
				t.Parallel()
				inCloud(t, test.options, func(e *env) {
					before := e.cloud.Inventory()
					args := e.sourced(e.emptyArchive(), sha512Of(rootImage()))
					if whole {
						args = e.sourced(e.stemcellArchive(1<<16), "")
					}
					if test.served != nil {
						e.served[sourceURL] = test.served
					}
					if test.absent {
						delete(e.served, sourceURL)
					}
					if fault := test.fault; fault.Status != 0 || fault.Kind != simulator.Answered {
						fault.On = importCall
						e.cloud.Inject(fault)
					}
					if test.state.Resource != "" {
						e.cloud.InjectStateFault(test.state)
					}
					cid, err := e.cpi().CreateStemcell(e.Context(), args)
					if !whole {
						text := e.requireKind(err, bosh.CloudError)
						assert.Contains(e, text, test.says)
						assert.Contains(e, text, sourceURL)
						assert.Empty(e, e.cloud.Inventory().Diff(before))
						return
					}
					require.NoError(e, err)
					stored := e.requireImage(cid)
					assert.Equal(e, sha512Of(rootImage()), stored.Properties["os_hash_value"])
					assert.Equal(e, 1, e.calls(uploadCall))
					assert.Len(e, e.cloud.Inventory().Diff(before), 1, "one image")
					e.cloud.ClearFaults()
					assert.Equal(e, cid, e.upload(args))
				})
			})
		}
	}
}

// Several processes create the same stemcell at the same time, and one of them may
// be killed.
func TestConcurrentImportsOfOneStemcell(t *testing.T) {
	t.Parallel()
	for name, absent := range map[string]bool{"imported": false, "uploaded, because the URL has no data": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{Latencies: simulator.Latencies{ImageImport: time.Minute, ImageSave: time.Minute}}, func(e *env) {
				before := e.cloud.Inventory()
				args := e.sourced(e.stemcellArchive(1<<16), "")
				if absent {
					delete(e.served, sourceURL)
				}
				cids, mu, all := map[bosh.StemcellCID]int{}, sync.Mutex{}, sync.WaitGroup{}
				var failed []error
				for range 8 {
					c := e.cpi()
					c.log = slog.New(slog.DiscardHandler)
					all.Go(func() {
						cid, err := c.CreateStemcell(e.Context(), args)
						mu.Lock()
						defer mu.Unlock()
						cids[cid]++
						failed = append(failed, err)
					})
				}
				all.Wait()
				require.NoError(e, errors.Join(failed...))
				assert.Len(e, cids, 1)
				assert.Len(e, e.cloud.Inventory().Diff(before), 1, "one image")
			})
		})
	}
}

// What a killed process has left is used if Glance completes it, and deleted
// otherwise.
func TestInterruptedImportsOfAStemcell(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		state  simulator.StateFault
		age    time.Duration
		within time.Duration
		kept   bool
	}{
		"completed":        {age: time.Minute, within: 10 * time.Second, kept: true},
		"importing":        {within: 30 * time.Second, kept: true},
		"importing, stuck": {state: simulator.StateFault{Resource: "image", Phase: "import", Stuck: true}, within: 31 * time.Minute},
		"stuck, old":       {state: simulator.StateFault{Resource: "image", Phase: "import", Stuck: true}, age: time.Hour, within: 20 * time.Second},
		"failed":           {state: simulator.StateFault{Resource: "image", Phase: "import"}, within: 3 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCloud(t, simulator.Options{Latencies: simulator.Latencies{ImageImport: 10 * time.Second}}, func(e *env) {
				before := e.cloud.Inventory()
				args := e.sourced(e.emptyArchive(), sha512Of(rootImage()))
				c, plan := e.cpi(), e.planned(args)
				plan.image.ID = imageID(plan.image, 0)
				_, err := c.image.CreateImage(e.Context(), plan.image)
				require.NoError(e, err)
				if test.state.Resource != "" {
					e.cloud.InjectStateFault(test.state)
				}
				require.NoError(e, c.image.StartImport(e.Context(), plan.image.ID, sourceURL))
				e.pass(test.age + time.Second)

				begun := time.Now()
				cid := e.upload(args)
				assert.LessOrEqual(e, time.Since(begun), test.within)
				e.requireImage(cid)
				assert.Equal(e, test.kept, string(cid) == plan.image.ID)
				assert.Len(e, e.cloud.Inventory().Diff(before), 1)
			})
		})
	}
}

// An image whose data are not those of the source is not used again.
func TestImportedStemcellThatNeedsAFix(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		args := e.sourced(e.emptyArchive(), sha512Of(rootImage()))
		first := e.upload(args)
		e.cloud.Inject(simulator.Fault{On: "GET /images/{id}/file", Status: http.StatusNoContent})
		assert.NotEqual(e, first, e.upload(args), "Glance has lost its data")

		changed := bytes.Repeat([]byte{0xb1}, 1<<16)
		args = e.sourced(e.emptyArchive(), sha512Of(changed))
		e.served[sourceURL] = changed
		assert.Equal(e, sha512Of(changed), e.requireImage(e.upload(args)).Properties["os_hash_value"], "another sum is another stemcell")
	})
}

func TestInvalidSources(t *testing.T) {
	t.Parallel()
	inCloud(t, simulator.Options{}, func(e *env) {
		before := e.cloud.Inventory()
		for properties, says := range map[string]string{
			`"source_url":"ftp://mirror.test/root.img"`:                       "cloud_properties.source_url must be a URL that begins with http:// or https://",
			`"source_url":"root.img"`:                                         "cloud_properties.source_url must be a URL",
			`"source_url":"http://"`:                                          "cloud_properties.source_url must be a URL",
			`"source_url":"http://user:secret@mirror.test/"`:                  "cloud_properties.source_url must not contain a user and a password",
			`"source_url":"` + sourceURL + `","source_sha512":"abc"`:          "cloud_properties.source_sha512 must be a SHA-512 of 128 hexadecimal digits",
			`"source_url":"` + sourceURL + `","source_sha512":"zz"`:           "cloud_properties.source_sha512 must be a SHA-512",
			`"source_sha512":"` + sha512Of(nil) + `"`:                         "cloud_properties.source_sha512 needs source_url",
			`"source_url":"` + sourceURL + `","image_id":"` + e.image() + `"`: "cloud_properties of the stemcell have both image_id and source_url",
		} {
			args := bosh.CreateStemcellArgs{ImagePath: e.emptyArchive(), CloudProperties: []byte(strings.Replace(stemcellProperties, "{", "{"+properties+",", 1))}
			_, err := e.cpi().CreateStemcell(e.Context(), args)
			text := e.requireKind(err, bosh.CPIError)
			assert.Contains(e, text, says)
			assert.NotContains(e, text, "secret@")
		}
		_, err := e.cpi().CreateStemcell(e.Context(), bosh.CreateStemcellArgs{ImagePath: e.emptyArchive(), CloudProperties: []byte(stemcellProperties)})
		e.requireKind(err, bosh.CloudError)
		assert.Empty(e, e.cloud.Inventory().Diff(before))
	})
}
