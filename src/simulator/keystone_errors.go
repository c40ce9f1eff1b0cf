package simulator

import (
	"net/http"
	"strings"
)

const (
	keystoneMalformed = " The server could not comply with the request since it is either malformed or otherwise incorrect." +
		" The client is assumed to be in error."
	keystoneUnauthorized = "The request you have made requires authentication."
)

func refuseKeystone(status int, _, message string) answer {
	return answer{status: status, body: object{"error": object{
		"code": status, "message": message, "title": http.StatusText(status),
	}}}
}

// rejected is Keystone's 401: it does not tell what is wrong.
func (k *keystone) rejected(c *call) error {
	a := refuseKeystone(http.StatusUnauthorized, "", keystoneUnauthorized)
	return &answerError{a.withHeader("Www-Authenticate", k.realm(c))}
}

// realm tells a client where to authenticate.
func (k *keystone) realm(c *call) string { return `Keystone uri="` + c.base + `/identity/v3"` }

// unusable is the 401 for a method that cannot be used like that; identity tells what can.
func (k *keystone) unusable(c *call, message string, identity object) error {
	a := answer{status: http.StatusUnauthorized, body: object{"error": object{
		"code": http.StatusUnauthorized, "message": message, "title": http.StatusText(http.StatusUnauthorized), "identity": identity,
	}}}
	return &answerError{a.withHeader("Www-Authenticate", k.realm(c))}
}

// missing is Keystone's 400 for a part of the body that should be there.
func (k *keystone) missing(what, where string) error {
	return refuse(http.StatusBadRequest, "Expecting to find "+what+" in "+where+"."+keystoneMalformed)
}

func badKeystoneBody(_ *call, bad badValue) error {
	if bad.Path == "" {
		return refuse(http.StatusBadRequest, "Expecting to find valid JSON in request body."+keystoneMalformed)
	}
	return refuse(http.StatusBadRequest, "Expecting to find valid "+bad.Path+"."+keystoneMalformed)
}

func unknownKeystoneRoute(_ *call, allowed []string) answer {
	if len(allowed) > 0 {
		body := object{"message": "The method is not allowed for the requested URL."}
		return answer{status: http.StatusMethodNotAllowed, body: body}.withHeader("Allow", strings.Join(allowed, ", "))
	}
	page := "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found " +
		"on the server. If you entered the URL manually please check your spelling and try again.</p>\n"
	a := answer{status: http.StatusNotFound, body: []byte(page)}
	return a.withHeader("Content-Type", "text/html; charset=utf-8")
}
