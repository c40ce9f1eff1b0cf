package simulator

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

var errStorageQuota = errors.New("the data exceed the storage quota")

func itoa(n int) string { return strconv.Itoa(n) }

// refuse is Glance's error: webob renders it for whatever the client accepts.
func (g *glance) refuse(c *call, status int, format string, values ...any) error {
	return &answerError{webobError(c, status, fmt.Sprintf(format, values...))}
}

// refuseGlance is for errors that do not come from Glance itself.
func refuseGlance(status int, _, message string) answer {
	return answer{status: status, body: object{
		"message": message + "<br /><br />\n\n\n", "code": itoa(status) + " " + http.StatusText(status), "title": http.StatusText(status),
	}}
}

func unknownGlanceRoute(c *call, allowed []string) answer {
	if len(allowed) == 0 {
		return webobError(c, http.StatusNotFound, webobNotFound)
	}
	message := "The method " + c.request.Method + " is not allowed for this resource. "
	return webobBare(c, http.StatusMethodNotAllowed, message).withHeader("Allow", strings.Join(allowed, ", "))
}

// schemaMismatch is what jsonschema says about one field of an image.
func (g *glance) schemaMismatch(c *call, problem, rule, where, field, shown string) error {
	g.violate(c, "the image schema does not allow "+field+": "+problem)
	return g.refuse(c, http.StatusBadRequest,
		"Provided object does not match schema 'image': %s\n\nFailed validating '%s' in schema%s:\n    %s\n\nOn instance['%s']:\n    %s",
		problem, rule, where, glanceRules[where], field, shown)
}

// glanceRules are the parts of Glance's schema that its error texts quote.
var glanceRules = map[string]string{
	"['additionalProperties']": "{'type': 'string'}",
	"['properties']['name']": "{'description': 'Descriptive name for the image',\n     'maxLength': 255,\n" +
		"     'type': ['null', 'string']}",
	"['properties']['disk_format']": "{'description': 'Format of the disk',\n     'enum': [None,\n              'ami',\n              " +
		"'ari',\n              'aki',\n              'vhd',\n              'vhdx',\n              'vmdk',\n              'raw',\n" +
		"              'qcow2',\n              'vdi',\n              'iso',\n              'ploop'],\n     'type': ['null', 'string']}",
	"['properties']['container_format']": "{'description': 'Format of the container',\n     'enum': [None,\n              'ami',\n" +
		"              'ari',\n              'aki',\n              'bare',\n              'ovf',\n              'ova',\n" +
		"              'docker',\n              'compressed'],\n     'type': ['null', 'string']}",
	"['properties']['visibility']": "{'description': 'Scope of image accessibility',\n     'enum': ['community', 'public', 'private', " +
		"'shared'],\n     'type': 'string'}",
	"['properties']['min_disk']":  "{'description': 'Amount of disk space (in GB) required to boot image.',\n     'type': 'integer'}",
	"['properties']['min_ram']":   "{'description': 'Amount of ram (in MB) required to boot image.',\n     'type': 'integer'}",
	"['properties']['protected']": "{'description': 'If true, image will not be deletable.',\n     'type': 'boolean'}",
	"['properties']['os_hidden']": "{'description': 'If true, image will not appear in default image list response.',\n     " +
		"'type': 'boolean'}",
	"['properties']['tags']": "{'description': 'List of strings related to the image',\n     'items': {'maxLength': 255, 'type': " +
		"'string'},\n     'type': 'array'}",
	"['properties']['id']": "{'description': 'An identifier for the image',\n     'pattern': '" + imageIDPattern + "',\n     " +
		"'type': 'string'}",
}

const imageIDPattern = "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$"
