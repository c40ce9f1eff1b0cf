// Package doctor checks whether a cloud is ready for BOSH, before anything is
// deployed. It reads only, unless a trial is demanded.
//
// Every check says what it has looked at. What it could not look at is a finding
// of its own level, never a success.
package doctor

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/config"
	"github.com/piston/openstack-bosh-cpi/src/manifest"
	"github.com/piston/openstack-bosh-cpi/src/openstack"
	"github.com/piston/openstack-bosh-cpi/src/openstack/compute"
	"github.com/piston/openstack-bosh-cpi/src/openstack/image"
	"github.com/piston/openstack-bosh-cpi/src/openstack/loadbalancer"
	"github.com/piston/openstack-bosh-cpi/src/openstack/network"
	"github.com/piston/openstack-bosh-cpi/src/openstack/volume"
)

// Doctor examines one project of a cloud.
type Doctor struct {
	config        config.Config
	wanted        manifest.Document
	session       *openstack.Session
	compute       *compute.Service
	network       *network.Service
	volume        *volume.Service
	image         *image.Service
	loadbalancers *loadbalancer.Service
	trial         *Trial // nil to create nothing
}

// New returns the examination of the session's project, which is compared with
// what a cloud config or a manifest wants. It sends no request.
func New(cfg config.Config, wanted manifest.Document, session *openstack.Session) *Doctor {
	return &Doctor{
		config: cfg, wanted: wanted, session: session,
		compute: compute.New(session), network: network.New(session), volume: volume.New(session),
		image: image.New(session), loadbalancers: loadbalancer.New(session),
	}
}

// check examines one subject.
type check struct {
	name string
	// run adds its findings to the sheet.
	run func(*Doctor, context.Context, *sheet)
	// loggedOut checks need no token.
	loggedOut bool
	// last checks begin after all others.
	last bool
}

// checks are all checks in the order of the report.
func checks() []check {
	return []check{
		{name: "configuration", run: (*Doctor).checkConfiguration, loggedOut: true},
		{name: "connection", run: (*Doctor).checkConnection, loggedOut: true},
		{name: "identity", run: (*Doctor).checkIdentity, loggedOut: true},
		{name: "access-rules", run: (*Doctor).checkAccessRules},
		{name: "versions", run: (*Doctor).checkVersions},
		{name: "extensions", run: (*Doctor).checkExtensions},
		{name: "cloud-config", run: (*Doctor).checkCloudConfig, loggedOut: true},
		{name: "flavors", run: (*Doctor).checkFlavors},
		{name: "key-pairs", run: (*Doctor).checkKeyPairs},
		{name: "zones", run: (*Doctor).checkZones},
		{name: "networks", run: (*Doctor).checkNetworks},
		{name: "security-groups", run: (*Doctor).checkGroups},
		{name: "volume-types", run: (*Doctor).checkVolumeTypes},
		{name: "images", run: (*Doctor).checkImageFormats},
		{name: "server-groups", run: (*Doctor).checkServerGroups},
		{name: "pools", run: (*Doctor).checkPools},
		{name: "quotas", run: (*Doctor).checkQuotas},
		{name: "rate-limits", run: (*Doctor).checkRates, last: true},
		{name: "trial", run: (*Doctor).checkTrial, loggedOut: true, last: true},
	}
}

// Checks returns the names of all checks.
func Checks() []string {
	names := []string{}
	for _, c := range checks() {
		names = append(names, c.name)
	}
	return names
}

// Examine carries out all checks but those to skip, concurrently. If the login
// fails, the checks that need a token say so.
func (d *Doctor) Examine(ctx context.Context, skip []string) Report {
	start := time.Now()
	token, err := d.session.Token(ctx)
	loggedIn := err == nil && token.ProjectID != ""
	all := checks()
	sheets := make([]sheet, len(all))
	var running sync.WaitGroup
	for i, c := range all {
		sheets[i].check = c.name
		switch {
		case slices.Contains(skip, c.name):
		case !loggedIn && !c.loggedOut:
			sheets[i].unknown(c.name, "not looked at, because the login to the project failed")
		case !c.last:
			running.Go(func() { c.run(d, ctx, &sheets[i]) })
		}
	}
	running.Wait()
	for i, c := range all {
		if c.last && !slices.Contains(skip, c.name) && (loggedIn || c.loggedOut) {
			c.run(d, ctx, &sheets[i])
		}
	}
	report := Report{Cloud: d.config.OpenStack.AuthURL, Skipped: skip, Took: time.Since(start)}
	for _, s := range sheets {
		report.Findings = append(report.Findings, s.findings...)
	}
	return report
}
