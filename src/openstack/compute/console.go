package compute

import (
	"context"
	"regexp"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// The limits of a console's end: lines that Nova is asked for, and bytes.
const (
	consoleLines = 20
	consoleBytes = 2000
)

// escapes matches the sequences with which a terminal is controlled, and control
// characters except newlines and tabs.
var escapes = regexp.MustCompile("\x1b\\[[0-9;?]*[a-zA-Z]|\x1b[()].|[\x00-\x08\x0b-\x1f\x7f]")

// Console returns the last lines of the server's console.
func (s *Service) Console(ctx context.Context, id string) (string, error) {
	client, err := s.session.Compute(ctx)
	if err != nil {
		return "", err
	}
	opts := servers.ShowConsoleOutputOpts{Length: consoleLines}
	output, err := servers.ShowConsoleOutput(openstack.Repeatable(ctx), client, id, opts).Extract()
	if err != nil {
		return "", openstack.Wrap(err, "get the console of server %s", id)
	}
	output = strings.TrimSpace(escapes.ReplaceAllString(output, ""))
	if over := len(output) - consoleBytes; over > 0 {
		output = "…" + strings.ToValidUTF8(output[over:], "")
	}
	return output, nil
}
