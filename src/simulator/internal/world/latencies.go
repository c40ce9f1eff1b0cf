package world

import (
	"fmt"
	"strings"
	"time"
)

// Latencies are the times of changes after a request was answered. Zero is the
// default, a negative value makes the change immediate. Set has their names.
type Latencies struct {
	ServerBuild, ServerDelete, ServerReboot, ServerStop, ServerStart time.Duration // 2 s, 1 s, 1 s, 1 s, 1 s
	VolumeCreate, VolumeDelete, VolumeExtend, VolumeRetype           time.Duration // 1 s, 0.5 s, 0.5 s, 1 s
	VolumeAttach, VolumeDetach                                       time.Duration // 0.5 s, 0.48 s
	AttachmentForget                                                 time.Duration // 20 ms: how long Nova lists a volume after Cinder shows it available
	SnapshotCreate, SnapshotDelete                                   time.Duration // 0.5 s, 0.5 s
	ImageSave                                                        time.Duration // none: Glance answers an upload when it is done
	ImageImport                                                      time.Duration // 1 s
	LoadBalancerUpdate                                               time.Duration // 0.5 s
}

// latency is one of the Latencies with its name and its default.
type latency struct {
	name    string
	value   *time.Duration
	initial time.Duration
}

func (l *Latencies) all() []latency {
	const ms = time.Millisecond
	return []latency{
		{"server-build", &l.ServerBuild, 2000 * ms},
		{"server-delete", &l.ServerDelete, 1000 * ms},
		{"server-reboot", &l.ServerReboot, 1000 * ms},
		{"server-stop", &l.ServerStop, 1000 * ms},
		{"server-start", &l.ServerStart, 1000 * ms},
		{"volume-create", &l.VolumeCreate, 1000 * ms},
		{"volume-delete", &l.VolumeDelete, 500 * ms},
		{"volume-extend", &l.VolumeExtend, 500 * ms},
		{"volume-retype", &l.VolumeRetype, 1000 * ms},
		{"volume-attach", &l.VolumeAttach, 500 * ms},
		{"volume-detach", &l.VolumeDetach, 480 * ms},
		{"attachment-forget", &l.AttachmentForget, 20 * ms},
		{"snapshot-create", &l.SnapshotCreate, 500 * ms},
		{"snapshot-delete", &l.SnapshotDelete, 500 * ms},
		{"image-save", &l.ImageSave, -1},
		{"image-import", &l.ImageImport, 1000 * ms},
		{"load-balancer-update", &l.LoadBalancerUpdate, 500 * ms},
	}
}

// LatencyNames lists the names that Latencies.Set accepts.
func LatencyNames() []string {
	names := []string{}
	for _, each := range new(Latencies).all() {
		names = append(names, each.name)
	}
	return names
}

// Set sets the latency with a name, for example "server-build". A duration that
// is not positive makes the change immediate.
func (l *Latencies) Set(name string, d time.Duration) error {
	for _, each := range l.all() {
		if each.name == name {
			*each.value = immediateOr(d)
			return nil
		}
	}
	return fmt.Errorf("there is no latency %s; the names are %s", name, strings.Join(LatencyNames(), ", "))
}

// Scaled returns the latencies, and the defaults for those that are zero,
// multiplied by a factor. The factor 0 makes all changes immediate.
func (l *Latencies) Scaled(factor float64) Latencies {
	scaled := *l
	for _, each := range scaled.all() {
		setDefault(each.value, each.initial)
		*each.value = immediateOr(time.Duration(float64(*each.value) * factor))
	}
	return scaled
}

func immediateOr(d time.Duration) time.Duration {
	if d <= 0 {
		return -1
	}
	return d
}
