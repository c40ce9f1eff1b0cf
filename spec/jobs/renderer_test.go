package jobs_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

const (
	root = "../.."
	job  = "openstack_cpi"
)

// jobSpec is the content of jobs/<job>/spec.
type jobSpec struct {
	Name       string
	Packages   []string
	Templates  map[string]string
	Properties map[string]property
}

type property struct {
	Description string
	Default     any
	Example     any
}

func readSpec(t *testing.T) jobSpec {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "jobs", job, "spec"))
	require.NoError(t, err)
	var spec jobSpec
	require.NoError(t, yaml.Unmarshal(content, &spec))
	return spec
}

// renderer renders templates with the Ruby program of `bosh create-env`, which
// has fewer functions than a director's.
type renderer struct{ spec jobSpec }

func newRenderer(t *testing.T) renderer {
	t.Helper()
	return renderer{readSpec(t)}
}

// render renders one template of the job and returns the file. After an error
// it returns the renderer's message.
func (r renderer) render(t *testing.T, template string, properties map[string]any) (string, error) {
	t.Helper()
	defaults := map[string]any{}
	for name, property := range r.spec.Properties {
		defaults[name] = property.Default
	}
	context, err := json.Marshal(map[string]any{
		"index": 0, "id": "3f4c0d7e-0000-4000-8000-000000000000", "az": "unknown", "bootstrap": true, "deployment": "bosh",
		"job": map[string]any{"name": "bosh"}, "networks": map[string]any{"default": map[string]any{"ip": "", "netmask": "", "gateway": ""}},
		"global_properties": map[string]any{}, "cluster_properties": map[string]any{},
		"job_properties": properties, "default_properties": defaults,
	})
	require.NoError(t, err)
	dir := t.TempDir()
	contextFile, rendered := filepath.Join(dir, "context.json"), filepath.Join(dir, "rendered")
	require.NoError(t, os.WriteFile(contextFile, context, 0o600))
	command := exec.CommandContext(t.Context(), "ruby", rendererScript, contextFile, filepath.Join(root, "jobs", job, "templates", template), rendered)
	var message strings.Builder
	command.Stderr = &message
	if err := command.Run(); err != nil {
		return message.String(), err
	}
	content, err := os.ReadFile(rendered)
	require.NoError(t, err)
	return string(content), nil
}

// rendered renders a template without an error.
func (r renderer) rendered(t *testing.T, template string, properties map[string]any) string {
	t.Helper()
	content, err := r.render(t, template, properties)
	require.NoError(t, err, content)
	return content
}

// cloudProperties renders cpi.json and returns its cloud.properties.
func (r renderer) cloudProperties(t *testing.T, properties map[string]any) map[string]any {
	t.Helper()
	var config struct {
		Cloud struct {
			Plugin     string
			Properties map[string]any
		}
	}
	content := r.rendered(t, "cpi.json.erb", properties)
	require.NoError(t, json.Unmarshal([]byte(content), &config), content)
	require.Equal(t, "openstack", config.Cloud.Plugin)
	return config.Cloud.Properties
}

// minimal returns the required properties with changes: pairs of a dotted name
// and a value. A nil value removes the property.
func minimal(changes ...any) map[string]any {
	properties := map[string]any{}
	set(properties, "openstack", map[string]any{
		"auth_url": "http://127.0.0.1:5000/v3", "username": "bosh", "api_key": "secret", "project": "bosh-project", "domain": "Default",
		"default_key_name": "bosh", "default_security_groups": []any{"bosh"},
	})
	for i := 0; i < len(changes); i += 2 {
		set(properties, changes[i].(string), changes[i+1])
	}
	return properties
}

func set(properties map[string]any, name string, value any) {
	first, rest, nested := strings.Cut(name, ".")
	if !nested {
		if value == nil {
			delete(properties, first)
		} else {
			properties[first] = value
		}
		return
	}
	below, ok := properties[first].(map[string]any)
	if !ok {
		below = map[string]any{}
		properties[first] = below
	}
	set(below, rest, value)
}
