package api

import (
	"net/http"
	"strconv"
	"strings"
)

// WebobNotFound is the explanation of a 404.
const WebobNotFound = "The resource could not be found."

// WebobUnauthorized is the explanation of a 401.
const WebobUnauthorized = "This server could not verify that you are authorized to access the document you requested. Either you " +
	"supplied the wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required."

// WebobError renders an error as the library webob does for Glance and for the
// routers of Nova and Cinder: as HTML, JSON or plain text, depending on what
// the client accepts.
func WebobError(c *Call, status int, explanation string) Answer {
	code := strconv.Itoa(status) + " " + http.StatusText(status)
	accept := c.Request.Header.Get("Accept")
	switch {
	case strings.Contains(accept, "html") || strings.Contains(accept, "*/*"):
		page := "<html>\n <head>\n  <title>" + code + "</title>\n </head>\n <body>\n  <h1>" + code + "</h1>\n  " +
			explanation + "<br /><br />\n\n\n\n </body>\n</html>"
		a := Answer{Status: status, Body: []byte(page)}
		return a.WithHeader("Content-Type", "text/html; charset=UTF-8")
	case strings.Contains(accept, "json"):
		message := explanation + "<br /><br />\n\n\n"
		return Answer{Status: status, Body: Object{"message": message, "code": code, "title": http.StatusText(status)}}
	}
	text := code + "\n\n" + explanation + "\n\n   "
	a := Answer{Status: status, Body: []byte(text)}
	return a.WithHeader("Content-Type", "text/plain; charset=UTF-8")
}

// WebobBare renders the errors whose template has no details.
func WebobBare(c *Call, status int, explanation string) Answer {
	a := WebobError(c, status, explanation)
	if body, isJSON := a.Body.(Object); isJSON {
		body["message"] = explanation + "<br /><br />\n"
	}
	return a
}
