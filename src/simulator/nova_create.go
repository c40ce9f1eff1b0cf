package simulator

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
)

// newServer is the body of a request for a server. What may have several JSON types is read by hand.
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
	*nova
	c      *call
	want   newServer
	raw    json.RawMessage // the object "server"
	image  *image          // nil for none
	server *server
	plans  []plannedDisk
}

func (n *nova) createServer(c *call) (answer, error) {
	r := &creation{nova: n, c: c, server: &server{
		identity: identity{n.newID(), c.Project}, userID: c.UserID, vmState: building, taskState: "scheduling",
		metadata: map[string]string{}, tags: []string{}, created: n.now, updated: n.now,
	}}
	if err := c.decode(&r.want); err != nil {
		return answer{}, err
	}
	for _, check := range []func() error{
		r.checkSchema, r.checkStrings, r.readMetadata, r.readUserData, r.readConfigDrive, r.readHints, r.chooseZone, r.chooseKeyPair,
		r.chooseFlavor, r.chooseImage, r.readBlockDevices, r.checkRootDisk, r.chooseNetworks, r.chooseGroups, r.checkQuota,
	} {
		if err := check(); err != nil {
			return answer{}, err
		}
	}
	s := r.server
	n.servers = append(n.servers, s)
	if s.group != nil {
		s.group.members = append(s.group.members, s)
	}
	n.build(c.caller, s, r.plans)
	groups := []object{}
	for _, name := range s.requestedGroups {
		groups = append(groups, object{"name": name})
	}
	a := answer{status: http.StatusAccepted, body: object{"server": object{
		"id": s.id, "links": n.links(c, "servers", s.id), "OS-DCF:diskConfig": "MANUAL", "security_groups": groups,
		"adminPass": n.newHexID()[:12],
	}}}
	return a.withHeader("Location", c.base+"/compute/v2.1/servers/"+s.id), nil
}

// checkSchema looks for what must be there and what the microversion does not know.
func (r *creation) checkSchema() error {
	c, want := r.c, r.want.Server
	if want == nil {
		return required("", "server", nil)
	}
	r.raw = valueAt(c.body, "server")
	for _, needed := range []struct {
		name    string
		missing bool
	}{
		{"name", want.Name == nil},
		{"flavorRef", want.FlavorRef == nil},
		{"networks", len(want.Networks) == 0 && c.microversion >= requiredNetworks},
	} {
		if needed.missing {
			return required("server", needed.name, r.raw)
		}
	}
	if err := since(c, serverDescription, want.Description != nil, "server", "description", r.raw); err != nil {
		return err
	}
	return since(c, tagsAtCreation, want.Tags != nil, "server", "tags", r.raw)
}

// checkStrings looks at names, the description and the tags.
func (r *creation) checkStrings() error {
	want := r.want.Server
	if err := checkName(*want.Name); err != nil {
		return err
	}
	r.server.name, r.server.description = *want.Name, *want.Name
	assign(&r.server.description, want.Description)
	if want.Tags == nil {
		return nil
	}
	for i, tag := range *want.Tags {
		if strings.ContainsAny(tag, ",/") {
			return invalidField(strconv.Itoa(i), marshal(tag), pythonString(tag)+" does not match '^[^,/]*$'")
		}
		if utf8.RuneCountInString(tag) > 60 {
			return invalidField(strconv.Itoa(i), marshal(tag), pythonString(tag)+" is too long")
		}
	}
	r.server.tags = append([]string{}, *want.Tags...)
	return nil
}

// serverName refuses a name that is empty or longer than 255 characters.
func checkName(name string) error {
	switch {
	case name == "":
		return invalidField("name", marshal(name), "'' is too short")
	case utf8.RuneCountInString(name) > 255:
		return invalidField("name", marshal(name), pythonString(name)+" is too long")
	}
	return nil
}

func (r *creation) readMetadata() error {
	if len(r.want.Server.Metadata) == 0 {
		return nil
	}
	metadata, err := r.c.metadata(r.want.Server.Metadata, keysOfServers)
	if err != nil {
		return err
	}
	r.server.metadata = metadata
	return r.checkMetadataCount(metadata)
}

const userDataLimit = 65535

// readUserData accepts what Python's decoder accepts: characters that are not base64 do not count.
func (r *creation) readUserData() error {
	data := r.want.Server.UserData
	if data == nil {
		return nil
	}
	if len(*data) > userDataLimit {
		return invalidField("user_data", marshal(*data), pythonString(*data)+" is too long")
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
	letters := strings.Map(func(letter rune) rune {
		if strings.ContainsRune(alphabet, letter) {
			return letter
		}
		return -1
	}, *data)
	if _, err := base64.StdEncoding.DecodeString(letters); err != nil {
		return invalidField("user_data", marshal(*data), pythonString(*data)+" is not a 'base64'")
	}
	r.server.userData = *data
	return nil
}

func (r *creation) readConfigDrive() error {
	if len(r.want.Server.ConfigDrive) == 0 {
		return nil
	}
	on, err := booleanWord("config_drive", r.want.Server.ConfigDrive, serverFlags)
	r.server.configDrive = on
	return err
}

// serverFlags are the words of Nova's booleans.
var serverFlags = booleanWords{
	yes: []string{"true", `"True"`, `"TRUE"`, `"true"`, `"1"`, `"ON"`, `"On"`, `"on"`, `"YES"`, `"Yes"`, `"yes"`},
	no:  []string{"false", `"False"`, `"FALSE"`, `"false"`, `"0"`, `"OFF"`, `"Off"`, `"off"`, `"NO"`, `"No"`, `"no"`},
}

// readHints looks for the server group; the scheduler ignores hints that it does not know.
func (r *creation) readHints() error {
	if len(r.want.Hints) == 0 {
		return nil
	}
	hints := map[string]json.RawMessage{}
	if err := json.Unmarshal(r.want.Hints, &hints); err != nil {
		return invalidField("os:scheduler_hints", r.want.Hints, pythonRepr(r.want.Hints)+" is not of type 'object'")
	}
	raw, given := hints["group"]
	if !given {
		return nil
	}
	var id string
	if json.Unmarshal(raw, &id) != nil || !isUUID(id) {
		return invalidField("group", raw, pythonRepr(raw)+" is not a 'uuid'")
	}
	if r.server.group = byID(visible(r.c.caller, r.groups), id); r.server.group == nil {
		return refuse(http.StatusBadRequest, "Instance group "+id+" could not be found.")
	}
	return nil
}

func (r *creation) chooseZone() error {
	if zone := r.want.Server.AvailabilityZone; zone != nil {
		if !slices.Contains(r.options.AvailabilityZones, *zone) {
			return refuse(http.StatusBadRequest, "The requested availability zone is not available")
		}
		r.server.zone, r.server.requestedZone = *zone, *zone
	}
	return nil
}

func (r *creation) chooseKeyPair() error {
	if name := r.want.Server.KeyName; name != nil {
		if r.findKeyPair(r.c, *name) == nil {
			return refuse(http.StatusBadRequest, "Invalid key_name provided.")
		}
		r.server.keyName = *name
	}
	return nil
}

func (r *creation) chooseFlavor() error {
	if r.server.flavor = r.findFlavor(*r.want.Server.FlavorRef); r.server.flavor == nil {
		return refuse(http.StatusBadRequest, "Flavor "+*r.want.Server.FlavorRef+" could not be found.")
	}
	return nil
}

func (r *creation) chooseImage() error {
	id := deref(r.want.Server.ImageRef)
	switch {
	case id == "" && len(r.want.Server.BlockDevices) == 0:
		return refuse(http.StatusBadRequest, "Missing imageRef attribute")
	case id == "":
		return nil
	case !isUUID(id):
		return invalidField("imageRef", marshal(id), pythonString(id)+" is not valid under any of the given schemas")
	}
	img, found := r.images.Image(r.c.caller, id)
	switch {
	case !found:
		return refuse(http.StatusBadRequest, "Can not find requested image")
	case img.status != "active":
		return refuse(http.StatusBadRequest, "Image "+id+" is not active.")
	case img.minRAM > r.server.flavor.ram:
		return refuse(http.StatusBadRequest, "Flavor's memory is too small for requested image.")
	}
	r.server.imageID, r.image = id, &img
	return nil
}

// checkRootDisk refuses a flavor whose disk cannot take the image. A root disk that is a volume has a size of its own.
func (r *creation) checkRootDisk() error {
	if r.image == nil || slices.ContainsFunc(r.plans, func(plan plannedDisk) bool { return plan.root }) {
		return nil
	}
	const gib = 1 << 30
	disk, least := int64(r.server.flavor.disk)*gib, int64(r.image.minDisk)*gib
	switch {
	case disk == 0:
		return refuse(http.StatusForbidden, "Only volume-backed servers are allowed for flavors with zero disk.")
	case r.image.size > disk:
		return refuse(http.StatusBadRequest, fmt.Sprintf("Flavor's disk is too small for requested image. "+
			"Flavor disk is %d bytes, image is %d bytes.", disk, r.image.size))
	case least > disk:
		return refuse(http.StatusBadRequest, fmt.Sprintf("Flavor's disk is smaller than the minimum size specified in image "+
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
			return refuse(http.StatusBadRequest, "Unable to find security_group with name or id "+pythonString(ref.Name))
		default:
			return refuse(http.StatusConflict, "Multiple security_group matches found for name "+pythonString(ref.Name)+", use an ID to be more specific.")
		}
	}
	if len(r.server.requestedGroups) == 0 {
		r.server.requestedGroups = []string{"default"}
	}
	return nil
}

// checkQuota compares what the project has with what it may have.
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
		if r.exceeds(u.name, u.used+u.requested) {
			over = append(over, u)
		}
	}
	if len(over) == 0 {
		return nil
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
	return refuse(http.StatusForbidden, "Quota exceeded for "+names+": Requested "+
		join(func(u usage) string { return strconv.Itoa(u.requested) })+", but already used "+
		join(func(u usage) string { return strconv.Itoa(u.used) })+" of "+
		join(func(u usage) string { return strconv.Itoa(r.quota(u.name)) })+" "+names)
}
