package compute

import (
	"context"
	"encoding/base64"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// volumeTypes is the Nova microversion (Stein) from which a boot volume's type can be chosen.
const volumeTypes = "2.67"

// CreateOpts describes a server to create. Empty fields are not sent.
type CreateOpts struct {
	// Name must be one that no other server has: a server whose creation was not answered is found again by it.
	Name             string
	FlavorID         string
	ImageID          string // empty when a block device is the root disk
	KeyName          string
	AvailabilityZone string
	UserData         []byte // as the server shall see it, not encoded
	ConfigDrive      bool
	// SecurityGroups are names or ids. They apply to the ports that Nova makes, not to given ones.
	SecurityGroups []string
	// Networks are the NICs in their order. None: Nova chooses, if the project has one network only.
	Networks       []servers.Network
	BlockDevices   []servers.BlockDevice
	Metadata       map[string]string
	SchedulerHints map[string]any // sent as they are
}

// CreateServer makes the server, and only one, also if Nova's answer is lost; it is taken over then. The result may
// hold nothing but the id.
func (s *Service) CreateServer(ctx context.Context, opts CreateOpts) (servers.Server, error) {
	client, err := s.client(ctx)
	if err != nil {
		return servers.Server{}, err
	}
	for _, device := range opts.BlockDevices {
		if device.VolumeType != "" {
			later := *client
			later.Microversion = volumeTypes
			client = &later
		}
	}
	request := createRequest{CreateOpts: opts, networksRequired: client.Microversion != ""}
	created, err := openstack.CreateOnce(ctx, func(ctx context.Context) (servers.Server, error) {
		return openstack.Value(servers.Create(ctx, client, request, schedulerHints(opts.SchedulerHints)).Extract())
	}, func(ctx context.Context) (servers.Server, bool, error) {
		named, err := s.ServersNamed(ctx, opts.Name)
		if err != nil || len(named) == 0 {
			return servers.Server{}, false, err
		}
		return named[0], true, nil
	})
	return created, openstack.Wrap(err, "create server %s", opts.Name)
}

type createRequest struct {
	CreateOpts

	networksRequired bool // by Nova since microversion 2.37
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
	if r.KeyName != "" {
		server["key_name"] = r.KeyName
	}
	if len(r.UserData) > 0 {
		// gophercloud would leave data alone that happens to look encoded.
		server["user_data"] = base64.StdEncoding.EncodeToString(r.UserData)
	}
	return body, nil
}

type schedulerHints map[string]any

// ToSchedulerHintsMap implements servers.SchedulerHintOptsBuilder.
func (h schedulerHints) ToSchedulerHintsMap() (map[string]any, error) {
	if len(h) == 0 {
		return nil, nil //nolint:nilnil // no hints are no key in the request
	}
	return map[string]any{"os:scheduler_hints": map[string]any(h)}, nil
}
