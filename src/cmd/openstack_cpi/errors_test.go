package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
	"github.com/piston/openstack-bosh-cpi/src/telemetry"
)

func stemcellArchive(t *testing.T) string {
	t.Helper()
	var buffer bytes.Buffer
	compressed := gzip.NewWriter(&buffer)
	archive := tar.NewWriter(compressed)
	require.NoError(t, archive.WriteHeader(&tar.Header{Name: "root.img", Mode: 0o600, Size: 4, Typeflag: tar.TypeReg}))
	_, err := archive.Write([]byte("disk"))
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	require.NoError(t, compressed.Close())
	name := filepath.Join(t.TempDir(), "image")
	require.NoError(t, os.WriteFile(name, buffer.Bytes(), 0o600))
	return name
}

// Invalid input is answered with an error that names what is wrong, and nothing
// is sent to the cloud.
func TestWrongInput(t *testing.T) {
	t.Parallel()
	context := `"context":{"director_uuid":"d"}`
	for name, test := range map[string]struct{ request, kind, words string }{
		"nothing":             {``, "CpiError", "deserialized"},
		"half a JSON":         {`{"method":"has_vm","argum`, "CpiError", "deserialized"},
		"an array":            {`[]`, "CpiError", "deserialized"},
		"no method":           {`{"arguments":[],` + context + `}`, "CpiError", "Method must be a String"},
		"unknown method":      {`{"method":"fly","arguments":[],` + context + `}`, "NotImplemented", "Method is not known, got: 'fly'"},
		"no arguments":        {`{"method":"has_vm",` + context + `}`, "CpiError", "Arguments must be an Array"},
		"missing argument":    {`{"method":"has_vm","arguments":[],` + context + `}`, "CpiError", "vm_cid"},
		"too many arguments":  {`{"method":"has_vm","arguments":["a","b"],` + context + `}`, "CpiError", "at most 1"},
		"a string for a size": {`{"method":"create_disk","arguments":["big",{}],` + context + `}`, "CpiError", "size"},
		"half a MiB":          {`{"method":"create_disk","arguments":[1024.5,{}],` + context + `}`, "CpiError", "size"},
		"no context":          {`{"method":"has_vm","arguments":["a"]}`, "CpiError", "context"},
		"api_version of text": {`{"method":"has_vm","arguments":["a"],` + context + `,"api_version":"2"}`, "CpiError", "api_version"},
		"networks as a list":  {`{"method":"create_vm","arguments":["a","s",{},[]],` + context + `}`, "CpiError", "networks"},
		"wrong ip":            {`{"method":"create_vm","arguments":["a","s",{},{"n":{"ip":5}}],` + context + `}`, "CpiError", "ip must not be a number"},
		"no requirements":     {`{"method":"calculate_vm_cloud_properties","arguments":[{}],` + context + `}`, "CpiError", "'cpu', 'ram', 'ephemeral_disk_size'"},
		"stemcell missing":    {`{"method":"create_stemcell","arguments":["/nowhere",{"name":"n","version":"1","disk_format":"raw"}],` + context + `}`, "CpiError", "image_path"},
		"stemcell nameless":   {`{"method":"create_stemcell","arguments":["/nowhere",null],` + context + `}`, "CpiError", "cloud_properties.name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			installed(t, simulator.Options{}, func(i *installation) {
				a := i.send(test.request)
				require.NotNil(t, a.Error)
				assert.Equal(t, "Bosh::Clouds::"+test.kind, a.Error.Type)
				assert.Contains(t, a.Error.Message, test.words)
				assert.False(t, a.Error.OKToRetry)
				assert.Equal(t, "null", string(a.Result))
				assert.Empty(t, i.cloud.Journal())
			})
		})
	}
}

// The director calls info before nearly every call. It works without a
// configuration, with an invalid one and in every version, and sends nothing to
// the cloud.
func TestInfo(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		want := `{"api_version":3,"stemcell_formats":["openstack-raw","openstack-qcow2","openstack-light"]}`
		for _, request := range []string{
			`{"method":"info","arguments":[],"context":{"director_uuid":"d","request_id":"cpi-1"}}`,
			`{"method":"info","arguments":[],"context":{"director_uuid":"d"},"api_version":1}`,
			`{"method":"info","arguments":[],"context":{"director_uuid":"d","vm":{"stemcell":{}}},"api_version":3}`,
		} {
			assert.JSONEq(t, want, string(i.send(request).Result))
		}
		i.configure(map[string]any{"max_api_version": 2, "auth_url": nil})
		assert.Contains(t, string(i.call("info").Result), `"api_version":2`)
		i.config = filepath.Join(t.TempDir(), "absent")
		assert.JSONEq(t, want, string(i.call("info").Result))
		assert.Equal(t, `"pong"`, string(i.call("ping").Result))
		assert.Empty(t, i.cloud.Journal())
	})
}

func TestWrongConfiguration(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		properties map[string]any
		words      []string
	}{
		"wrong password":          {map[string]any{"api_key": "canary-wrong"}, []string{"401", "username"}},
		"several things at once":  {map[string]any{"auth_url": nil, "state_timeout": "long", "config_drive": "tape"}, []string{"auth_url", "state_timeout", "config_drive"}},
		"unknown region":          {map[string]any{"region": "Mars"}, []string{"Mars", "RegionOne"}},
		"nova-network":            {map[string]any{"use_nova_networking": true}, []string{"use_nova_networking"}},
		"two kinds of credential": {map[string]any{"application_credential_id": "x", "application_credential_secret": "canary-y"}, []string{"application_credential"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			installed(t, simulator.Options{}, func(i *installation) {
				i.configure(test.properties)
				before := i.cloud.Inventory()
				a := i.call("has_vm", "5a2c9d1e-0000-4000-8000-000000000000")
				require.NotNil(t, a.Error)
				for _, word := range test.words {
					assert.Contains(t, a.Error.Message, word)
				}
				assert.Empty(t, i.cloud.Inventory().Diff(before))
			})
		})
	}
}

// Users of create-env see errors only. The error of a call has its warnings.
func TestErrorsWithWarnings(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		i.configure(map[string]any{"default_keyname": "bosh"})
		a := i.call("create_vm", "agent", i.image(), map[string]any{"instance_typ": "m1.small"}, i.network("10.0.0.10"), []string{}, env)
		require.NotNil(t, a.Error)
		before, warnings, found := strings.Cut(a.Error.Message, "\nwarnings: ")
		require.True(t, found, a.Error.Message)
		assert.Contains(t, before, "instance_type")
		assert.Contains(t, warnings, "cloud.properties.openstack.default_keyname: unknown, ignored; did you mean default_key_name?; ")

		i.configure(nil)
		a = i.call("create_disk", 1024, map[string]any{"typ": "ssd", "type": "unknown"})
		require.NotNil(t, a.Error)
		assert.Equal(t, "Bosh::Clouds::CloudError", a.Error.Type)
		assert.True(t, strings.HasSuffix(a.Error.Message, "\nwarnings: cloud_properties.typ is unknown; did you mean type?"), a.Error.Message)
		a = i.call("create_disk", 1024, map[string]any{"type": "unknown"})
		require.NotNil(t, a.Error)
		assert.NotContains(t, a.Error.Message, "warnings")
	})
}

func TestUnreachableCloud(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		i.cloud.Inject(simulator.Fault{Kind: simulator.Refused, Times: -1})
		a := i.call("has_vm", "5a2c9d1e-0000-4000-8000-000000000000")
		require.NotNil(t, a.Error)
		assert.Contains(t, a.Error.Message, "http://cloud/identity")
		assert.Contains(t, a.Error.Message, "auth_url")
	})
}

// The context of a request can select another cloud: its properties replace
// those of the file.
func TestContextReplacesProperties(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		i.configure(map[string]any{
			"auth_url": "unused", "username": "unused", "api_key": "unused", "project": "unused", "domain": "unused",
			"region": "unused", "default_key_name": "unused", "default_security_groups": "unused",
		})
		i.extra = map[string]any{
			"auth_url": "http://cloud/identity/v3", "username": "bosh", "api_key": "canary-password", "project": "bosh",
			"domain": "Default", "region": "RegionOne", "default_key_name": "bosh", "default_security_groups": []string{"bosh"},
		}
		i.lifecycle(stemcellArchive(t))
	})
}

// No configured secret appears in any output, at level debug and when the cloud
// fails every request.
func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"500":          {Status: http.StatusInternalServerError, Times: -1},
		"400":          {Status: http.StatusBadRequest, Times: -1},
		"401":          {Status: http.StatusUnauthorized, Times: -1},
		"lost answers": {Kind: simulator.LostAnswer, Times: -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			installed(t, simulator.Options{}, func(i *installation) {
				methods, err := (&call{log: slog.Default(), level: telemetry.New(io.Discard)}).methods(t.Context(), bosh.Request{})
				require.NoError(t, err)
				i.lifecycle(stemcellArchive(t))
				i.cloud.Inject(fault)
				archive := stemcellArchive(t)
				id := "5a2c9d1e-0000-4000-8000-000000000000"
				arguments := map[string][]any{
					"info": {}, "ping": {}, "current_vm_id": {}, "configure_networks": {}, "create_network": {map[string]any{"range": "10.9.0.0/24"}}, "delete_network": {id}, "update_disk": {id, 2048, map[string]any{}},
					"create_stemcell": {archive, map[string]any{"name": "s", "version": "1", "disk_format": "raw"}}, "delete_stemcell": {id},
					"create_vm": {"agent", i.image(), map[string]any{"instance_type": "m1.small"}, i.network("10.0.0.10"), []string{}, env},
					"delete_vm": {id}, "has_vm": {id}, "reboot_vm": {id}, "get_disks": {id}, "set_vm_metadata": {id, map[string]any{"a": "b"}},
					"calculate_vm_cloud_properties": {map[string]any{"cpu": 1, "ram": 1, "ephemeral_disk_size": 1}},
					"create_disk":                   {1024, map[string]any{}}, "delete_disk": {id}, "has_disk": {id}, "attach_disk": {id, id}, "detach_disk": {id, id},
					"set_disk_metadata": {id, map[string]any{"a": "b"}}, "resize_disk": {id, 2048}, "snapshot_disk": {id, map[string]any{}}, "delete_snapshot": {id},
				}
				for method := range methods {
					args, known := arguments[method]
					require.True(t, known, "no arguments for %s", method)
					i.call(method, args...)
				}
				assert.Contains(t, i.stderr.String(), "call finished")
				assert.Contains(t, i.stderr.String(), "DEBUG")
			})
		})
	}
}

func TestCurrentVMID(t *testing.T) {
	t.Parallel()
	installed(t, simulator.Options{}, func(i *installation) {
		i.metadata = `{"uuid":"5a2c9d1e-0000-4000-8000-000000000000","name":"director"}`
		assert.Equal(t, `"5a2c9d1e-0000-4000-8000-000000000000"`, string(i.call("current_vm_id").Result))
		i.metadata = `<html>a captive portal</html>`
		a := i.call("current_vm_id")
		require.NotNil(t, a.Error)
		assert.Equal(t, "Bosh::Clouds::NotImplemented", a.Error.Type, "the director then skips its own snapshots")
	})
}
