package world

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// NewestNovaMicroversion is the newest 2.x that the simulated Nova implements.
const NewestNovaMicroversion = 93

// NewestCinderMicroversion is the newest 3.x that the simulated Cinder implements.
const NewestCinderMicroversion = 70

// Options describe the simulated cloud. Every zero field has a default.
type Options struct {
	// Seed determines the ids of the cloud; default 1.
	Seed uint64
	// Regions of the catalog; default RegionOne. The endpoints of other regions
	// are below "/<region>" and have the same state. The journal shows which
	// region a client chose.
	Regions []string
	// AvailabilityZones of Nova and Cinder; default z1, z2.
	AvailabilityZones []string
	// VolumeZones are the zones of Cinder; default AvailabilityZones.
	VolumeZones []string
	// VolumeTypes of Cinder, the first is the default type; default ssd, hdd.
	VolumeTypes []string
	// UserName, Password, ProjectName and DomainName are the credentials of the
	// cloud's ordinary user; defaults bosh, "simulator", bosh, Default.
	UserName, Password, ProjectName, DomainName string
	// TokenLifetime is the time until a token expires; default 1 h.
	TokenLifetime time.Duration
	// Quotas by name. A quota that is not set is unlimited. Names: instances,
	// cores, ram (MiB), metadata_items (of one server; 128 when not set),
	// key_pairs, server_groups, networks, subnets, volumes, gigabytes,
	// per_volume_gigabytes, snapshots, ports, floating_ips, security_groups,
	// images, image_bytes (the storage that a project may fill with images).
	Quotas map[string]int
	// Latencies of the life cycles.
	Latencies Latencies
	// PublicImages lets every user publish images.
	PublicImages bool
	// ImportMethods of Glance; default glance-direct, web-download, copy-image.
	ImportMethods []string
	// ConvertImages is the disk format into which Glance converts the images that
	// it imports; default none.
	ConvertImages string
	// Download returns the data at a URL from which Glance imports an image;
	// default a GET request.
	Download func(url string) (io.ReadCloser, error)
	// WithoutLoadBalancer leaves Octavia out of the catalog.
	WithoutLoadBalancer bool
	// NovaMicroversion is the newest microversion 2.x that Nova offers: 60 for
	// the release Queens; default 93, of Zed.
	NovaMicroversion int
	// CinderMicroversion is the newest microversion 3.x that Cinder offers: 41
	// for the release before attached volumes could be extended; default 70, of
	// Zed.
	CinderMicroversion int
}

func (o Options) withDefaults() Options {
	setDefault(&o.Seed, 1)
	setDefault(&o.UserName, "bosh")
	setDefault(&o.Password, "simulator")
	setDefault(&o.ProjectName, "bosh")
	setDefault(&o.DomainName, "Default")
	setDefault(&o.TokenLifetime, time.Hour)
	setDefault(&o.NovaMicroversion, NewestNovaMicroversion)
	setDefault(&o.CinderMicroversion, NewestCinderMicroversion)
	if len(o.Regions) == 0 {
		o.Regions = []string{"RegionOne"}
	}
	if len(o.AvailabilityZones) == 0 {
		o.AvailabilityZones = []string{"z1", "z2"}
	}
	if len(o.VolumeZones) == 0 {
		o.VolumeZones = o.AvailabilityZones
	}
	if len(o.VolumeTypes) == 0 {
		o.VolumeTypes = []string{"ssd", "hdd"}
	}
	if len(o.ImportMethods) == 0 {
		o.ImportMethods = []string{"glance-direct", "web-download", "copy-image"}
	}
	if o.Download == nil {
		o.Download = get
	}
	o.Latencies = o.Latencies.Scaled(1)
	return o
}

func setDefault[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}

// downloadTimeout limits a download, during which the cloud does nothing else.
const downloadTimeout = 30 * time.Second

// get requests a URL.
func get(from string) (io.ReadCloser, error) {
	parsed, err := url.Parse(from)
	if err != nil {
		return nil, err
	}
	response, err := (&http.Client{Timeout: downloadTimeout}).Do(&http.Request{Method: http.MethodGet, URL: parsed})
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, errors.Join(fmt.Errorf("%s returned %s", from, response.Status), response.Body.Close())
	}
	return response.Body, nil
}
