package day

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// Replay is a director whose calls come from recordings.
type Replay struct {
	director  director.Director
	cloud     *cloud.Cloud
	names     *names
	configure func(properties map[string]any) error // writes cpi.json
	log       func(format string, arguments ...any)

	mutex sync.Mutex
	state *state
	// changed are the names of the disks that update_disk has changed in place.
	changed map[string]bool
}

// run carries out an operation. A step begins when those that had ended before it
// in the recording have ended. After the first failure no further step begins.
func (r *Replay) run(ctx context.Context, operation Operation) error {
	before := predecessors(operation.Steps)
	done := make([]chan struct{}, len(operation.Steps))
	for i := range done {
		done[i] = make(chan struct{})
	}
	group, ctx := errgroup.WithContext(ctx)
	for i, step := range operation.Steps {
		group.Go(func() error {
			for _, j := range slices.Concat(before[i], r.snapshotsOf(step, operation)) {
				select {
				case <-done[j]:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			if err := r.take(ctx, step); err != nil {
				return fmt.Errorf("step %d, %s%s %s: %w", i+1, step.Method, step.Outside, step.Arguments, err)
			}
			close(done[i])
			return nil
		})
	}
	return group.Wait()
}

// snapshotsOf returns the steps that delete the snapshots of the disk that a step
// deletes. A director deletes them before the disk. Disks that were copied in the
// recording, and are changed in place now, have more of them.
func (r *Replay) snapshotsOf(step Step, operation Operation) (found []int) {
	if step.Method != "delete_disk" {
		return nil
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	disk := r.cid(step.Arguments[0])
	for i, other := range operation.Steps {
		if other.Method == "delete_snapshot" && r.state.snapshots[r.cid(other.Arguments[0])] == disk {
			found = append(found, i)
		}
	}
	return found
}

// cid returns the CID whose name an argument is.
func (r *Replay) cid(argument json.RawMessage) string { return r.names.text(nameOf(argument)) }

// nameOf returns the name that an argument is.
func nameOf(argument json.RawMessage) string { return strings.Trim(string(argument), `"`) }

// take carries out one step.
func (r *Replay) take(ctx context.Context, step Step) error {
	if r.omitted(step) {
		return nil
	}
	arguments := make([]json.RawMessage, len(step.Arguments))
	for i, argument := range step.Arguments {
		var err error
		if arguments[i], err = r.names.resolve(argument); err != nil {
			return err
		}
	}
	if step.Outside != "" {
		return r.changeOutside(ctx, step, arguments)
	}
	result, failure, err := r.call(ctx, step, arguments)
	for tries := 1; tries < maxCreateTries && step.repeated(failure); tries++ {
		result, failure, err = r.call(ctx, step, arguments)
	}
	if err != nil {
		return err
	}
	if accepted, err := step.judge(result, failure); !accepted {
		return err
	}
	if step.Result != "" {
		if err := r.names.setResult(step.Result, result); err != nil {
			return fmt.Errorf("result %s: %w", result, err)
		}
	}
	return r.apply(step, arguments, result)
}

// omitted reports whether the director would not make the call, because update_disk
// has changed a disk that was copied in the recording.
func (r *Replay) omitted(step Step) bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if step.Method == "delete_disk" && r.changed[nameOf(step.Arguments[0])] {
		return true // another name of the disk is still in use
	}
	if len(step.Copy) == 0 || !r.changed[step.Copy[0]] {
		return false
	}
	r.names.set(step.Copy[1], r.names.text(step.Copy[0]))
	return true
}

// call sends a request as the director does.
func (r *Replay) call(ctx context.Context, step Step, arguments []json.RawMessage) (json.RawMessage, *director.Error, error) {
	caller := r.director
	if step.Stemcell != 0 {
		caller.Stemcell = step.Stemcell
	}
	if step.CPI != "" {
		caller.Properties = r.names.object(step.CPI)
	}
	values := make([]any, len(arguments))
	for i, argument := range arguments {
		values[i] = argument
	}
	version := caller.Preferred
	if step.APIVersion != 0 {
		version = step.APIVersion
	}
	result, cost, err := caller.Ask(ctx, caller.Request(version, step.Method, values...))
	failure, refused := errors.AsType[*director.Error](err)
	if err != nil && !refused {
		return nil, nil, fmt.Errorf("%w\n%s", err, cost.Stderr)
	}
	r.log("%s %.200s: %.80s, %v", step.Method, arguments, result, failure)
	return result, failure, nil
}

// maxCreateTries is the default of the director's max_vm_create_tries.
const maxCreateTries = 5

// repeated reports whether the director repeats the call at once, for the same
// agent.
func (s Step) repeated(failure *director.Error) bool {
	return s.Method == "create_vm" && failure != nil && failure.Type == "Bosh::Clouds::VMCreationFailed" && failure.OKToRetry
}

// judge compares the answer of a call with the expected one. It returns false if
// the call has failed, with an error if it should not have.
func (s Step) judge(result json.RawMessage, failure *director.Error) (accepted bool, err error) {
	switch {
	case s.Error != "" && failure == nil:
		return false, fmt.Errorf("the result is %s, expected the error %s", result, s.Error)
	case s.Error != "" && failure.Type != "Bosh::Clouds::"+s.Error:
		return false, fmt.Errorf("expected the error %s: %w", s.Error, failure)
	case s.Error != "", s.Refusable && failure != nil && failure.Type == "Bosh::Clouds::NotSupported":
		return false, nil
	case failure != nil:
		return false, failure
	case s.Answer != nil && string(s.Answer) != string(result):
		return false, fmt.Errorf("the result is %s, expected %s", result, s.Answer)
	}
	return true, nil
}

// apply records what a successful call has changed.
func (r *Replay) apply(step Step, arguments []json.RawMessage, result json.RawMessage) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if step.Method == "update_disk" {
		r.changed[nameOf(step.Arguments[0])] = true
		var old, replacement string
		if err := decode(arguments, &old); err != nil {
			return err
		}
		if err := json.Unmarshal(result, &replacement); err != nil {
			return err
		}
		if replacement != "" {
			r.names.rename(old, replacement)
		}
	}
	effect, known := effects()[step.Method]
	if !known {
		return nil // it changes nothing
	}
	return effect(r.state, arguments, result)
}

// cleanUp deletes what a failed chapter has left.
func (r *Replay) cleanUp(ctx context.Context) (failed error) {
	remove := func(method string, cids []string) {
		for _, cid := range cids {
			_, _, err := r.director.Ask(ctx, r.director.Request(r.director.Preferred, method, cid))
			failed = errors.Join(failed, err)
		}
	}
	remove("delete_vm", slices.Collect(maps.Keys(r.state.vms)))
	remove("delete_snapshot", slices.Collect(maps.Keys(r.state.snapshots)))
	remove("delete_disk", slices.Collect(maps.Keys(r.state.disks)))
	remove("delete_network", slices.Collect(maps.Keys(r.state.networks)))
	remove("delete_stemcell", slices.Collect(maps.Keys(r.state.images)))
	return failed
}
