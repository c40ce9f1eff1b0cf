package nova

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/cinder"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// disk is a volume of a server.
type disk struct {
	id                        string // of the mapping
	volumeID                  string
	device                    string
	root, deleteOnTermination bool
}

func (n *Service) addVolumeRoutes() {
	n.Frontend.Handle("GET /servers/{id}/os-volume_attachments", n.listAttachments, "limit", "offset")
	n.Frontend.Handle("POST /servers/{id}/os-volume_attachments", n.attachVolume)
	n.Frontend.Handle("GET /servers/{id}/os-volume_attachments/{volume}", n.showAttachment)
	n.Frontend.Handle("DELETE /servers/{id}/os-volume_attachments/{volume}", n.detachVolume)
}

// addDisk adds a volume with the next free device name. As with libvirt, the
// requested name is ignored.
func (n *Service) addDisk(s *server, volumeID string, root, deleteOnTermination bool) *disk {
	d := &disk{id: n.world.NewID(), volumeID: volumeID, root: root, deleteOnTermination: deleteOnTermination, device: n.nextDevice(s, root)}
	s.disks = append(s.disks, d)
	return d
}

// nextDevice returns a device name: vda for the root disk, then ephemeral disk
// and swap, then free names for volumes.
func (n *Service) nextDevice(s *server, root bool) string {
	taken := []string{}
	if !root {
		taken = append(taken, "/dev/vda")
	}
	letter := byte('b')
	for _, size := range []int{s.flavor.ephemeral, s.flavor.swap} {
		if size > 0 {
			taken = append(taken, "/dev/vd"+string(letter))
			letter++
		}
	}
	for _, d := range s.disks {
		taken = append(taken, d.device)
	}
	for letter := 'a'; letter < 'z'; letter++ {
		if device := "/dev/vd" + string(letter); !slices.Contains(taken, device) {
			return device
		}
	}
	return "/dev/vdz"
}

func (s *server) disk(volumeID string) *disk {
	i := slices.IndexFunc(s.disks, func(d *disk) bool { return d.volumeID == volumeID })
	if i < 0 {
		return nil
	}
	return s.disks[i]
}

func (n *Service) attachmentDocument(c *api.Call, s *server, d *disk) api.Object {
	document := api.Object{"volumeId": d.volumeID, "serverId": s.ID, "device": d.device}
	if c.Microversion < attachmentIDs {
		document["id"] = d.volumeID
	} else {
		document["bdm_uuid"], document["attachment_id"] = d.id, nil
		v, _ := n.volumes.Volume(d.volumeID)
		for _, a := range v.Attachments {
			if a.ServerID == s.ID {
				document["attachment_id"] = a.ID
			}
		}
	}
	if c.Microversion >= attachmentTermination {
		document["tag"], document["delete_on_termination"] = nil, d.deleteOnTermination
	}
	return document
}

func (n *Service) listAttachments(c *api.Call) (api.Answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return api.Answer{}, err
	}
	shown := []api.Object{}
	for _, d := range s.disks {
		shown = append(shown, n.attachmentDocument(c, s, d))
	}
	return api.OK(api.Object{"volumeAttachments": shown})
}

func (n *Service) notAttached(c *api.Call, s *server) error {
	return api.Refuse(http.StatusNotFound, "Instance "+s.ID+" is not attached to volume "+c.Path["volume"])
}

func (n *Service) showAttachment(c *api.Call) (api.Answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return api.Answer{}, err
	}
	d := s.disk(c.Path["volume"])
	if d == nil {
		return api.Answer{}, n.notAttached(c, s)
	}
	return api.OK(api.Object{"volumeAttachment": n.attachmentDocument(c, s, d)})
}

// holder returns the id of the server that has a volume or is attaching it, ""
// for none.
func (n *Service) holder(volumeID string) string {
	for _, s := range n.servers {
		if s.disk(volumeID) != nil {
			return s.ID
		}
	}
	return ""
}

// attachable returns an error for a volume that Cinder would not reserve, in
// the text that Nova shows.
func (n *Service) attachable(c *api.Call, v cinder.Volume) error {
	const passedOn = "Invalid input received: Invalid volume: "
	if v.Multiattach && c.Microversion < attachmentMulti {
		return api.Refuse(http.StatusBadRequest, "Multiattach volumes are only supported starting with compute API version 2.60.")
	}
	if v.Multiattach && v.Status == "in-use" {
		return nil
	}
	switch holder := n.holder(v.ID); {
	case holder != "":
		return api.Refuse(http.StatusBadRequest, "Invalid volume: volume "+v.ID+" is already attached to instances: "+holder)
	case v.Status == "error":
		return api.Refuse(http.StatusBadRequest, passedOn+"Volume attachments can not be created if the volume is in an error state. "+
			"The Volume "+v.ID+" currently has a status of: error  (HTTP 400) (Request-ID: req-"+n.world.NewID()+")")
	case v.Status != "available":
		return api.Refuse(http.StatusBadRequest, passedOn+"Volume "+v.ID+" status must be available or downloading to reserve, "+
			"but the current status is "+v.Status+". (HTTP 400) (Request-ID: req-"+n.world.NewID()+")")
	}
	return nil
}

const devicePattern = `(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$`

var deviceNamePattern = regexp.MustCompile(devicePattern)

type newAttachment struct {
	Attachment *struct {
		VolumeID            *string         `json:"volumeId"`
		Device              *string         `json:"device"`
		Tag                 *string         `json:"tag"`
		DeleteOnTermination json.RawMessage `json:"delete_on_termination"`
	} `json:"volumeAttachment"`
}

func (n *Service) readAttachment(c *api.Call) (body newAttachment, termination bool, err error) {
	if err := c.Decode(&body); err != nil {
		return body, false, err
	}
	want := body.Attachment
	if want == nil {
		return body, false, api.Required("", "volumeAttachment", nil)
	}
	raw := api.ValueAt(c.Body, "volumeAttachment")
	if err := since(c, attachmentTag, want.Tag != nil, "volumeAttachment", "tag", raw); err != nil {
		return body, false, err
	}
	given := len(want.DeleteOnTermination) > 0
	if err := since(c, attachmentTermination, given, "volumeAttachment", "delete_on_termination", raw); err != nil {
		return body, false, err
	}
	if given {
		if termination, err = api.BooleanWord("delete_on_termination", want.DeleteOnTermination, serverFlags); err != nil {
			return body, false, err
		}
	}
	switch {
	case want.VolumeID == nil:
		return body, false, api.Required("volumeAttachment", "volumeId", raw)
	case !world.IsUUID(*want.VolumeID):
		return body, false, api.InvalidField("volumeId", api.Marshal(*want.VolumeID), api.PythonString(*want.VolumeID)+" is not a 'uuid'")
	case want.Device != nil && !deviceNamePattern.MatchString(*want.Device):
		return body, false, api.InvalidField("device", api.Marshal(*want.Device), api.PythonString(*want.Device)+" does not match '"+devicePattern+"'")
	}
	return body, termination, nil
}

func (n *Service) attachVolume(c *api.Call) (api.Answer, error) {
	body, termination, err := n.readAttachment(c)
	if err != nil {
		return api.Answer{}, err
	}
	s, err := n.changeable(c)
	if err != nil {
		return api.Answer{}, err
	}
	v, found := n.volumeOf(s.Project, *body.Attachment.VolumeID)
	if !found {
		return api.Answer{}, api.Refuse(http.StatusNotFound, "Volume "+*body.Attachment.VolumeID+" could not be found.")
	}
	if err := n.allow(s, "attach_volume", active, stopped); err != nil {
		return api.Answer{}, err
	}
	if err := n.attachable(c, v); err != nil {
		return api.Answer{}, err
	}
	n.volumes.ReserveVolume(v.ID)
	d := n.addDisk(s, v.ID, false, termination)
	current := func() bool {
		now, _ := n.volumes.Volume(v.ID)
		return n.exists(s) && slices.Contains(s.disks, d) && (now.Multiattach || len(now.Attachments) == 0)
	}
	n.world.Progress("volume", "attach", v.Zone, n.world.Options.Latencies.VolumeAttach, func() {
		if current() {
			n.volumes.AttachVolume(v.ID, s.ID, d.device)
		}
	}, func(string) {
		if current() {
			s.disks = api.Without(s.disks, d)
			n.volumes.UnreserveVolume(v.ID)
		}
	})
	document := n.attachmentDocument(c, s, d)
	delete(document, "bdm_uuid")
	delete(document, "attachment_id")
	document["id"] = v.ID
	return api.OK(api.Object{"volumeAttachment": document})
}

func (n *Service) detachVolume(c *api.Call) (api.Answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return api.Answer{}, err
	}
	v, found := n.volumeOf(s.Project, c.Path["volume"])
	if !found {
		return api.Answer{}, api.Refuse(http.StatusNotFound, "Volume "+c.Path["volume"]+" could not be found.")
	}
	d := s.disk(v.ID)
	switch {
	case d == nil:
		return api.Answer{}, n.notAttached(c, s)
	case d.root:
		return api.Answer{}, api.Refuse(http.StatusBadRequest, "Cannot detach a root device volume")
	}
	if err := s.whenUnlocked(); err != nil {
		return api.Answer{}, err
	}
	if err := n.allow(s, "detach_volume", active, stopped); err != nil {
		return api.Answer{}, err
	}
	if !n.volumes.BeginDetach(v.ID) {
		return api.Answer{}, api.Refuse(http.StatusBadRequest, "Invalid volume: Invalid input received: Invalid volume: Unable to detach "+
			"volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach. (HTTP 400) (Request-ID: req-"+n.world.NewID()+")")
	}
	current := func() bool { return n.exists(s) && slices.Contains(s.disks, d) }
	n.world.Progress("volume", "detach", v.Zone, n.world.Options.Latencies.VolumeDetach, func() {
		if current() {
			n.volumes.DetachVolume(v.ID, s.ID)
			n.world.After(n.world.Options.Latencies.AttachmentForget, func() { s.disks = api.Without(s.disks, d) })
		}
	}, func(string) {
		if current() {
			n.volumes.CancelDetach(v.ID)
		}
	})
	return api.Reply(http.StatusAccepted, nil)
}
