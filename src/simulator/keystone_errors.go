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
func (k *keystone) rejected(c *call, message string) error {
	a := refuseKeystone(http.StatusUnauthorized, "", message)
	return &refusal{a.withHeader("Www-Authenticate", `Keystone uri="`+c.base+`/identity/v3"`)}
}

func badKeystoneBody(c *call, bad badValue) error {
	if bad.Path == "" {
		return c.refuse(http.StatusBadRequest, "", "Expecting to find valid JSON in request body."+keystoneMalformed)
	}
	return c.refuse(http.StatusBadRequest, "", "Expecting to find valid "+bad.Path+"."+keystoneMalformed)
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
