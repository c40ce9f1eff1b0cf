package doctor_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/doctor"
)

func report() doctor.Report {
	return doctor.Report{
		Cloud: "https://keystone/v3", Skipped: []string{"quotas"}, Took: 1234 * time.Millisecond,
		Findings: []doctor.Finding{
			{Check: "flavors", Level: doctor.OK, Subject: "m1.small", Text: "exists"},
			{Check: "flavors", Level: doctor.Problem, Subject: "m1.smal", Text: "not found\nthere are: m1.small", Advice: "correct it"},
			{Check: "networks", Level: doctor.Unknown, Subject: "networks", Text: "403"},
			{Check: "networks", Level: doctor.Warning, Subject: "private", Text: "no <gateway>", Advice: "add one"},
		},
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, report().Text(&out))
	want := `
https://keystone/v3

flavors
  ✓ m1.small: exists
  ✗ m1.smal: not found
      there are: m1.small
      → correct it

networks
  ? networks: 403
  ! private: no <gateway>
      → add one

1 problem, 1 warning, 1 not looked at, 1 ok; skipped: quotas; 1.2 s
`
	assert.Equal(t, strings.TrimPrefix(want, "\n"), out.String())
}

// Checks that were not made for the same reason have one line.
func TestTextOfOmittedChecks(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	const failed = "not looked at, because the login failed"
	require.NoError(t, doctor.Report{Cloud: "https://keystone/v3", Findings: []doctor.Finding{
		{Check: "identity", Level: doctor.Problem, Subject: "login", Text: "401"},
		{Check: "flavors", Level: doctor.Unknown, Subject: "flavors", Text: failed},
		{Check: "zones", Level: doctor.Unknown, Subject: "zones", Text: failed},
		{Check: "images", Level: doctor.Unknown, Subject: "images", Text: "403"},
	}}.Text(&out))
	want := `
https://keystone/v3

identity
  ✗ login: 401

images
  ? images: 403

flavors, zones
  ? not looked at, because the login failed

1 problem, 0 warnings, 3 not looked at, 0 ok; 0.0 s
`
	assert.Equal(t, strings.TrimPrefix(want, "\n"), out.String())
}

func TestJSON(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, report().JSON(&out))
	assert.JSONEq(t, `{
		"version": 1, "cloud": "https://keystone/v3", "skipped": ["quotas"], "seconds": 1.234,
		"counts": {"ok": 1, "note": 0, "unknown": 1, "warning": 1, "problem": 1},
		"findings": [
			{"check": "flavors", "level": "ok", "subject": "m1.small", "text": "exists"},
			{"check": "flavors", "level": "problem", "subject": "m1.smal", "text": "not found\nthere are: m1.small", "advice": "correct it"},
			{"check": "networks", "level": "unknown", "subject": "networks", "text": "403"},
			{"check": "networks", "level": "warning", "subject": "private", "text": "no <gateway>", "advice": "add one"}
		]}`, out.String())

	out.Reset()
	require.NoError(t, doctor.Report{}.JSON(&out))
	assert.Contains(t, out.String(), `"findings": []`)
	assert.Contains(t, out.String(), `"skipped": []`)
}

func TestExitCode(t *testing.T) {
	t.Parallel()
	all := report()
	assert.Equal(t, doctor.ExitProblems, all.ExitCode())
	assert.Equal(t, doctor.ExitOK, doctor.Report{Findings: all.Findings[:1]}.ExitCode())
	assert.Equal(t, doctor.ExitWarnings, doctor.Report{Findings: all.Findings[2:3]}.ExitCode())
	assert.Equal(t, doctor.ExitWarnings, doctor.Report{Findings: all.Findings[3:]}.ExitCode())
}

func TestMask(t *testing.T) {
	t.Parallel()
	original := report()
	masked := original.Mask(func(text string) string { return strings.ReplaceAll(text, "m1", "…") })
	assert.Equal(t, "….smal", masked.Findings[1].Subject)
	assert.Equal(t, "not found\nthere are: ….small", masked.Findings[1].Text)
	assert.Equal(t, "m1.smal", original.Findings[1].Subject, "a copy")
}
