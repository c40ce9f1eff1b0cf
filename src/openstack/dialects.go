package openstack

import (
	"encoding/json"
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// maxMessage limits the length of a service's message in an error, in bytes.
// The services' own messages are shorter; a proxy's error page or a traceback
// is longer.
const maxMessage = 1000

// errorBody is what the body of an error response says.
type errorBody struct {
	errorType string // Neutron's type, or the key of Nova's and Cinder's envelope: badRequest, overLimit, …
	message   string
	// fromOpenStack is whether the body has a form that only OpenStack services
	// use.
	fromOpenStack bool
	// routeMissing is whether the service has no such route; not evidence that
	// an object is missing.
	routeMissing bool
}

// fault is the union of the fields of the services' error formats.
type fault struct {
	Message     string          `json:"message"`
	Type        string          `json:"type"`        // Neutron
	Detail      string          `json:"detail"`      // Neutron, Placement
	Faultstring string          `json:"faultstring"` // Octavia, from its WSME layer
	Description string          `json:"description"` // Octavia, from its own layer
	Title       string          `json:"title"`
	Code        json.RawMessage `json:"code"` // a number or a string, depending on the service
}

// The messages for an unknown route: of WebOb, which Nova, Cinder, Glance and
// Neutron use, and of Flask, which Keystone uses.
const (
	noRoute      = "The resource could not be found."
	noFlaskRoute = "The requested URL was not found on the server."
)

// readBody finds the service's message in the body of an error response. The
// formats of the services:
//
//	Nova, Cinder      {"badRequest": {"code": 400, "message": "…"}}
//	Neutron           {"NeutronError": {"type": "…", "message": "…", "detail": "…"}}; before Kilo a plain string
//	Keystone          {"error": {"code": 401, "title": "…", "message": "…"}}
//	Glance            {"code": "404 Not Found", "title": "…", "message": "…<br /><br />"}, HTML or plain text
//	Octavia           {"faultcode": "…", "faultstring": "…"} or {"code": 404, "title": "…", "description": "…"}
func readBody(body []byte) errorBody {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		text := plainText(string(body))
		return errorBody{message: text, routeMissing: strings.Contains(text, noRoute) || strings.Contains(text, noFlaskRoute)}
	}
	var top fault
	_ = json.Unmarshal(body, &top) //nolint:errcheck // fields of an unexpected type stay empty
	switch {
	case fields["NeutronError"] != nil:
		return neutronError(fields["NeutronError"])
	case top.Faultstring != "":
		return errorBody{message: plainText(top.Faultstring), fromOpenStack: true}
	case top.Title != "" && top.Code != nil:
		message := plainText(top.Message + top.Description)
		return errorBody{message: message, fromOpenStack: true, routeMissing: message == noRoute || message == ""}
	}
	return inEnvelope(fields, body)
}

func neutronError(raw json.RawMessage) errorBody {
	var e fault
	if json.Unmarshal(raw, &e) != nil {
		var text string
		_ = json.Unmarshal(raw, &text) //nolint:errcheck // anything else has no message
		return errorBody{message: plainText(text), fromOpenStack: true}
	}
	return errorBody{
		errorType: e.Type, message: plainText(strings.TrimSpace(e.Message + " " + e.Detail)),
		fromOpenStack: true, routeMissing: e.Type == "HTTPNotFound",
	}
}

// inEnvelope reads {"<error type>": {"message": "…"}}.
func inEnvelope(fields map[string]json.RawMessage, body []byte) errorBody {
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		var e fault
		if json.Unmarshal(fields[key], &e) == nil && (e.Message != "" || e.Code != nil) {
			return errorBody{errorType: key, message: plainText(e.Message), fromOpenStack: true}
		}
	}
	return errorBody{message: plainText(string(body))}
}

var (
	htmlHead = regexp.MustCompile(`(?is)<(head|style|script)\b.*?</(head|style|script)>`)
	htmlTag  = regexp.MustCompile(`(?s)<[a-zA-Z/!][^>]*>`)
)

// quotedUserData matches the user data in the error of Nova's schema
// validation, which quotes it twice.
var quotedUserData = regexp.MustCompile(`(user_data\. Value: )\S+( \S+)?`)

// plainText removes markup and limits the length of a message. It also removes
// quoted user data, which holds the secrets of a VM's agent.
func plainText(text string) string {
	text = htmlTag.ReplaceAllString(htmlHead.ReplaceAllString(text, " "), " ")
	text = strings.Join(strings.Fields(html.UnescapeString(text)), " ")
	text = quotedUserData.ReplaceAllString(text, "${1}<redacted>")
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	return text
}

// isQuotaMessage recognises the messages about an exhausted quota:
//
//	Nova     Quota exceeded for cores: Requested 8, but already used 36 of 40 cores
//	Nova     Maximum number of ports exceeded
//	Neutron  Quota exceeded for resources: ['port'].
//	Cinder   VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.
//	Glance   Denying attempt to upload image because it exceeds the quota: …
//	Octavia  Quota has been met for resources: Member
func isQuotaMessage(message string) bool {
	message = strings.ToLower(message)
	return strings.Contains(message, "quota") || strings.Contains(message, "maximum number of") && strings.Contains(message, "exceed")
}
