package simulator

import (
	"net/http"
	"strconv"
	"strings"
)

const webobNotFound = "The resource could not be found."

const webobUnauthorized = "This server could not verify that you are authorized to access the document you requested. Either you " +
	"supplied the wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required."

// webobError renders an error as the library webob does, which Glance and the routers of Nova and Cinder leave it to: as a page, as
// JSON or as plain text, whatever the client accepts.
func webobError(c *call, status int, explanation string) answer {
	code := strconv.Itoa(status) + " " + http.StatusText(status)
	accept := c.request.Header.Get("Accept")
	switch {
	case strings.Contains(accept, "html") || strings.Contains(accept, "*/*"):
		page := "<html>\n <head>\n  <title>" + code + "</title>\n </head>\n <body>\n  <h1>" + code + "</h1>\n  " +
			explanation + "<br /><br />\n\n\n\n </body>\n</html>"
		a := answer{status: status, body: []byte(page)}
		return a.withHeader("Content-Type", "text/html; charset=UTF-8")
	case strings.Contains(accept, "json"):
		message := explanation + "<br /><br />\n\n\n"
		return answer{status: status, body: object{"message": message, "code": code, "title": http.StatusText(status)}}
	}
	text := code + "\n\n" + explanation + "\n\n   "
	a := answer{status: status, body: []byte(text)}
	return a.withHeader("Content-Type", "text/plain; charset=UTF-8")
}

// webobBare is webobError for the errors whose template has no room for details.
func webobBare(c *call, status int, explanation string) answer {
	a := webobError(c, status, explanation)
	if body, isJSON := a.body.(object); isJSON {
		body["message"] = explanation + "<br /><br />\n"
	}
	return a
}
