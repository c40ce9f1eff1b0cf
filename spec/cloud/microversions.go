package cloud

import (
	"context"
	"fmt"
	"regexp"
)

// versionSegment ends the part of an endpoint that its version document lies at: a project may follow.
var versionSegment = regexp.MustCompile(`^(.*?/v\d+(?:\.\d+)?)(?:/.*)?$`)

// Microversions is the range that a service, compute or volume, says it offers: "2.1" and "2.93".
func (c *Cloud) Microversions(ctx context.Context, service string) (lowest, newest string, err error) {
	root := versionSegment.ReplaceAllString(c.endpoints[service], "$1") + "/"
	type version struct {
		Lowest string `json:"min_version"`
		Newest string `json:"version"`
	}
	// Nova describes the version that was asked for, Cinder lists it.
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
	return "", "", fmt.Errorf("%s names no microversion", root)
}
