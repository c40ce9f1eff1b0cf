package simulator

import (
	"net/http"
	"strings"
)

// wsgiFaults are the names that the framework of Nova and Cinder gives the errors.
var wsgiFaults = map[int]string{
	http.StatusBadRequest: "badRequest", http.StatusUnauthorized: "unauthorized", http.StatusForbidden: "forbidden",
	http.StatusNotFound: "itemNotFound", http.StatusMethodNotAllowed: "badMethod", http.StatusConflict: "conflictingRequest",
	http.StatusRequestEntityTooLarge: "overLimit", http.StatusUnsupportedMediaType: "badMediaType",
	http.StatusNotImplemented: "notImplemented", http.StatusServiceUnavailable: "serviceUnavailable",
	http.StatusTooManyRequests: "overLimit",
}

// refuseWSGI is the error body of Nova and Cinder.
func refuseWSGI(status int, _, message string) answer {
	name, known := wsgiFaults[status]
	if !known {
		name = "computeFault"
	}
	return answer{status: status, body: object{name: object{"code": status, "message": message}}}
}

// action is the one name in the body of an action on a server or a volume.
func (c *call) action() (string, error) {
	members, err := orderedMembers(c.body)
	if err != nil || len(members) != 1 {
		c.sim.violate(c, "an action needs exactly one name")
		return "", refuse(http.StatusBadRequest, "Malformed request body")
	}
	return members[0].name, nil
}

// nextLink is a list's link to its next page.
func nextLink(c *call, marker string) []object {
	query := c.request.URL.Query()
	query.Set("marker", marker)
	return []object{{"rel": "next", "href": c.base + strings.TrimPrefix(c.request.URL.Path, c.prefix) + "?" + query.Encode()}}
}
