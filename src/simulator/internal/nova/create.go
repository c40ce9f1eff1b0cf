package nova

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/glance"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// newServer is the body of a request for a server. Fields that accept several
// JSON types are raw.
type newServer struct {
	Server *struct {
		Name             *string            `json:"name"`
		FlavorRef        *string            `json:"flavorRef"`
		ImageRef         *string            `json:"imageRef"`
		AdminPass        *string            `json:"adminPass"`
		Metadata         json.RawMessage    `json:"metadata"`
		Networks         json.RawMessage    `json:"networks"`
		AvailabilityZone *string            `json:"availability_zone"`
		KeyName          *string            `json:"key_name"`
		UserData         *string            `json:"user_data"`
		ConfigDrive      json.RawMessage    `json:"config_drive"`
		SecurityGroups   []securityGroupRef `json:"security_groups"`
		BlockDevices     []blockDevice      `json:"block_device_mapping_v2"`
		Description      *string            `json:"description"`
		Tags             *[]string          `json:"tags"`
	} `json:"server"`
	Hints json.RawMessage `json:"os:scheduler_hints"`
}

type securityGroupRef struct {
	Name string `json:"name"`
}

// creation is a request for a server while it is being checked.
type creation struct {
	*Service
	c      *api.Call
	want   newServer
	raw    json.RawMessage // the object "server"
	image  *glance.Image   // nil for none
	server *server
	plans  []plannedDisk
}

func (n *Service) createServer(c *api.Call) (api.Answer, error) {
	r := &creation{Service: n, c: c, server: &server{
		Identity: api.Identity{ID: n.world.NewID(), Project: c.Project}, userID: c.UserID, vmState: building, taskState: "scheduling",
		metadata: map[string]string{}, tags: []string{}, created: n.world.Now(), updated: n.world.Now(),
	}}
	if err := c.Decode(&r.want); err != nil {
		return api.Answer{}, err
	}
	for _, check := range []func() error{
		r.checkSchema, r.checkStrings, r.readMetadata, r.readUserData, r.readConfigDrive, r.readHints, r.chooseZone, r.chooseKeyPair,
		r.chooseFlavor, r.chooseImage, r.readBlockDevices, r.checkRootDisk, r.chooseNetworks, r.chooseGroups, r.checkQuota,
	} {
		if err := check(); err != nil {
			return api.Answer{}, err
		}
	}
	s := r.server
	n.servers = append(n.servers, s)
	if s.group != nil {
		s.group.members = append(s.group.members, s)
	}
	n.build(c.Caller, s, r.plans)
	groups := []api.Object{}
	for _, name := range s.requestedGroups {
		groups = append(groups, api.Object{"name": name})
	}
	a := api.Answer{Status: http.StatusAccepted, Body: api.Object{"server": api.Object{
		"id": s.ID, "links": n.links(c, "servers", s.ID), "OS-DCF:diskConfig": "MANUAL", "security_groups": groups,
		"adminPass": n.world.NewHexID()[:12],
	}}}
	return a.WithHeader("Location", c.Base+"/compute/v2.1/servers/"+s.ID), nil
}

// checkSchema checks required fields and fields that the microversion does not
// have.
func (r *creation) checkSchema() error {
	c, want := r.c, r.want.Server
	if want == nil {
		return api.Required("", "server", nil)
	}
	r.raw = api.ValueAt(c.Body, "server")
	for _, needed := range []struct {
		name    string
		missing bool
	}{
		{"name", want.Name == nil},
		{"flavorRef", want.FlavorRef == nil},
		{"networks", len(want.Networks) == 0 && c.Microversion >= requiredNetworks},
	} {
		if needed.missing {
			return api.Required("server", needed.name, r.raw)
		}
	}
	if err := since(c, serverDescription, want.Description != nil, "server", "description", r.raw); err != nil {
		return err
	}
	return since(c, tagsAtCreation, want.Tags != nil, "server", "tags", r.raw)
}

// checkStrings checks the name, the description and the tags.
func (r *creation) checkStrings() error {
	want := r.want.Server
	if err := checkName(*want.Name); err != nil {
		return err
	}
	r.server.name, r.server.description = *want.Name, *want.Name
	api.Assign(&r.server.description, want.Description)
	if want.Tags == nil {
		return nil
	}
	for i, tag := range *want.Tags {
		if strings.ContainsAny(tag, ",/") {
			return api.InvalidField(strconv.Itoa(i), api.Marshal(tag), api.PythonString(tag)+" does not match '^[^,/]*$'")
		}
		if utf8.RuneCountInString(tag) > 60 {
			return api.InvalidField(strconv.Itoa(i), api.Marshal(tag), api.PythonString(tag)+" is too long")
		}
	}
	r.server.tags = append([]string{}, *want.Tags...)
	return nil
}

// checkName returns an error for a name that is empty or longer than 255
// characters.
func checkName(name string) error {
	switch {
	case name == "":
		return api.InvalidField("name", api.Marshal(name), "'' is too short")
	case utf8.RuneCountInString(name) > 255:
		return api.InvalidField("name", api.Marshal(name), api.PythonString(name)+" is too long")
	}
	return nil
}

func (r *creation) readMetadata() error {
	if len(r.want.Server.Metadata) == 0 {
		return nil
	}
	metadata, err := r.c.Metadata(r.want.Server.Metadata, api.ServerKeys)
	if err != nil {
		return err
	}
	r.server.metadata = metadata
	return r.checkMetadataCount(metadata)
}

const userDataLimit = 65535

// readUserData accepts what Python's decoder accepts: it ignores characters
// that are not base64.
func (r *creation) readUserData() error {
	data := r.want.Server.UserData
	if data == nil {
		return nil
	}
	if len(*data) > userDataLimit {
		return api.InvalidField("user_data", api.Marshal(*data), api.PythonString(*data)+" is too long")
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
	letters := strings.Map(func(letter rune) rune {
		if strings.ContainsRune(alphabet, letter) {
			return letter
		}
		return -1
	}, *data)
	if _, err := base64.StdEncoding.DecodeString(letters); err != nil {
		return api.InvalidField("user_data", api.Marshal(*data), api.PythonString(*data)+" is not a 'base64'")
	}
	r.server.userData = *data
	return nil
}

func (r *creation) readConfigDrive() error {
	if len(r.want.Server.ConfigDrive) == 0 {
		return nil
	}
	on, err := api.BooleanWord("config_drive", r.want.Server.ConfigDrive, serverFlags)
	r.server.configDrive = on
	return err
}

// serverFlags are the values of Nova's booleans.
var serverFlags = api.BooleanWords{
	Yes: []string{"true", `"True"`, `"TRUE"`, `"true"`, `"1"`, `"ON"`, `"On"`, `"on"`, `"YES"`, `"Yes"`, `"yes"`},
	No:  []string{"false", `"False"`, `"FALSE"`, `"false"`, `"0"`, `"OFF"`, `"Off"`, `"off"`, `"NO"`, `"No"`, `"no"`},
}

// readHints reads the server group. The scheduler ignores unknown hints.
func (r *creation) readHints() error {
	if len(r.want.Hints) == 0 {
		return nil
	}
	hints := map[string]json.RawMessage{}
	if err := json.Unmarshal(r.want.Hints, &hints); err != nil {
		return api.InvalidField("os:scheduler_hints", r.want.Hints, api.PythonRepr(r.want.Hints)+" is not of type 'object'")
	}
	raw, given := hints["group"]
	if !given {
		return nil
	}
	var id string
	if json.Unmarshal(raw, &id) != nil || !world.IsUUID(id) {
		return api.InvalidField("group", raw, api.PythonRepr(raw)+" is not a 'uuid'")
	}
	if r.server.group = api.ByID(api.Visible(r.c.Caller, r.groups), id); r.server.group == nil {
		return api.Refuse(http.StatusBadRequest, "Instance group "+id+" could not be found.")
	}
	return nil
}

func (r *creation) chooseZone() error {
	if zone := r.want.Server.AvailabilityZone; zone != nil {
		if !slices.Contains(r.world.Options.AvailabilityZones, *zone) {
			return api.Refuse(http.StatusBadRequest, "The requested availability zone is not available")
		}
		r.server.zone, r.server.requestedZone = *zone, *zone
	}
	return nil
}

func (r *creation) chooseKeyPair() error {
	if name := r.want.Server.KeyName; name != nil {
		if r.findKeyPair(r.c, *name) == nil {
			return api.Refuse(http.StatusBadRequest, "Invalid key_name provided.")
		}
		r.server.keyName = *name
	}
	return nil
}

func (r *creation) chooseFlavor() error {
	if r.server.flavor = r.findFlavor(*r.want.Server.FlavorRef); r.server.flavor == nil {
		return api.Refuse(http.StatusBadRequest, "Flavor "+*r.want.Server.FlavorRef+" could not be found.")
	}
	return nil
}

func (r *creation) chooseImage() error {
	id := api.Deref(r.want.Server.ImageRef)
	switch {
	case id == "" && len(r.want.Server.BlockDevices) == 0:
		return api.Refuse(http.StatusBadRequest, "Missing imageRef attribute")
	case id == "":
		return nil
	case !world.IsUUID(id):
		return api.InvalidField("imageRef", api.Marshal(id), api.PythonString(id)+" is not valid under any of the given schemas")
	}
	img, found := r.images.Image(r.c.Caller, id)
	switch {
	case !found:
		return api.Refuse(http.StatusBadRequest, "Can not find requested image")
	case img.Status != "active":
		return api.Refuse(http.StatusBadRequest, "Image "+id+" is not active.")
	case img.MinRAM > r.server.flavor.ram:
		return api.Refuse(http.StatusBadRequest, "Flavor's memory is too small for requested image.")
	}
	r.server.imageID, r.image = id, &img
	return nil
}

// checkRootDisk returns an error for a flavor whose disk is too small for the
// image. A root disk that is a volume has a size of its own.
func (r *creation) checkRootDisk() error {
	if r.image == nil || slices.ContainsFunc(r.plans, func(plan plannedDisk) bool { return plan.root }) {
		return nil
	}
	const gib = 1 << 30
	disk, least := int64(r.server.flavor.disk)*gib, int64(r.image.MinDisk)*gib
	switch {
	case disk == 0:
		return api.Refuse(http.StatusForbidden, "Only volume-backed servers are allowed for flavors with zero disk.")
	case r.image.Size > disk:
		return api.Refuse(http.StatusBadRequest, fmt.Sprintf("Flavor's disk is too small for requested image. "+
			"Flavor disk is %d bytes, image is %d bytes.", disk, r.image.Size))
	case least > disk:
		return api.Refuse(http.StatusBadRequest, fmt.Sprintf("Flavor's disk is smaller than the minimum size specified in image "+
			"metadata. Flavor disk is %d bytes, minimum size is %d bytes.", disk, least))
	}
	return nil
}

func (r *creation) chooseGroups() error {
	r.server.requestedGroups = []string{}
	for _, ref := range r.want.Server.SecurityGroups {
		switch len(r.ports.GroupIDs(r.c.Project, ref.Name)) {
		case 1:
			r.server.requestedGroups = append(r.server.requestedGroups, ref.Name)
		case 0:
			return api.Refuse(http.StatusBadRequest, "Unable to find security_group with name or id "+api.PythonString(ref.Name))
		default:
			return api.Refuse(http.StatusConflict, "Multiple security_group matches found for name "+api.PythonString(ref.Name)+", use an ID to be more specific.")
		}
	}
	if len(r.server.requestedGroups) == 0 {
		r.server.requestedGroups = []string{"default"}
	}
	return nil
}

// checkQuota compares the usage of the project with its quota.
func (r *creation) checkQuota() error {
	instances, cores, ram := r.used(r.c.Project)
	type usage struct {
		name            string
		requested, used int
	}
	var over []usage
	for _, u := range []usage{
		{"cores", r.server.flavor.vcpus, cores}, {"instances", 1, instances}, {"ram", r.server.flavor.ram, ram},
	} {
		if r.world.Exceeds(u.name, u.used+u.requested) {
			over = append(over, u)
		}
	}
	if len(over) == 0 {
		return r.checkGroupQuota()
	}
	sort.SliceStable(over, func(i, j int) bool { return over[i].name < over[j].name })
	join := func(text func(usage) string) string {
		parts := []string{}
		for _, u := range over {
			parts = append(parts, text(u))
		}
		return strings.Join(parts, ", ")
	}
	names := join(func(u usage) string { return u.name })
	return api.Refuse(http.StatusForbidden, "Quota exceeded for "+names+": Requested "+
		join(func(u usage) string { return strconv.Itoa(u.requested) })+", but already used "+
		join(func(u usage) string { return strconv.Itoa(u.used) })+" of "+
		join(func(u usage) string { return strconv.Itoa(r.world.Quota(u.name)) })+" "+names)
}

// checkGroupQuota compares the members of the server group that the user has
// created with the user's quota.
func (r *creation) checkGroupQuota() error {
	if r.server.group == nil {
		return nil
	}
	members := 1
	for _, member := range r.server.group.members {
		if member.userID == r.server.userID {
			members++
		}
	}
	if r.world.Exceeds("server_group_members", members) {
		return api.Refuse(http.StatusForbidden, "Quota exceeded, too many servers in group")
	}
	return nil
}
