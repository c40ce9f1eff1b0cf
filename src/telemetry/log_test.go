package telemetry_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/telemetry"
)

// line matches the lines of BOSH's own logger.
var line = regexp.MustCompile(`^\[openstack_cpi\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d (DEBUG|INFO|WARN|ERROR) - (.*)$`)

// messages returns the text of each line without tag and time.
func messages(t *testing.T, out *bytes.Buffer) []string {
	t.Helper()
	var texts []string
	for text := range strings.Lines(out.String()) {
		parts := line.FindStringSubmatch(strings.TrimSuffix(text, "\n"))
		require.NotNil(t, parts, text)
		texts = append(texts, parts[1]+" "+parts[2])
	}
	return texts
}

func TestLinesLookAsBOSHWritesThem(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := telemetry.New(&out)
	log.SetLevel("debug")
	log.Debug("starting method", "method", "create_vm")
	log.Info("call finished", "calls", 7, "took", 1234567*time.Nanosecond, "ok", true, "share", 0.5, "seconds", 1.7229999999999999)
	log.Warn("odd 100%s", "path", "a b", "empty", "", "quoted", `say "a=b"`, "lines", "1\n2", "escape", "\x1b[31m")
	log.Error("failed", "error", errors.New("no valid host"))
	assert.Equal(t, []string{
		"DEBUG starting method method=create_vm",
		"INFO call finished calls=7 took=1.235ms ok=true share=0.5 seconds=1.723",
		`WARN odd 100%s path="a b" empty="" quoted="say \"a=b\"" lines="1\n2" escape="\x1b[31m"`,
		`ERROR failed error="no valid host"`,
	}, messages(t, &out))
}

func TestRequestIDIsOnEveryLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := telemetry.New(&out).With("request_id", "cpi-123456")
	log.Info("one")
	log.With("server", "s").WithGroup("http").Info("two", "status", 200, slog.Group("deep", "a", 1, slog.Group("er", "b", 2)))
	log.WithGroup("").Info("three", slog.Attr{}, slog.Group("", "inline", 1))
	log.WithGroup("openstack").Info("four", "request_id", "req-of-the-cloud")
	assert.Equal(t, []string{
		"INFO [req_id cpi-123456] one",
		"INFO [req_id cpi-123456] two server=s http.status=200 http.deep.a=1 http.deep.er.b=2",
		"INFO [req_id cpi-123456] three inline=1",
		"INFO [req_id cpi-123456] four openstack.request_id=req-of-the-cloud",
	}, messages(t, &out))
}

func TestRequestIDCannotForgeLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	telemetry.New(&out).With("request_id", "x\n[director] forged").Info("m")
	assert.Equal(t, []string{`INFO [req_id "x\n[director] forged"] m`}, messages(t, &out))
}

func TestLevels(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{
		"debug": 4, "DEBUG": 4, "info": 3, "warn": 2, "Error": 1, "none": 0, "": 3, "loud": 3,
	} {
		var out bytes.Buffer
		log := telemetry.New(&out)
		derived := log.With("a", 1)
		log.SetLevel(name)
		derived.Debug("m")
		derived.Info("m")
		derived.Warn("m")
		derived.Error("m")
		assert.Len(t, messages(t, &out), want, "level %q, also for loggers made before it was set", name)
	}

	var out bytes.Buffer
	log := telemetry.New(&out)
	log.SetLevel("", "error", "debug")
	log.Warn("m")
	assert.Empty(t, out.String(), "the first name that is a level counts")
}

func TestSecretsAreRedacted(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := telemetry.New(&out)
	secret := config.Secret("canary")
	log.Info("typed", "plain", secret, "struct", struct{ Key config.Secret }{secret}, "list", []config.Secret{secret},
		"connection", config.Connection{ClientKeyPass: secret, Proxy: secret}, "agent", config.AgentProperties{"mbus": []byte("canary")})
	for _, key := range []string{
		"password", "api_key", "X-Auth-Token", "x_subject_token", "application_credential_secret", "client_key_pass_client_key",
		"private_key", "user_data", "mbus", "Authorization", "db_passwd", "clientKeyData",
	} {
		log.Info("named", key, "canary")
		log.With(key, "canary").WithGroup("g").Info("named", slog.Group("inner", key, errors.New("canary")))
		log.WithGroup(key).Info("named", "value", "canary")
	}
	log.Info("count", "tokens", 1)
	assert.NotContains(t, out.String(), "canary")
	assert.Contains(t, out.String(), "password=<redacted>")
	assert.Contains(t, out.String(), "count tokens=1", "a count is not a secret")
}

func TestConcurrentLinesStayWhole(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := telemetry.New(&out)
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() { log.Info("m", "i", i, "text", fmt.Sprint(i)) })
	}
	group.Wait()
	assert.Len(t, messages(t, &out), 20)
}
