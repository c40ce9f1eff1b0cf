package nova

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// wrongState returns Nova's error for an operation that the state of the server
// does not allow. attribute is vm_state or task_state.
func (n *Service) wrongState(s *server, operation, attribute, state string) error {
	return api.Refuse(http.StatusConflict, "Cannot '"+operation+"' instance "+s.ID+" while it is in "+attribute+" "+state)
}

// allow returns an error unless the server is in one of the states and has no
// task.
func (n *Service) allow(s *server, operation string, vmStates ...string) error {
	switch {
	case !slices.Contains(vmStates, s.vmState):
		return n.wrongState(s, operation, "vm_state", s.vmState)
	case s.taskState != "":
		return n.wrongState(s, operation, "task_state", s.taskState)
	}
	return nil
}

// serverAction executes the action that the body names.
func (n *Service) serverAction(c *api.Call) (api.Answer, error) {
	name, err := c.Action()
	if err != nil {
		return api.Answer{}, err
	}
	switch name {
	case "reboot":
		return n.reboot(c)
	case "os-start":
		return n.start(c)
	case "os-stop":
		return n.stop(c)
	case "forceDelete":
		return n.forceDelete(c)
	case "os-getConsoleOutput":
		return n.console(c)
	case "lock":
		return n.lock(c, true)
	case "unlock":
		return n.lock(c, false)
	}
	c.Violate("unknown action " + name)
	return api.Answer{}, api.Refuse(http.StatusBadRequest, "There is no such action: "+name)
}

func (n *Service) reboot(c *api.Call) (api.Answer, error) {
	var body struct {
		Reboot *struct {
			Type *string `json:"type"`
		} `json:"reboot"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	raw := api.ValueAt(c.Body, "reboot")
	if body.Reboot == nil || body.Reboot.Type == nil {
		return api.Answer{}, api.Required("reboot", "type", raw)
	}
	kind := *body.Reboot.Type
	if !slices.Contains([]string{"HARD", "Hard", "hard", "SOFT", "Soft", "soft"}, kind) {
		return api.Answer{}, api.InvalidField("type", api.ValueAt(raw, "type"),
			api.PythonString(kind)+" is not one of ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']")
	}
	s, err := n.changeable(c)
	if err != nil {
		return api.Answer{}, err
	}
	if strings.EqualFold(kind, "soft") {
		if err := n.allow(s, "reboot", active); err != nil {
			return api.Answer{}, err
		}
		return n.begin(s, "reboot", "rebooting", active, n.world.Options.Latencies.ServerReboot)
	}
	if s.taskState == "rebooting" && s.vmState == active {
		s.taskState = "" // a hard reboot replaces a soft one
	}
	if err := n.allow(s, "reboot", active, stopped, failed); err != nil {
		return api.Answer{}, err
	}
	return n.begin(s, "reboot", "rebooting_hard", active, n.world.Options.Latencies.ServerReboot)
}

func (n *Service) start(c *api.Call) (api.Answer, error) {
	return n.power(c, "start", "powering-on", active, n.world.Options.Latencies.ServerStart, stopped)
}

func (n *Service) stop(c *api.Call) (api.Answer, error) {
	return n.power(c, "stop", "powering-off", stopped, n.world.Options.Latencies.ServerStop, active, failed)
}

func (n *Service) power(c *api.Call, operation, task, goal string, usual time.Duration, from ...string) (api.Answer, error) {
	s, err := n.changeable(c)
	if err != nil {
		return api.Answer{}, err
	}
	if s.host == 0 && s.vmState == building {
		return api.Answer{}, api.Refuse(http.StatusNotFound, "Instance "+s.ID+" could not be found.")
	}
	if err := n.allow(s, operation, from...); err != nil {
		return api.Answer{}, err
	}
	return n.begin(s, operation, task, goal, usual)
}

// begin starts a task that ends in a vm_state.
func (n *Service) begin(s *server, phase, task, goal string, usual time.Duration) (api.Answer, error) {
	s.taskState, s.updated = task, n.world.Now()
	current := func() bool { return n.exists(s) && s.taskState == task }
	n.world.Progress("server", phase, s.zone, usual, func() {
		if current() {
			s.fault = nil
			if goal == active {
				s.boots++
			}
			n.set(s, goal, "")
		}
	}, func(reason string) {
		if current() {
			s.fault = &fault{message: reason, at: n.world.Now()}
			n.set(s, failed, "")
		}
	})
	return api.Reply(http.StatusAccepted, nil)
}

// console answers with the last lines of a server's console: one for each boot.
// A server without a host has none.
func (n *Service) console(c *api.Call) (api.Answer, error) {
	var body struct {
		Console *struct {
			Length json.RawMessage `json:"length"`
		} `json:"os-getConsoleOutput"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	s, err := n.wanted(c)
	if err != nil {
		return api.Answer{}, err
	}
	if s.host == 0 {
		return api.Answer{}, api.Refuse(http.StatusConflict, "Instance "+s.ID+" is not ready")
	}
	lines := []string{}
	for boot := range s.boots + 1 {
		lines = append(lines, fmt.Sprintf("\x1b[0;32mboot %d\x1b[0m of %s", boot+1, s.name))
	}
	if body.Console != nil && len(body.Console.Length) > 0 {
		length, err := api.PositiveInteger("length", body.Console.Length)
		if err != nil {
			return api.Answer{}, err
		}
		lines = lines[max(0, len(lines)-length):]
	}
	return api.OK(api.Object{"output": strings.Join(lines, "\n")})
}
