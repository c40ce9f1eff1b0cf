package keystone

import (
	"net/http"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

const (
	malformed = " The server could not comply with the request since it is either malformed or otherwise incorrect." +
		" The client is assumed to be in error."
	unauthorizedMessage = "The request you have made requires authentication."
)

func refuse(status int, _, message string) api.Answer {
	return api.Answer{Status: status, Body: api.Object{"error": api.Object{
		"code": status, "message": message, "title": http.StatusText(status),
	}}}
}

// rejected returns Keystone's 401, which does not name the reason.
func (k *Service) rejected(c *api.Call) error {
	a := refuse(http.StatusUnauthorized, "", unauthorizedMessage)
	return &api.AnswerError{Answer: a.WithHeader("Www-Authenticate", k.realm(c))}
}

// realm returns the value of Www-Authenticate: where to authenticate.
func (k *Service) realm(c *api.Call) string { return `Keystone uri="` + c.Base + `/identity/v3"` }

// unusable returns the 401 for a method that cannot be used; identity lists
// those that can.
func (k *Service) unusable(c *api.Call, message string, identity api.Object) error {
	a := api.Answer{Status: http.StatusUnauthorized, Body: api.Object{"error": api.Object{
		"code": http.StatusUnauthorized, "message": message, "title": http.StatusText(http.StatusUnauthorized), "identity": identity,
	}}}
	return &api.AnswerError{Answer: a.WithHeader("Www-Authenticate", k.realm(c))}
}

// missing returns Keystone's 400 for an absent part of the body.
func (k *Service) missing(what, where string) error {
	return api.Refuse(http.StatusBadRequest, "Expecting to find "+what+" in "+where+"."+malformed)
}

func badBody(_ *api.Call, bad api.BadValue) error {
	if bad.Path == "" {
		return api.Refuse(http.StatusBadRequest, "Expecting to find valid JSON in request body."+malformed)
	}
	return api.Refuse(http.StatusBadRequest, "Expecting to find valid "+bad.Path+"."+malformed)
}

func unknownRoute(_ *api.Call, allowed []string) api.Answer {
	if len(allowed) > 0 {
		body := api.Object{"message": "The method is not allowed for the requested URL."}
		return api.Answer{Status: http.StatusMethodNotAllowed, Body: body}.WithHeader("Allow", strings.Join(allowed, ", "))
	}
	page := "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found " +
		"on the server. If you entered the URL manually please check your spelling and try again.</p>\n"
	a := api.Answer{Status: http.StatusNotFound, Body: []byte(page)}
	return a.WithHeader("Content-Type", "text/html; charset=utf-8")
}
