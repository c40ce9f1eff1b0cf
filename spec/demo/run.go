package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// run is one demonstration: its director, its cloud and the objects it has
// created.
type run struct {
	id       string // part of the names of this run's objects
	agentID  string
	options  vmOptions
	nic      cloud.NIC
	director *director.Director
	cloud    *cloud.Cloud
	shared   bool   // others use the same project
	dir      string // for files of the run
	image    string
	page     string // path of the page of timeline, or ""
	before   cloud.Inventory

	stemcell, vm, disk, snapshot string
	live                         map[string]string // CIDs of existing objects by the method that deletes them
	cost                         director.Cost     // of the last call
	log                          strings.Builder   // of all calls
}

// step is one row of the table; it returns the text of the result column.
type step struct {
	name string
	do   func(ctx context.Context) (string, error)
}

func newRun(ctx context.Context, opts options, openstack *cloud.Cloud, config, dir string) (*run, error) {
	nic, err := openstack.ChooseNIC(ctx, opts.vm.Network, opts.vm.StaticIPs, nil)
	if err != nil {
		return nil, err
	}
	before, err := openstack.Inventory(ctx)
	if err != nil {
		return nil, err
	}
	environment := append(director.WipedEnvironment(), "BOSH_LOG_LEVEL=debug") // for the timeline
	id := director.NewUUID()
	r := &run{
		id:      id[:8],
		agentID: director.NewUUID(),
		options: opts.vm,
		nic:     nic,
		director: &director.Director{
			CPI:  director.Command{Executable: opts.executable, Config: config, Cache: filepath.Join(dir, "cache"), Environment: environment},
			UUID: id, Preferred: opts.apiVersion, Stemcell: director.StemcellAPIVersion,
		},
		cloud:  openstack,
		shared: !opts.simulated(),
		dir:    dir,
		image:  filepath.Join(dir, "image"),
		page:   opts.page,
		before: before,
		live:   map[string]string{},
	}
	return r, director.WriteStemcell(r.image, r.id, opts.stemcellMiB)
}

// perform runs the steps, cleans up after a failure or an interruption, and
// checks for leaked objects.
func (r *run) perform(ctx context.Context, table *table) error {
	table.header()
	for _, s := range r.steps() {
		if err := context.Cause(ctx); err != nil {
			table.failure(err, "")
			break
		}
		result, err := s.do(ctx)
		table.row(s.name, resultOrFailed(result, err), r.cost)
		if err != nil {
			table.failure(err, r.cost.Stderr)
			break
		}
	}
	// The clean-up is not interrupted by Ctrl-C.
	interruptible, ctx := ctx, context.WithoutCancel(ctx)
	r.cleanUp(ctx, table)
	r.checkLeftovers(ctx, table)
	table.total(r.director.InfoCalls, r.director.InfoTime)
	if !table.anyFailed {
		if err := r.operate(interruptible, table); err != nil {
			table.failure(err, r.cost.Stderr)
		}
		r.cleanUp(ctx, table)
		table.printf("\n")
		r.checkLeftovers(ctx, table)
	}
	if table.anyFailed {
		return errFailed
	}
	return nil
}

// checkLeftovers prints whether the run has left objects.
func (r *run) checkLeftovers(ctx context.Context, table *table) {
	left, err := r.leftovers(ctx)
	switch {
	case err != nil:
		table.check("nothing left?", "FAILED")
		table.failure(err, "")
	case len(left) > 0:
		table.check("nothing left?", "FAILED")
		table.failure(errors.New("leaked: "+strings.Join(left, "\n        ")), "")
	default:
		table.check("nothing left", "no server, port, volume, snapshot, image, server group")
	}
}

func resultOrFailed(result string, err error) string {
	if err != nil {
		return "FAILED"
	}
	return result
}

// cleanUp deletes the remaining objects of an incomplete run.
func (r *run) cleanUp(ctx context.Context, table *table) {
	for _, method := range []string{"delete_snapshot", "delete_vm", "delete_disk", "delete_stemcell"} {
		cid, exists := r.live[method]
		if !exists {
			continue
		}
		err := r.delete(ctx, method, cid)
		table.row(method, resultOrFailed("cleaned up "+short(cid), err), r.cost)
		if err != nil {
			table.failure(err, r.cost.Stderr)
		}
	}
}

// leftovers lists leaked objects. It does not wait: the CPI waits until objects
// are deleted.
func (r *run) leftovers(ctx context.Context) ([]string, error) {
	var marks []string
	if r.shared {
		marks = []string{r.director.UUID, r.agentID, `"` + r.nic.Address.String() + `"`}
		for _, cid := range []string{r.stemcell, r.vm, r.disk, r.snapshot} {
			if cid != "" {
				marks = append(marks, cid)
			}
		}
	}
	now, err := r.cloud.Inventory(ctx)
	return now.Leftovers(r.before, marks), err
}

// call calls a method of the CPI and decodes its result unless into is nil.
func (r *run) call(ctx context.Context, into any, method string, arguments ...any) error {
	result, cost, err := r.director.Call(ctx, method, arguments...)
	r.cost = cost
	r.log.WriteString(cost.Stderr)
	if err != nil || into == nil {
		return err
	}
	if err := json.Unmarshal(result, into); err != nil {
		return fmt.Errorf("result of %s: %w: %s", method, err, result)
	}
	return nil
}

// delete calls one of the delete methods and removes the object from r.live.
func (r *run) delete(ctx context.Context, method, cid string) error {
	if err := r.call(ctx, nil, method, cid); err != nil {
		return err
	}
	delete(r.live, method)
	return nil
}
