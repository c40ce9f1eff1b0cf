package tasklog_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/timeline/tasklog"
)

func lines(t *testing.T, text string) (all []tasklog.Line) {
	t.Helper()
	require.NoError(t, tasklog.Read(strings.NewReader(text), func(line tasklog.Line) { all = append(all, line) }))
	return all
}

func TestLinesOfTheCPI(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 13, 22, 13, 0, time.UTC)
	for text, want := range map[string]tasklog.Line{
		`[openstack_cpi] 2026/11/21 13:22:13 INFO - [req_id cpi-1] call started method=create_vm started=2026-11-21T13:22:13.482Z`: {
			RequestID: "cpi-1", Level: "INFO", Message: "call started", Attrs: map[string]string{"method": "create_vm", "started": "2026-11-21T13:22:13.482Z"},
		},
		`[openstack_cpi] 2026/11/21 13:22:13 WARN - configuration warning="a b=c \"d\"" empty="" last=1`: {
			Level: "WARN", Message: "configuration", Attrs: map[string]string{"warning": `a b=c "d"`, "empty": "", "last": "1"},
		},
		`[openstack_cpi] 2026/11/21 13:22:13 ERROR - [req_id "a b]"] no attributes`: {RequestID: "a b]", Level: "ERROR", Message: "no attributes", Attrs: map[string]string{}},
		`[Cmd Runner] 2026/11/21 13:22:14 DEBUG - Stderr: [openstack_cpi] 2026/11/21 13:22:13 DEBUG - m error="cut off`: {
			Level: "DEBUG", Message: "m", Attrs: map[string]string{"error": `"cut`},
		},
	} {
		want.Time = at
		assert.Equal(t, []tasklog.Line{want}, lines(t, text+"\r\n"), text)
	}
}

func TestLinesOfTheDirector(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 13, 22, 13, 123456000, time.UTC)
	const begin = "D, [2026-11-21T13:22:13.123456 #12] [instance_update(web/0 (1f))] DEBUG -- DirectorJobRunner: "
	for text, want := range map[string]tasklog.Line{
		"Lock: acquired": {Kind: tasklog.Director},
		`[external-cpi] [cpi-1] request: {"method":"has_vm"} with command: /var/vcap/jobs/openstack_cpi/bin/cpi`:              {Kind: tasklog.Request, RequestID: "cpi-1", Document: `{"method":"has_vm"}`},
		`[external-cpi] [cpi-1] response: {"result":true}`:                                                                    {Kind: tasklog.Response, RequestID: "cpi-1", Document: `{"result":true}`},
		`[external-cpi] [cpi-1] response: {"result":" with command: "}, err: [openstack_cpi] 2026/11/21 13:22:13 INFO - late`: {Kind: tasklog.Response, RequestID: "cpi-1", Document: `{"result":"`},
	} {
		want.Time, want.Thread = at, "instance_update(web/0 (1f))"
		assert.Equal(t, []tasklog.Line{want}, lines(t, begin+text), text)
	}
}

func TestOtherLinesAreSkipped(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "\n\n", "Using environment 'https://10.0.0.6:25555' as client 'admin'", "Task 42 done",
		"[openstack_cpi] 2026/13/45 13:22:13 INFO - no such day", "[openstack_cpi] 2026/11/21 13:22:13 LOUD - no such level",
		"D, [2026-11-21T99:22:13.123456 #12] [t] DEBUG -- D: no such hour", "\x00\xff\xfe", ", exit_status: 0",
	} {
		assert.Empty(t, lines(t, text), text)
	}
}

func TestLongLinesAreCut(t *testing.T) {
	t.Parallel()
	const begin = "[openstack_cpi] 2026/11/21 13:22:13 INFO - "
	found := lines(t, begin+"first "+strings.Repeat("x", 3<<20)+"\n"+begin+"second\n")
	require.Len(t, found, 2)
	assert.Less(t, len(found[0].Message), 2<<20)
	assert.Equal(t, "second", found[1].Message)
}

func TestErrorOfTheReader(t *testing.T) {
	t.Parallel()
	failure := errors.New("disk failure")
	count := 0
	in := io.MultiReader(strings.NewReader("[openstack_cpi] 2026/11/21 13:22:13 INFO - m\n"), iotest.ErrReader(failure))
	require.ErrorIs(t, tasklog.Read(in, func(tasklog.Line) { count++ }), failure)
	assert.Equal(t, 1, count)
}
