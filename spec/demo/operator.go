package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

// operate shows what a person does when something is wrong: a cloud config that
// does not fit the cloud, a VM that the director has never received, and a
// deployment whose time is asked for.
func (r *run) operate(ctx context.Context, out *table) error {
	out.printf("\n Looking for what is wrong, with the commands for people:\n")
	for _, show := range []func(context.Context, *table) error{r.showFaults, r.showOrphans, r.showTimeline} {
		if err := show(ctx, out); err != nil {
			return err
		}
	}
	return nil
}

// faultyCloudConfig is a cloud config with three faults: a misspelt flavor, a
// floating IP that no cloud has (RFC 5737), and addresses that both BOSH and Neutron
// assign.
const faultyCloudConfig = `
vm_types:
- {name: large, cloud_properties: {instance_type: %s}}
networks:
- {name: public, type: vip, subnets: [{static: [192.0.2.99]}]}
- name: default
  type: manual
  subnets:
  - {range: %s, gateway: %s, cloud_properties: {net_id: %s}}
`

// showFaults lets doctor find the faults of a cloud config.
func (r *run) showFaults(ctx context.Context, table *table) error {
	file := filepath.Join(r.dir, "cloud-config.yml")
	misspelt := r.options.Flavor[:len(r.options.Flavor)-1]
	text := fmt.Sprintf(faultyCloudConfig, misspelt, r.nic.Subnet, r.nic.Gateway, r.nic.NetworkID)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	output, err := r.command(ctx, table, "doctor", "-config", r.director.CPI.Config, "-cloud-config", file)
	var found []string
	for line := range strings.Lines(output) {
		advice := strings.HasPrefix(line, "      →") && len(found) > 0
		if strings.HasPrefix(line, "  ✗") || strings.HasPrefix(line, "  !") || advice {
			found = append(found, line)
		}
	}
	table.printf("%s", strings.Join(found, ""))
	for _, fault := range []string{
		"✗ VM type large: flavor " + misspelt + " does not exist", "✗ network public: floating IP 192.0.2.99 is not allocated",
		"! network default: Neutron allocates ",
	} {
		if !strings.Contains(output, fault) {
			return errors.Join(err, fmt.Errorf("doctor has not found %q:\n%s", fault, output))
		}
	}
	return nil
}

// showOrphans creates a VM whose CID is lost, as by a director that is killed, and
// lets orphans find and delete it.
func (r *run) showOrphans(ctx context.Context, table *table) error {
	instances := filepath.Join(r.dir, "instances.json")
	const none = `{"Tables": [{"Content": "instances", "Header": {"instance": "Instance", "vm_cid": "VM CID", "disk_cids": "Disk CIDs"}, "Rows": []}]}`
	if err := os.WriteFile(instances, []byte(none), 0o600); err != nil {
		return err
	}
	if _, err := r.createStemcell(ctx); err != nil {
		return err
	}
	if _, err := r.createVM(ctx); err != nil {
		return err
	}
	delete(r.live, "delete_vm")
	options := []string{"-config", r.director.CPI.Config, "-known", instances, "-director", r.director.UUID, "-min-age", "0s"}
	listed, err := r.command(ctx, table, append([]string{"orphans"}, options...)...)
	table.printf("%s", indentBy(listed))
	if !strings.Contains(listed, "2 orphans") {
		return errors.Join(err, errors.New("orphans has not found the server and its port"))
	}
	deleted, err := r.command(ctx, table, append([]string{"orphans", "delete", "-yes"}, options...)...)
	for line := range strings.Lines(deleted) {
		if strings.HasPrefix(line, "deleted ") {
			table.printf("%s", indentBy(line))
		}
	}
	if !strings.Contains(deleted, "deleted server "+r.vm) {
		return errors.Join(err, errors.New("orphans has not deleted the server"))
	}
	return r.delete(ctx, "delete_stemcell", r.stemcell)
}

// showTimeline draws the calls of this run.
func (r *run) showTimeline(ctx context.Context, table *table) error {
	log := filepath.Join(r.dir, "task.log")
	if err := os.WriteFile(log, []byte(r.log.String()), 0o600); err != nil {
		return err
	}
	page := r.page
	if page == "" {
		page = filepath.Join(r.dir, "timeline.html")
	}
	output, err := r.command(ctx, table, "timeline", "-html", page, log)
	summary, _, _ := strings.Cut(output, "\n\nmethod")
	table.printf("%s", indentBy(summary+"\n"))
	if r.page != "" {
		table.printf("  The page is %s\n", r.page)
	}
	_, missing := os.Stat(page)
	return errors.Join(err, missing)
}

// command runs a command for people and returns what it prints.
func (r *run) command(ctx context.Context, table *table, words ...string) (string, error) {
	shown := slices.Clone(words)
	for i, word := range shown {
		if filepath.IsAbs(word) {
			shown[i] = filepath.Base(word)
		}
	}
	table.printf("\n $ openstack_cpi %s\n", strings.Join(shown, " "))
	command := exec.CommandContext(ctx, r.director.CPI.Executable, words...)
	command.Env = director.WipedEnvironment()
	output, err := command.CombinedOutput()
	return string(output), err
}

// indentBy indents what a command prints.
func indentBy(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
}
