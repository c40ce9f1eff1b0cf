package simulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// wrongState is Nova's answer to an operation that the state of the server does not allow; attribute is vm_state or task_state.
func (n *nova) wrongState(s *server, operation, attribute, state string) error {
	return refuse(http.StatusConflict, "Cannot '"+operation+"' instance "+s.id+" while it is in "+attribute+" "+state)
}

// allow refuses an operation unless the server is in one of the states and is not doing anything else.
func (n *nova) allow(s *server, operation string, vmStates ...string) error {
	switch {
	case !slices.Contains(vmStates, s.vmState):
		return n.wrongState(s, operation, "vm_state", s.vmState)
	case s.taskState != "":
		return n.wrongState(s, operation, "task_state", s.taskState)
	}
	return nil
}

// serverAction does what the one key of the body names.
func (n *nova) serverAction(c *call) (answer, error) {
	name, err := c.action()
	if err != nil {
		return answer{}, err
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
	}
	n.violate(c, "unknown action "+name)
	return answer{}, refuse(http.StatusBadRequest, "There is no such action: "+name)
}

func (n *nova) reboot(c *call) (answer, error) {
	var body struct {
		Reboot *struct {
			Type *string `json:"type"`
		} `json:"reboot"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	raw := valueAt(c.body, "reboot")
	if body.Reboot == nil || body.Reboot.Type == nil {
		return answer{}, required("reboot", "type", raw)
	}
	kind := *body.Reboot.Type
	if !slices.Contains([]string{"HARD", "Hard", "hard", "SOFT", "Soft", "soft"}, kind) {
		return answer{}, invalidField("type", valueAt(raw, "type"),
			pythonString(kind)+" is not one of ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']")
	}
	s, err := n.wanted(c)
	if err != nil {
		return answer{}, err
	}
	if strings.EqualFold(kind, "soft") {
		if err := n.allow(s, "reboot", active); err != nil {
			return answer{}, err
		}
		return n.begin(s, "reboot", "rebooting", active, n.options.Latencies.ServerReboot)
	}
	if s.taskState == "rebooting" && s.vmState == active {
		s.taskState = "" // a hard reboot overtakes a soft one
	}
	if err := n.allow(s, "reboot", active, stopped, failed); err != nil {
		return answer{}, err
	}
	return n.begin(s, "reboot", "rebooting_hard", active, n.options.Latencies.ServerReboot)
}

func (n *nova) start(c *call) (answer, error) {
	return n.power(c, "start", "powering-on", active, n.options.Latencies.ServerStart, stopped)
}

func (n *nova) stop(c *call) (answer, error) {
	return n.power(c, "stop", "powering-off", stopped, n.options.Latencies.ServerStop, active, failed)
}

func (n *nova) power(c *call, operation, task, goal string, usual time.Duration, from ...string) (answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return answer{}, err
	}
	if s.host == 0 && s.vmState == building {
		return answer{}, refuse(http.StatusNotFound, "Instance "+s.id+" could not be found.")
	}
	if err := n.allow(s, operation, from...); err != nil {
		return answer{}, err
	}
	return n.begin(s, operation, task, goal, usual)
}

// begin lets a server do something that ends in a vm_state.
func (n *nova) begin(s *server, phase, task, goal string, usual time.Duration) (answer, error) {
	s.taskState, s.updated = task, n.now
	current := func() bool { return n.exists(s) && s.taskState == task }
	n.progress("server", phase, s.zone, usual, func() {
		if current() {
			s.fault = nil
			if goal == active {
				s.boots++
			}
			n.set(s, goal, "")
		}
	}, func(reason string) {
		if current() {
			s.fault = &fault{message: reason, at: n.now}
			n.set(s, failed, "")
		}
	})
	return reply(http.StatusAccepted, nil)
}
