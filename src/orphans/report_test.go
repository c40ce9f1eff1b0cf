package orphans_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/mark"
	"github.com/piston/openstack-bosh-cpi/src/orphans"
)

func report() orphans.Report {
	created := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	owner := mark.Owner{DirectorUUID: "d-1", Deployment: "cf", AgentID: "a"}
	judged := func(kind orphans.Kind, id string, age time.Duration, verdict orphans.Verdict, reason string) orphans.Judged {
		return orphans.Judged{Object: orphans.Object{Kind: kind, ID: id, Name: "name-" + id, State: "ok", Created: created, Owner: owner}, Verdict: verdict, Reason: reason, Age: age}
	}
	member := judged(orphans.PoolMember, "m", 0, orphans.Orphan, "no server has it")
	member.Owner, member.Created, member.Pool = mark.Owner{}, time.Time{}, "pool"
	return orphans.Report{
		Objects: []orphans.Judged{
			member,
			judged(orphans.Server, "s", 50*time.Hour, orphans.Guarded, "in no list of VMs, but set_vm_metadata was called"),
			judged(orphans.Port, "p", 90*time.Minute, orphans.Orphan, "no server has it"),
			judged(orphans.Volume, "v1", time.Minute, orphans.Young, "younger than 1h0m0s"),
			judged(orphans.Volume, "v2", 2*time.Hour, orphans.Undecided, "no list of orphaned disks"),
			judged(orphans.Volume, "v3", 2*time.Hour, orphans.Undecided, "no list of orphaned disks"),
			judged(orphans.Image, "i", 2*time.Hour, orphans.KnownObject, "in a list of known CIDs"),
		},
		Failed: []orphans.ListError{{Kinds: []orphans.Kind{orphans.BootVolume, orphans.Volume}, Err: errors.New("503")}},
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, report().Table(&out))
	want := `
  KIND         ID  NAME    AGE    STATE  DIRECTOR  DEPLOYMENT  REASON
  pool member  m   name-m  -      ok     -         -           no server has it
! server       s   name-s  2d2h   ok     d-1       cf          in no list of VMs, but set_vm_metadata was called
  port         p   name-p  1h30m  ok     d-1       cf          no server has it
2 orphans, 1 guarded; 4 other marked objects: 1 known, 1 young, 0 of other directors, 2 undecided
!: BOSH has used the object, so that a list may be missing; it is deleted only with -include-announced
undecided: 2 volumes: no list of orphaned disks
`
	assert.Equal(t, strings.TrimPrefix(want, "\n"), out.String())
	assert.Equal(t, []string{"the list of boot volumes and volumes failed: 503"}, report().Errors())

	out.Reset()
	require.NoError(t, orphans.Report{}.Table(&out))
	assert.Equal(t, "0 orphans, 0 guarded; 0 other marked objects: 0 known, 0 young, 0 of other directors, 0 undecided\n", out.String())
}

func TestJSON(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := report()
	r.Objects = r.Objects[:3]
	r.Deleted = map[string]error{"m": nil, "p": errors.New("409")}
	require.NoError(t, r.JSON(&out))
	assert.JSONEq(t, `{"version": 1, "objects": [
		{"kind": "pool member", "id": "m", "name": "name-m", "state": "ok", "age_seconds": 0, "director": "", "deployment": "", "agent_id": "",
		 "pool": "pool", "verdict": "orphan", "reason": "no server has it", "deleted": true},
		{"kind": "server", "id": "s", "name": "name-s", "state": "ok", "created_at": "2026-11-21T12:00:00Z", "age_seconds": 180000, "director": "d-1", "deployment": "cf",
		 "agent_id": "a", "verdict": "guarded", "reason": "in no list of VMs, but set_vm_metadata was called", "deleted": false},
		{"kind": "port", "id": "p", "name": "name-p", "state": "ok", "created_at": "2026-11-21T12:00:00Z", "age_seconds": 5400, "director": "d-1", "deployment": "cf",
		 "agent_id": "a", "verdict": "orphan", "reason": "no server has it", "deleted": false, "error": "409"}
		], "errors": [{"kinds": ["boot volume", "volume"], "error": "503"}]}`, out.String())

	out.Reset()
	require.NoError(t, orphans.Report{}.JSON(&out))
	assert.JSONEq(t, `{"version": 1, "objects": [], "errors": []}`, out.String())
}
