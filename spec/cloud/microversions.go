package cloud

import (
	"context"
	"fmt"
	"regexp"
)

// versionSegment matches an endpoint up to its API version, which a project id
// may follow. The version document is there.
var versionSegment = regexp.MustCompile(`^(.*?/v\d+(?:\.\d+)?)(?:/.*)?$`)

// Microversions returns the range of microversions of a service, compute or
// volume, such as "2.1" and "2.93".
func (c *Cloud) Microversions(ctx context.Context, service string) (lowest, newest string, err error) {
	root := versionSegment.ReplaceAllString(c.services[service].URL, "$1") + "/"
	type version struct {
		Lowest string `json:"min_version"`
		Newest string `json:"version"`
	}
	// Nova returns one version, Cinder a list of one.
	var found struct {
		Version  version   `json:"version"`
		Versions []version `json:"versions"`
	}
	if err := c.Get(ctx, service, root, &found); err != nil {
		return "", "", err
	}
	for _, v := range append(found.Versions, found.Version) {
		if v.Newest != "" {
			return v.Lowest, v.Newest, nil
		}
	}
	return "", "", fmt.Errorf("%s contains no microversion", root)
}
