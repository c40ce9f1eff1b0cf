package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/doctor"
	"github.com/piston/openstack-bosh-cpi/src/manifest"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// object is a JSON object.
type object = map[string]any

// patient is a cloud with a fault.
type patient struct {
	options    simulator.Options
	properties object
	skip       []string
	// wanted is a cloud config. $private is the id of the network private, and so
	// on; $private-v4 that of a subnet.
	wanted string
	// seed puts faults into the cloud.
	seed func(cloud *simulator.Simulator)
	// path selects the responses that change alters, by the end of their path.
	path   string
	change func(body object)
	// trial makes the examination end with a trial.
	trial *doctor.Trial
	// interrupted is the request after which the examination is interrupted, 0
	// for none.
	interrupted int
}

// examine returns the report about the cloud, in which nothing may change.
func (p patient) examine(t *testing.T) doctor.Report {
	t.Helper()
	report, changes := p.examineLeaving(t)
	assert.Empty(t, changes)
	return report
}

// examineLeaving returns the report about the cloud, and what has changed in it.
func (p patient) examineLeaving(t *testing.T) (report doctor.Report, changes []string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(p.options)
		if p.seed != nil {
			p.seed(cloud)
		}
		overrides := map[string]json.RawMessage{}
		for key, value := range p.properties {
			text, err := json.Marshal(value)
			require.NoError(t, err)
			overrides[key] = text
		}
		cfg, err := config.Load(cloud.CPIConfig("http://127.0.0.1"), overrides)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		session, err := openstack.NewSession(cfg.OpenStack, slog.New(slog.DiscardHandler),
			openstack.WithTransport(&altered{cloud: cloud.Transport(), path: p.path, change: p.change, interrupt: cancel, left: p.interrupted}))
		require.NoError(t, err)
		wanted, err := manifest.Read([]byte(p.document(cloud)))
		require.NoError(t, err)
		before := cloud.Inventory()
		d := doctor.New(cfg, wanted, session)
		if p.trial != nil {
			p.trial.Log, p.trial.Client = slog.New(slog.DiscardHandler), http.DefaultClient
			d = d.WithTrial(*p.trial)
		}
		report = d.Examine(ctx, p.skip)
		<-time.After(time.Minute) // what services do after their last answer
		changes = cloud.Inventory().Diff(before)
		assert.Empty(t, cloud.Violations(), "requests that OpenStack does not know")
	})
	return report, changes
}

// document returns the cloud config with the ids of the cloud.
func (p patient) document(cloud *simulator.Simulator) string {
	return os.Expand(p.wanted, func(name string) string {
		fixtures := cloud.Fixtures()
		for _, ids := range []map[string]string{fixtures.Networks, fixtures.Subnets, fixtures.SecurityGroups} {
			if id, found := ids[strings.ReplaceAll(name, "_", "-")]; found {
				return id
			}
		}
		return slices.Sorted(maps.Keys(fixtures.FloatingIPs))[0]
	})
}

// altered changes the responses of a cloud.
type altered struct {
	cloud  http.RoundTripper
	path   string
	change func(body object)

	mutex     sync.Mutex
	interrupt func()
	left      int // requests until the interruption
}

// RoundTrip implements http.RoundTripper.
func (a *altered) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := a.cloud.RoundTrip(request)
	a.mutex.Lock()
	if a.left--; a.left == 0 {
		a.interrupt()
	}
	a.mutex.Unlock()
	if err != nil || a.change == nil || !strings.HasSuffix(request.URL.Path, a.path) {
		return response, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	var body object
	if err := json.Unmarshal(text, &body); err != nil {
		return nil, err
	}
	a.change(body)
	text, err = json.Marshal(body)
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return response, err
}

// of returns the findings about a subject, given by its beginning.
func of(report doctor.Report, check, subject string) (found []doctor.Finding) {
	return slices.DeleteFunc(slices.Clone(report.Findings), func(f doctor.Finding) bool {
		return f.Check != check || !strings.HasPrefix(f.Subject, subject)
	})
}

// each returns the objects of a list of a body.
func each(body object, list string) (all []object) {
	for _, item := range body[list].([]any) {
		all = append(all, item.(object))
	}
	return all
}

// symptom is the finding that a fault must lead to.
type symptom struct {
	patient

	check, subject string
	level          doctor.Level
	text, advice   string
}

func (s symptom) confirm(t *testing.T) {
	t.Helper()
	report := s.examine(t)
	for _, finding := range of(report, s.check, s.subject) {
		if finding.Level == s.level && strings.Contains(finding.Text, s.text) {
			assert.Contains(t, finding.Advice, s.advice)
			assert.NotContains(t, finding.Advice, "\n", "one line")
			return
		}
	}
	var text bytes.Buffer
	require.NoError(t, report.Text(&text))
	assert.Fail(t, "not found", "%s %s: %s %q in\n%s", s.check, s.subject, s.level, s.text, text.String())
}
