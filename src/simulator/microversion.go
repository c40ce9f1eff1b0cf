package simulator

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// microversion is the minor version of a Nova or Cinder request; the major one is fixed by the path.
type microversion int

// microversions is the range of versions that a service offers.
type microversions struct {
	major    int
	min, max microversion
	known    microversion // the newest that any release of the service offers
	kind     string       // name in the header OpenStack-API-Version: "compute", "volume"
	legacy   string       // older header that holds the bare version, "" for none
}

var versionPattern = regexp.MustCompile(`^([1-9]\d*)\.(0|[1-9]\d*)$`)

func (m *microversions) text(v microversion) string { return fmt.Sprintf("%d.%d", m.major, v) }

// requested is the version that the headers ask for, "" for none.
func (m *microversions) requested(header http.Header) string {
	for _, value := range header.Values("OpenStack-API-Version") {
		for item := range strings.SplitSeq(value, ",") {
			kind, version, _ := strings.Cut(strings.TrimSpace(item), " ")
			if kind == m.kind {
				return strings.TrimSpace(version)
			}
		}
	}
	if m.legacy != "" {
		return header.Get(m.legacy)
	}
	return ""
}

// negotiate sets the version of the call.
func (m *microversions) negotiate(c *call) error {
	requested := m.requested(c.request.Header)
	switch requested {
	case "":
		c.microversion, c.negotiated = m.min, true
		return nil
	case "latest":
		c.microversion, c.negotiated = m.max, true
		return nil
	}
	if match := versionPattern.FindStringSubmatch(requested); match != nil {
		minor, err := strconv.Atoi(match[2])
		v := microversion(minor)
		sound := err == nil && match[1] == strconv.Itoa(m.major) && v >= m.min
		if sound && v <= m.max {
			c.microversion, c.negotiated = v, true
			return nil
		}
		if sound && v <= m.known {
			return m.unsupported(requested) // it is the cloud that is old
		}
	}
	c.sim.violate(c, "unsupported microversion "+requested)
	return m.unsupported(requested)
}

// unsupported is how Nova and Cinder refuse a version that they do not offer.
func (m *microversions) unsupported(requested string) error {
	if !versionPattern.MatchString(requested) {
		message := "API Version String " + requested + " is of invalid format. Must be of format MajorNum.MinorNum."
		return refuse(http.StatusBadRequest, message)
	}
	return refuse(http.StatusNotAcceptable, fmt.Sprintf(
		"Version %s is not supported by the API. Minimum is %s and maximum is %s.", requested, m.text(m.min), m.text(m.max)))
}

// headers tells the client which version was used.
func (m *microversions) headers(header http.Header, v microversion) {
	header.Set("OpenStack-API-Version", m.kind+" "+m.text(v))
	header.Set("Vary", "OpenStack-API-Version")
	if m.legacy != "" {
		header.Set(m.legacy, m.text(v))
		header.Add("Vary", m.legacy)
	}
}
