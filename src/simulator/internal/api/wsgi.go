package api

import (
	"net/http"
	"strings"
)

// wsgiFaults are the names of errors in the framework of Nova and Cinder.
var wsgiFaults = map[int]string{
	http.StatusBadRequest: "badRequest", http.StatusUnauthorized: "unauthorized", http.StatusForbidden: "forbidden",
	http.StatusNotFound: "itemNotFound", http.StatusMethodNotAllowed: "badMethod", http.StatusConflict: "conflictingRequest",
	http.StatusRequestEntityTooLarge: "overLimit", http.StatusUnsupportedMediaType: "badMediaType",
	http.StatusNotImplemented: "notImplemented", http.StatusServiceUnavailable: "serviceUnavailable",
	http.StatusTooManyRequests: "overLimit",
}

// RefuseWSGI renders an error of Nova and Cinder.
func RefuseWSGI(status int, _, message string) Answer {
	name, known := wsgiFaults[status]
	if !known {
		name = "computeFault"
	}
	return Answer{Status: status, Body: Object{name: Object{"code": status, "message": message}}}
}

// Action returns the only name in the body of an action on a server or a
// volume.
func (c *Call) Action() (string, error) {
	members, err := OrderedMembers(c.Body)
	if err != nil || len(members) != 1 {
		c.Violate("an action needs exactly one name")
		return "", Refuse(http.StatusBadRequest, "Malformed request body")
	}
	return members[0].Name, nil
}

// NextLink returns the link of a list to its next page.
func NextLink(c *Call, marker string) []Object {
	query := c.Request.URL.Query()
	query.Set("marker", marker)
	return []Object{{"rel": "next", "href": c.Base + strings.TrimPrefix(c.Request.URL.Path, c.Prefix) + "?" + query.Encode()}}
}
