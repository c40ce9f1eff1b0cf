package nova

import (
	"net/http"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// lock protects a server from changes of ordinary users until it is unlocked.
func (n *Service) lock(c *api.Call, locked bool) (api.Answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return api.Answer{}, err
	}
	s.locked = locked
	return api.Reply(http.StatusAccepted, nil)
}

// changeable returns the server of the path, and an error if it is locked.
func (n *Service) changeable(c *api.Call) (*server, error) {
	s, err := n.wanted(c)
	if err == nil {
		err = s.whenUnlocked()
	}
	return s, err
}

func (s *server) whenUnlocked() error {
	if s.locked {
		return api.Refuse(http.StatusConflict, "Instance "+s.ID+" is locked")
	}
	return nil
}
