package simulator

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
)

// disk is a volume of a server.
type disk struct {
	id                        string // of the mapping
	volumeID                  string
	device                    string
	root, deleteOnTermination bool
}

func (n *nova) addVolumeRoutes() {
	n.handle(n.service, "GET /servers/{id}/os-volume_attachments", n.listAttachments, "limit", "offset")
	n.handle(n.service, "POST /servers/{id}/os-volume_attachments", n.attachVolume)
	n.handle(n.service, "GET /servers/{id}/os-volume_attachments/{volume}", n.showAttachment)
	n.handle(n.service, "DELETE /servers/{id}/os-volume_attachments/{volume}", n.detachVolume)
}

// addDisk gives a volume the next free device name, as libvirt does whatever name was asked for.
func (n *nova) addDisk(s *server, volumeID string, root, deleteOnTermination bool) *disk {
	d := &disk{id: n.newID(), volumeID: volumeID, root: root, deleteOnTermination: deleteOnTermination, device: n.nextDevice(s, root)}
	s.disks = append(s.disks, d)
	return d
}

// nextDevice: the root disk is vda, ephemeral disk and swap follow, volumes take what is free.
func (n *nova) nextDevice(s *server, root bool) string {
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

func (n *nova) attachmentDocument(c *call, s *server, d *disk) object {
	document := object{"volumeId": d.volumeID, "serverId": s.id, "device": d.device}
	if c.microversion < attachmentIDs {
		document["id"] = d.volumeID
	} else {
		document["bdm_uuid"], document["attachment_id"] = d.id, nil
		v, _ := n.volumes.Volume(d.volumeID)
		for _, a := range v.Attachments {
			if a.ServerID == s.id {
				document["attachment_id"] = a.ID
			}
		}
	}
	if c.microversion >= attachmentTermination {
		document["tag"], document["delete_on_termination"] = nil, d.deleteOnTermination
	}
	return document
}

func (n *nova) listAttachments(c *call) (answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return answer{}, err
	}
	shown := []object{}
	for _, d := range s.disks {
		shown = append(shown, n.attachmentDocument(c, s, d))
	}
	return ok(object{"volumeAttachments": shown})
}

func (n *nova) notAttached(c *call, s *server) error {
	return refuse(http.StatusNotFound, "Instance "+s.id+" is not attached to volume "+c.path["volume"])
}

func (n *nova) showAttachment(c *call) (answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return answer{}, err
	}
	d := s.disk(c.path["volume"])
	if d == nil {
		return answer{}, n.notAttached(c, s)
	}
	return ok(object{"volumeAttachment": n.attachmentDocument(c, s, d)})
}

// holder is the server that has a volume or is about to have it, "" for none.
func (n *nova) holder(volumeID string) string {
	for _, s := range n.servers {
		if s.disk(volumeID) != nil {
			return s.id
		}
	}
	return ""
}

// attachable refuses a volume that Cinder would not reserve, in the words that Nova passes on.
func (n *nova) attachable(v volumeInfo) error {
	const passedOn = "Invalid input received: Invalid volume: "
	switch holder := n.holder(v.ID); {
	case holder != "":
		return refuse(http.StatusBadRequest, "Invalid volume: volume "+v.ID+" is already attached to instances: "+holder)
	case v.Status == "error":
		return refuse(http.StatusBadRequest, passedOn+"Volume attachments can not be created if the volume is in an error state. "+
			"The Volume "+v.ID+" currently has a status of: error  (HTTP 400) (Request-ID: req-"+n.newID()+")")
	case v.Status != "available":
		return refuse(http.StatusBadRequest, passedOn+"Volume "+v.ID+" status must be available or downloading to reserve, "+
			"but the current status is "+v.Status+". (HTTP 400) (Request-ID: req-"+n.newID()+")")
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

func (n *nova) readAttachment(c *call) (body newAttachment, termination bool, err error) {
	if err := c.decode(&body); err != nil {
		return body, false, err
	}
	want := body.Attachment
	if want == nil {
		return body, false, required("", "volumeAttachment", nil)
	}
	raw := valueAt(c.body, "volumeAttachment")
	if err := since(c, attachmentTag, want.Tag != nil, "volumeAttachment", "tag", raw); err != nil {
		return body, false, err
	}
	given := len(want.DeleteOnTermination) > 0
	if err := since(c, attachmentTermination, given, "volumeAttachment", "delete_on_termination", raw); err != nil {
		return body, false, err
	}
	if given {
		if termination, err = booleanWord("delete_on_termination", want.DeleteOnTermination, serverFlags); err != nil {
			return body, false, err
		}
	}
	switch {
	case want.VolumeID == nil:
		return body, false, required("volumeAttachment", "volumeId", raw)
	case !isUUID(*want.VolumeID):
		return body, false, invalidField("volumeId", marshal(*want.VolumeID), pythonString(*want.VolumeID)+" is not a 'uuid'")
	case want.Device != nil && !deviceNamePattern.MatchString(*want.Device):
		return body, false, invalidField("device", marshal(*want.Device), pythonString(*want.Device)+" does not match '"+devicePattern+"'")
	}
	return body, termination, nil
}

func (n *nova) attachVolume(c *call) (answer, error) {
	body, termination, err := n.readAttachment(c)
	if err != nil {
		return answer{}, err
	}
	s, err := n.wanted(c)
	if err != nil {
		return answer{}, err
	}
	v, found := n.volumeOf(s.project, *body.Attachment.VolumeID)
	if !found {
		return answer{}, refuse(http.StatusNotFound, "Volume "+*body.Attachment.VolumeID+" could not be found.")
	}
	if err := n.allow(s, "attach_volume", active, stopped); err != nil {
		return answer{}, err
	}
	if err := n.attachable(v); err != nil {
		return answer{}, err
	}
	n.volumes.ReserveVolume(v.ID)
	d := n.addDisk(s, v.ID, false, termination)
	current := func() bool {
		now, _ := n.volumes.Volume(v.ID)
		return n.exists(s) && slices.Contains(s.disks, d) && len(now.Attachments) == 0
	}
	n.progress("volume", "attach", v.Zone, n.options.Latencies.VolumeAttach, func() {
		if current() {
			n.volumes.AttachVolume(v.ID, s.id, d.device)
		}
	}, func(string) {
		if current() {
			s.disks = without(s.disks, d)
			n.volumes.UnreserveVolume(v.ID)
		}
	})
	document := n.attachmentDocument(c, s, d)
	delete(document, "bdm_uuid")
	delete(document, "attachment_id")
	document["id"] = v.ID
	return ok(object{"volumeAttachment": document})
}

func (n *nova) detachVolume(c *call) (answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return answer{}, err
	}
	v, found := n.volumeOf(s.project, c.path["volume"])
	if !found {
		return answer{}, refuse(http.StatusNotFound, "Volume "+c.path["volume"]+" could not be found.")
	}
	d := s.disk(v.ID)
	switch {
	case d == nil:
		return answer{}, n.notAttached(c, s)
	case d.root:
		return answer{}, refuse(http.StatusBadRequest, "Cannot detach a root device volume")
	}
	if err := n.allow(s, "detach_volume", active, stopped); err != nil {
		return answer{}, err
	}
	if !n.volumes.BeginDetach(v.ID) {
		return answer{}, refuse(http.StatusBadRequest, "Invalid volume: Invalid input received: Invalid volume: Unable to detach "+
			"volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach. (HTTP 400) (Request-ID: req-"+n.newID()+")")
	}
	current := func() bool { return n.exists(s) && slices.Contains(s.disks, d) }
	n.progress("volume", "detach", v.Zone, n.options.Latencies.VolumeDetach, func() {
		if current() {
			n.volumes.DetachVolume(v.ID, s.id)
			n.after(n.options.Latencies.AttachmentForget, func() { s.disks = without(s.disks, d) })
		}
	}, func(string) {
		if current() {
			n.volumes.CancelDetach(v.ID)
		}
	})
	return reply(http.StatusAccepted, nil)
}
