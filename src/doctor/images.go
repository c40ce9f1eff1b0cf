package doctor

import (
	"context"
	"slices"
	"strings"
)

// checkImageFormats looks for the formats of stemcells among those that Glance
// accepts.
func (d *Doctor) checkImageFormats(ctx context.Context, s *sheet) {
	formats, err := d.image.DiskFormats(ctx)
	switch {
	case err != nil:
		s.failed("disk formats", err)
		return
	case len(formats) == 0:
		s.unknown("disk formats", "Glance does not list them")
		return
	}
	var missing []string
	for _, format := range []string{"raw", "qcow2"} {
		if !slices.Contains(formats, format) {
			missing = append(missing, format)
		}
	}
	all := strings.Join(formats, ", ")
	switch len(missing) {
	case 0:
		s.ok("disk formats", "%s", all)
	case 1:
		s.warning("disk formats", "use stemcells of the other format (openstack-raw or openstack-qcow2)", "%s: stemcells in the format %s cannot be uploaded", all, missing[0])
	default:
		s.bad("disk formats", "use light stemcells, or ask the cloud's operator for raw or qcow2", "%s: neither raw nor qcow2, the formats of stemcells", all)
	}
}
