package glance

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

var errStorageQuota = errors.New("the data exceed the storage quota")

// refuse returns Glance's error, which webob renders in the format that the
// client accepts.
func (g *Service) refuse(c *api.Call, status int, format string, values ...any) error {
	return &api.AnswerError{Answer: api.WebobError(c, status, fmt.Sprintf(format, values...))}
}

// refuse renders errors that do not come from Glance itself.
func refuse(status int, _, message string) api.Answer {
	return api.Answer{Status: status, Body: api.Object{
		"message": message + "<br /><br />\n\n\n", "code": strconv.Itoa(status) + " " + http.StatusText(status), "title": http.StatusText(status),
	}}
}

func unknownRoute(c *api.Call, allowed []string) api.Answer {
	if len(allowed) == 0 {
		return api.WebobError(c, http.StatusNotFound, api.WebobNotFound)
	}
	message := "The method " + c.Request.Method + " is not allowed for this resource. "
	return api.WebobBare(c, http.StatusMethodNotAllowed, message).WithHeader("Allow", strings.Join(allowed, ", "))
}

// schemaMismatch returns the error of jsonschema about one field of an image.
func (g *Service) schemaMismatch(c *api.Call, problem, rule, where, field, shown string) error {
	c.Violate("the image schema does not allow " + field + ": " + problem)
	return g.refuse(c, http.StatusBadRequest,
		"Provided object does not match schema 'image': %s\n\nFailed validating '%s' in schema%s:\n    %s\n\nOn instance['%s']:\n    %s",
		problem, rule, where, schemaRules[where], field, shown)
}

// schemaRules are the parts of Glance's schema that its error texts quote.
var schemaRules = map[string]string{
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
