package api

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// Microversion is the minor version of a Nova or Cinder request. The path has
// the major version.
type Microversion int

// Microversions is the range of versions that a service offers.
type Microversions struct {
	Major    int
	Min, Max Microversion
	Known    Microversion // the newest that any release of the service offers
	Kind     string       // name in the header OpenStack-API-Version: "compute", "volume"
	Legacy   string       // older header that holds the bare version, "" for none
}

var versionPattern = regexp.MustCompile(`^([1-9]\d*)\.(0|[1-9]\d*)$`)

// Text returns the full version, for example "2.93".
func (m *Microversions) Text(v Microversion) string { return fmt.Sprintf("%d.%d", m.Major, v) }

// requested returns the version that the headers ask for, "" for none.
func (m *Microversions) requested(header http.Header) string {
	for _, value := range header.Values("OpenStack-API-Version") {
		for item := range strings.SplitSeq(value, ",") {
			kind, version, _ := strings.Cut(strings.TrimSpace(item), " ")
			if kind == m.Kind {
				return strings.TrimSpace(version)
			}
		}
	}
	if m.Legacy != "" {
		return header.Get(m.Legacy)
	}
	return ""
}

// negotiate sets the microversion of the call.
func (m *Microversions) negotiate(c *Call) error {
	requested := m.requested(c.Request.Header)
	switch requested {
	case "":
		c.Microversion, c.negotiated = m.Min, true
		return nil
	case "latest":
		c.Microversion, c.negotiated = m.Max, true
		return nil
	}
	if match := versionPattern.FindStringSubmatch(requested); match != nil {
		minor, err := strconv.Atoi(match[2])
		v := Microversion(minor)
		sound := err == nil && match[1] == strconv.Itoa(m.Major) && v >= m.Min
		if sound && v <= m.Max {
			c.Microversion, c.negotiated = v, true
			return nil
		}
		if sound && v <= m.Known {
			return m.unsupported(requested) // a newer release offers it
		}
	}
	c.Violate("unsupported microversion " + requested)
	return m.unsupported(requested)
}

// unsupported returns the error of Nova and Cinder for a version that they do
// not offer.
func (m *Microversions) unsupported(requested string) error {
	if !versionPattern.MatchString(requested) {
		message := "API Version String " + requested + " is of invalid format. Must be of format MajorNum.MinorNum."
		return Refuse(http.StatusBadRequest, message)
	}
	return Refuse(http.StatusNotAcceptable, fmt.Sprintf(
		"Version %s is not supported by the API. Minimum is %s and maximum is %s.", requested, m.Text(m.Min), m.Text(m.Max)))
}

// headers sets the response headers that name the version in use.
func (m *Microversions) headers(header http.Header, v Microversion) {
	header.Set("OpenStack-API-Version", m.Kind+" "+m.Text(v))
	header.Set("Vary", "OpenStack-API-Version")
	if m.Legacy != "" {
		header.Set(m.Legacy, m.Text(v))
		header.Add("Vary", m.Legacy)
	}
}
