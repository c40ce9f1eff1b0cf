package openstack

import (
	"encoding/json"
	"html"
	"regexp"
	"slices"
	"strings"
)

// maxMessage bounds what a service's words may take of an error's text, in bytes. A proxy's error page or a traceback
// is longer; every message of a service is shorter.
const maxMessage = 1000

// answer is the body of a failed call, understood.
type answer struct {
	kind    string // Neutron's type, or the envelope that Nova and Cinder use: badRequest, overLimit, …
	message string
	// dialect says that the body has one of the shapes only OpenStack's services give their errors.
	dialect bool
	// routeMissing says that the service does not know the path, which is no word about an object.
	routeMissing bool
}

// fault is the union of the fields that the services put into their errors.
type fault struct {
	Message     string          `json:"message"`
	Type        string          `json:"type"`        // Neutron
	Detail      string          `json:"detail"`      // Neutron, Placement
	Faultstring string          `json:"faultstring"` // Octavia, from its WSME layer
	Description string          `json:"description"` // Octavia, from its own layer
	Title       string          `json:"title"`
	Code        json.RawMessage `json:"code"` // number or text, by service
}

// What is answered for a path that no route matches, by WebOb, below Nova, Cinder, Glance and Neutron, and by Flask,
// below Keystone.
const (
	noRoute      = "The resource could not be found."
	noFlaskRoute = "The requested URL was not found on the server."
)

// readBody finds the service's words in the body of a failed call. The shapes, by service:
//
//	Nova, Cinder      {"badRequest": {"code": 400, "message": "…"}}
//	Neutron           {"NeutronError": {"type": "…", "message": "…", "detail": "…"}}; before Kilo a plain string
//	Keystone          {"error": {"code": 401, "title": "…", "message": "…"}}
//	Glance            {"code": "404 Not Found", "title": "…", "message": "…<br /><br />"}, HTML or plain text
//	Octavia           {"faultcode": "…", "faultstring": "…"} or {"code": 404, "title": "…", "description": "…"}
func readBody(body []byte) answer {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		text := plain(string(body))
		return answer{message: text, routeMissing: strings.Contains(text, noRoute) || strings.Contains(text, noFlaskRoute)}
	}
	var top fault
	_ = json.Unmarshal(body, &top) //nolint:errcheck // fields of another type than expected stay empty
	switch {
	case fields["NeutronError"] != nil:
		return neutronError(fields["NeutronError"])
	case top.Faultstring != "":
		return answer{message: plain(top.Faultstring), dialect: true}
	case top.Title != "" && top.Code != nil:
		message := plain(top.Message + top.Description)
		return answer{message: message, dialect: true, routeMissing: message == noRoute || message == ""}
	}
	return enveloped(fields, body)
}

func neutronError(raw json.RawMessage) answer {
	var e fault
	if json.Unmarshal(raw, &e) != nil {
		var text string
		_ = json.Unmarshal(raw, &text) //nolint:errcheck // anything else has no words
		return answer{message: plain(text), dialect: true}
	}
	return answer{
		kind: e.Type, message: plain(strings.TrimSpace(e.Message + " " + e.Detail)),
		dialect: true, routeMissing: e.Type == "HTTPNotFound",
	}
}

// enveloped reads {"<kind>": {"message": "…"}}.
func enveloped(fields map[string]json.RawMessage, body []byte) answer {
	kinds := make([]string, 0, len(fields))
	for kind := range fields {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		var e fault
		if json.Unmarshal(fields[kind], &e) == nil && (e.Message != "" || e.Code != nil) {
			return answer{kind: kind, message: plain(e.Message), dialect: true}
		}
	}
	return answer{message: plain(string(body))}
}

var (
	htmlHead = regexp.MustCompile(`(?is)<(head|style|script)\b.*?</(head|style|script)>`)
	htmlTag  = regexp.MustCompile(`(?s)<[a-zA-Z/!][^>]*>`)
)

// echoed matches what Nova quotes of user data that its schema refuses: the value twice, and the reason.
var echoed = regexp.MustCompile(`(user_data\. Value: )\S+( \S+)?`)

// plain takes the markup out of a text, and the user data, which holds the secrets of a VM's agent; and bounds it.
func plain(text string) string {
	text = htmlTag.ReplaceAllString(htmlHead.ReplaceAllString(text, " "), " ")
	text = strings.Join(strings.Fields(html.UnescapeString(text)), " ")
	text = echoed.ReplaceAllString(text, "${1}<redacted>")
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	return text
}

// saysQuota recognises a used-up quota by its words:
//
//	Nova     Quota exceeded for cores: Requested 8, but already used 36 of 40 cores
//	Nova     Maximum number of ports exceeded
//	Neutron  Quota exceeded for resources: ['port'].
//	Cinder   VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.
//	Glance   Denying attempt to upload image because it exceeds the quota: …
//	Octavia  Quota has been met for resources: Member
func saysQuota(message string) bool {
	message = strings.ToLower(message)
	return strings.Contains(message, "quota") || strings.Contains(message, "maximum number of") && strings.Contains(message, "exceed")
}
