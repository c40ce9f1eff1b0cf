package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

func TestSecretIsNeverPrinted(t *testing.T) {
	t.Parallel()
	secret := config.Secret("canary")
	assert.Equal(t, "canary", secret.Reveal())

	holder := struct {
		Name   string
		Secret config.Secret
		Nested []config.Secret
		Map    map[string]config.Secret
		Agent  config.AgentProperties
	}{"n", secret, []config.Secret{secret}, map[string]config.Secret{"key": secret}, config.AgentProperties{"mbus": json.RawMessage(`"canary"`)}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.2s", "%t"} {
		for _, value := range []any{secret, &holder, holder, holder.Agent} {
			text := fmt.Sprintf(verb, value)
			assert.NotContains(t, text, "canary", verb)
			assert.NotContains(t, strings.ToLower(text), fmt.Sprintf("%x", "canary"), verb)
			assert.NotContains(t, text, "99 97 110", verb)
		}
		assert.Equal(t, "<redacted>", fmt.Sprintf(verb, secret), verb)
	}
	assert.Equal(t, "<redacted>", secret.String())
	assert.Equal(t, "<redacted>", secret.GoString())

	var out bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("m", "secret", secret, "holder", holder, "agent", holder.Agent, slog.Group("g", "s", secret))
	}
	require.NoError(t, json.NewEncoder(&out).Encode(holder))
	out.WriteString(errors.Join(fmt.Errorf("wrapped %w", fmt.Errorf("%v", secret)), fmt.Errorf("%s", secret)).Error())
	assert.NotContains(t, out.String(), "canary")
	assert.Contains(t, out.String(), "<redacted>")
}

// TestNoSecretLeavesLoad puts a secret into every value of a configuration and
// a context, of the right and of a wrong type.
func TestNoSecretLeavesLoad(t *testing.T) {
	t.Parallel()
	keys := []string{
		"auth_url", "username", "api_key", "application_credential_id", "application_credential_secret", "tenant", "project", "project_id",
		"domain", "user_domain_name", "project_domain_name", "region", "endpoint_type", "state_timeout", "wait_resource_poll_interval",
		"boot_from_volume", "stemcell_public_visibility", "connection_options", "default_key_name", "default_security_groups",
		"default_volume_type", "config_drive", "use_dhcp", "ignore_server_availability_zone", "volume_availability_zones", "human_readable_vm_names",
		"replace_lost_vms", "use_nova_networking", "max_api_version", "log_level", "unknown", "api_kee",
	}
	values := []any{"canary", []any{"canary", 5}, object{"canary": "canary"}, object{"ssl_version": "canary", "proxy": []string{"canary"}, "client_key_data": "canary"}, "http://canary:canary@h\x7f/"}
	for _, key := range keys {
		for _, value := range values {
			for _, place := range []string{"file", "context"} {
				properties, context := minimal(), object{}
				if place == "file" {
					properties[key] = value
				} else {
					context[key] = value
				}
				cfg, err := load(t, properties, context)
				text := fmt.Sprint(err, cfg.Warnings)
				// A warning shows the name of an unknown key, but no value.
				text = strings.ReplaceAll(text, "connection_options.canary:", "")
				assert.NotContains(t, text, "canary", "%s %s", place, key)
			}
		}
	}
}
