// Package timeline_test looks at the page of openstack_cpi timeline as its users
// do: made of the log of a deployment, in a browser.
package timeline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
	"github.com/piston/openstack-bosh-cpi/spec/target"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// deployment is a task of a director: it deploys four VMs on the simulator, of
// which one needs a second try, on a cloud that is overloaded for a moment.
type deployment struct {
	*testing.T
	cpi   director.Command
	cloud *simulator.Simulator
	// pace is a part of the time that agents take.
	pace  time.Duration
	image string // path of the stemcell's image

	mutex sync.Mutex
	// debug and cpiLog are the logs that the director keeps of the task.
	debug, cpiLog bytes.Buffer
	calls         int
}

// deploy runs the task. scale is a factor for the times of the cloud and the
// agents.
func deploy(t *testing.T, scale float64) *deployment {
	t.Helper()
	of := func(d time.Duration) time.Duration { return time.Duration(scale * float64(d)) }
	d := &deployment{T: t, pace: of(400 * time.Millisecond), image: filepath.Join(t.TempDir(), "image"), cloud: simulator.New(simulator.Options{Password: "canary-password", Latencies: simulator.Latencies{
		ServerBuild: of(3 * time.Second), ServerDelete: of(time.Second), VolumeCreate: of(600 * time.Millisecond), VolumeAttach: of(700 * time.Millisecond),
	}})}
	base, stop, err := simulator.Listen("127.0.0.1:0", slowed{d.cloud, scale})
	require.NoError(t, err)
	t.Cleanup(stop)
	executable, err := target.Build(t.Context(), t.TempDir())
	require.NoError(t, err)
	var config map[string]any
	require.NoError(t, json.Unmarshal(d.cloud.CPIConfig(base), &config))
	target.Properties(config)["log_level"] = "debug"
	content, err := json.Marshal(config)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "cpi.json")
	require.NoError(t, os.WriteFile(file, content, 0o600))
	d.cpi = director.Command{Executable: executable, Config: file, Environment: append(director.WipedEnvironment(), "TZ=UTC")}
	d.cloud.Inject(simulator.Fault{On: "GET /servers/{id}", Nth: 6, Status: http.StatusServiceUnavailable, Header: http.Header{"Retry-After": {"1"}}})
	d.cloud.Inject(simulator.Fault{On: "GET /flavors/detail", Nth: 3, Times: 2, Status: http.StatusTooManyRequests})
	d.cloud.InjectStateFault(simulator.StateFault{Resource: "server", Phase: "create", Zone: "z2", Reason: "No valid host was found. There are not enough hosts available.", Times: 1})

	d.director("task:42", "INFO", "Starting task: 42")
	d.director("task:42", "DEBUG", "(0.000312s) (conn: 3760) SELECT * FROM `tasks` WHERE `id` = 42")
	require.NoError(t, director.WriteStemcell(d.image, "sample", 3))
	stemcell := d.call(t.Context(), "task:42", "create_stemcell", d.image, map[string]any{"name": "bosh-openstack-kvm-sample", "version": "1", "disk_format": "raw", "container_format": "bare"})
	var instances sync.WaitGroup
	for i := range 4 {
		instances.Go(func() { d.instance(t.Context(), i, stemcell) })
		d.pause(t.Context(), 1)
	}
	instances.Wait()
	d.director("task:42", "INFO", "Task took 12 seconds to process.")
	return d
}

// slowed answers as late as the services of a real cloud.
type slowed struct {
	*simulator.Simulator
	scale float64
}

func (s slowed) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	took := 40 * time.Millisecond
	for part, of := range map[string]time.Duration{
		"/auth/tokens": 180 * time.Millisecond, "/servers": 90 * time.Millisecond, "/ports": 120 * time.Millisecond, "/volumes": 70 * time.Millisecond,
	} {
		if strings.Contains(req.URL.Path, part) {
			took = of
		}
	}
	if req.Method == http.MethodPost {
		took *= 4
	}
	<-time.After(time.Duration(s.scale * float64(took)))
	s.Simulator.ServeHTTP(w, req)
}

// instance creates one VM with a disk.
func (d *deployment) instance(ctx context.Context, index int, stemcell json.RawMessage) {
	thread := fmt.Sprintf("instance_update(web/%d)", index)
	network := map[string]any{"private": map[string]any{
		"type": "manual", "ip": fmt.Sprintf("10.0.0.%d", 10+index), "netmask": "255.255.255.0", "gateway": "10.0.0.1",
		"default": []string{"dns", "gateway"}, "cloud_properties": map[string]any{"net_id": d.cloud.Fixtures().Networks["private"]},
	}}
	properties := map[string]any{"instance_type": "m1.small", "availability_zone": []string{"z1", "z2"}[index%2]}
	create := func() json.RawMessage {
		return d.call(ctx, thread, "create_vm", fmt.Sprintf("agent-%d", index), stemcell, properties, network, []string{}, map[string]any{})
	}
	created := create()
	if created == nil {
		created = create() // directors repeat VMCreationFailed
	}
	var vm []json.RawMessage
	if json.Unmarshal(created, &vm) != nil || len(vm) == 0 {
		d.Errorf("%s has no VM", thread)
		return
	}
	d.call(ctx, thread, "set_vm_metadata", vm[0], map[string]any{"name": fmt.Sprintf("web/%d", index)})
	d.pause(ctx, 3+index)
	disk := d.call(ctx, thread, "create_disk", 1024, map[string]any{}, vm[0])
	d.call(ctx, thread, "attach_disk", vm[0], disk)
	d.call(ctx, thread, "set_disk_metadata", disk, map[string]any{"deployment": "web"})
	d.pause(ctx, 2)
}

// pause waits for agents.
func (d *deployment) pause(ctx context.Context, times int) {
	select {
	case <-time.After(time.Duration(times) * d.pace):
	case <-ctx.Done():
	}
}

// call calls info and a method as a director does and logs it as a director
// does. It returns nil after an error.
func (d *deployment) call(ctx context.Context, thread, method string, arguments ...any) json.RawMessage {
	d.ask(ctx, thread, map[string]any{"method": "info", "arguments": []any{}})
	return d.ask(ctx, thread, map[string]any{"method": method, "arguments": arguments, "api_version": 3})
}

func (d *deployment) ask(ctx context.Context, thread string, request map[string]any) json.RawMessage {
	d.mutex.Lock()
	d.calls++
	id := fmt.Sprintf("cpi-%06d", 100000+d.calls*7919)
	d.mutex.Unlock()
	request["context"] = map[string]any{"director_uuid": "0f6e4a52-1f0c-4c9f-8f46-3a1b8d9b7c11", "request_id": id, "vm": map[string]any{"stemcell": map[string]any{"api_version": 3}}}
	input, err := json.Marshal(request)
	if err != nil {
		d.Error(err)
		return nil
	}
	d.director(thread, "DEBUG", fmt.Sprintf("[external-cpi] [%s] request: %s with command: /var/vcap/jobs/openstack_cpi/bin/cpi", id, input))
	run, err := d.cpi.Run(ctx, input)
	if err != nil {
		d.Error(err)
		return nil
	}
	d.director(thread, "DEBUG", fmt.Sprintf("[external-cpi] [%s] response: %s, err: %s, exit_status: 0", id, run.Stdout, run.Stderr))
	d.mutex.Lock()
	d.cpiLog.WriteString(run.Stderr)
	d.mutex.Unlock()
	result, err := director.ReadResponse(run.Stdout)
	if err != nil {
		return nil
	}
	return result
}

// director writes a line as the director's logger does.
func (d *deployment) director(thread, level, message string) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	message = strings.ReplaceAll(message, d.image, "/var/vcap/data/director/tmp/stemcell/image")
	fmt.Fprintf(&d.debug, "%s, [%s #12] [%s] %5s -- DirectorJobRunner: %s\n", level[:1], time.Now().UTC().Format("2006-01-02T15:04:05.000000"), thread, level, message)
}
