package compute

import (
	"context"
	"encoding/base64"
	"slices"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// The microversions of further fields of a new server.
const (
	// tagsVersion (Pike) has tags.
	tagsVersion = "2.52"
	// volumeTypeVersion (Stein) has the type of a volume that Nova creates.
	volumeTypeVersion = "2.67"
)

// CreateOpts describes a server to create. Empty fields are not sent.
type CreateOpts struct {
	// Name must be unique: a server whose creation got no response is found by
	// it.
	Name             string
	FlavorID         string
	ImageID          string // empty when a block device is the root disk
	KeyName          string
	AvailabilityZone string
	UserData         []byte // as the server receives it, not encoded
	ConfigDrive      bool
	// SecurityGroups are names or ids. They apply to the ports that Nova
	// creates, not to existing ones.
	SecurityGroups []string
	// Networks are the NICs in order. If there is none, Nova takes the
	// project's only network.
	Networks     []servers.Network
	BlockDevices []servers.BlockDevice
	Metadata     map[string]string
	// Tags are Nova's tags of the server, which need Nova 2.52.
	Tags           []string
	SchedulerHints map[string]any // sent unchanged
}

// microversion returns the one that the options need, "" for any.
func (o CreateOpts) microversion() string {
	if slices.ContainsFunc(o.BlockDevices, func(device servers.BlockDevice) bool { return device.VolumeType != "" }) {
		return volumeTypeVersion
	}
	if len(o.Tags) > 0 {
		return tagsVersion
	}
	return ""
}

// CreateServer creates the server, once even if the response is lost. The
// result may hold the id and nothing else.
func (s *Service) CreateServer(ctx context.Context, opts CreateOpts) (servers.Server, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return servers.Server{}, err
	}
	if version := opts.microversion(); version != "" {
		later := *client
		later.Microversion = version
		client = &later
	}
	request := createRequest{CreateOpts: opts, networksRequired: client.Microversion != ""}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (servers.Server, error) {
		return openstack.Value(servers.Create(ctx, client, request, schedulerHints(opts.SchedulerHints)).Extract())
	}, func(ctx context.Context) ([]servers.Server, error) { return s.ServersNamed(ctx, opts.Name) })
	return created, openstack.Wrap(err, "create server %s", opts.Name)
}

type createRequest struct {
	CreateOpts

	networksRequired bool // since microversion 2.37
}

// ToServerCreateMap implements servers.CreateOptsBuilder.
func (r createRequest) ToServerCreateMap() (map[string]any, error) {
	opts := servers.CreateOpts{
		Name: r.Name, FlavorRef: r.FlavorID, ImageRef: r.ImageID, AvailabilityZone: r.AvailabilityZone,
		SecurityGroups: r.SecurityGroups, Networks: r.Networks, BlockDevice: r.BlockDevices, Metadata: r.Metadata,
	}
	if r.networksRequired && len(r.Networks) == 0 {
		opts.Networks = "auto"
	}
	if r.ConfigDrive {
		opts.ConfigDrive = &r.ConfigDrive
	}
	body, err := opts.ToServerCreateMap()
	if err != nil {
		return nil, err
	}
	server, ok := body["server"].(map[string]any)
	if !ok {
		return body, nil
	}
	if r.ImageID == "" {
		delete(server, "imageRef")
	}
	if len(r.Tags) > 0 {
		server["tags"] = r.Tags
	}
	if r.KeyName != "" {
		server["key_name"] = r.KeyName
	}
	if len(r.UserData) > 0 {
		// gophercloud would not encode data that is valid base64 by chance.
		server["user_data"] = base64.StdEncoding.EncodeToString(r.UserData)
	}
	return body, nil
}

type schedulerHints map[string]any

// ToSchedulerHintsMap implements servers.SchedulerHintOptsBuilder.
func (h schedulerHints) ToSchedulerHintsMap() (map[string]any, error) {
	if len(h) == 0 {
		return nil, nil //nolint:nilnil // without hints the request has no such key
	}
	return map[string]any{"os:scheduler_hints": map[string]any(h)}, nil
}
