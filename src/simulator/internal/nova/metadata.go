package nova

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// checkMetadataCount returns an error for more keys than the quota allows.
func (n *Service) checkMetadataCount(metadata map[string]string) error {
	limit := n.metadataItems()
	if limit < 0 || len(metadata) <= limit {
		return nil
	}
	return api.Refuse(http.StatusForbidden, "Maximum number of metadata items exceeds "+strconv.Itoa(limit))
}

func (n *Service) listMetadata(c *api.Call) (api.Answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return api.Answer{}, err
	}
	return api.OK(api.Object{"metadata": s.metadata})
}

func (n *Service) showMetadata(c *api.Call) (api.Answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return api.Answer{}, err
	}
	value, known := s.metadata[c.Path["key"]]
	if !known {
		return api.Answer{}, api.Refuse(http.StatusNotFound, "Metadata item was not found")
	}
	return api.OK(api.Object{"meta": api.Object{c.Path["key"]: value}})
}

// changeMetadata stores metadata and answers all of them.
func (n *Service) changeMetadata(c *api.Call, change func(old, given map[string]string) map[string]string) (api.Answer, error) {
	var body struct {
		Metadata json.RawMessage `json:"metadata"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	if len(body.Metadata) == 0 {
		return api.Answer{}, api.Required("", "metadata", nil)
	}
	given, err := c.Metadata(body.Metadata, api.ServerKeys)
	if err != nil {
		return api.Answer{}, err
	}
	s, err := n.changeable(c)
	if err != nil {
		return api.Answer{}, err
	}
	if err := n.storeMetadata(s, change(s.metadata, given)); err != nil {
		return api.Answer{}, err
	}
	return api.OK(api.Object{"metadata": s.metadata})
}

func (n *Service) storeMetadata(s *server, metadata map[string]string) error {
	if err := n.checkMetadataCount(metadata); err != nil {
		return err
	}
	if !slices.Contains([]string{active, stopped}, s.vmState) {
		return n.wrongState(s, "update metadata", "vm_state", s.vmState)
	}
	s.metadata, s.updated = metadata, n.world.Now()
	return nil
}

func (n *Service) mergeMetadata(c *api.Call) (api.Answer, error) {
	return n.changeMetadata(c, func(old, given map[string]string) map[string]string {
		merged := maps.Clone(old)
		maps.Copy(merged, given)
		return merged
	})
}

func (n *Service) deleteMetadata(c *api.Call) (api.Answer, error) {
	s, err := n.changeable(c)
	if err != nil {
		return api.Answer{}, err
	}
	if _, known := s.metadata[c.Path["key"]]; !known {
		return api.Answer{}, api.Refuse(http.StatusNotFound, "Metadata item was not found")
	}
	if !slices.Contains([]string{active, stopped}, s.vmState) {
		return api.Answer{}, n.wrongState(s, "delete metadata", "vm_state", s.vmState)
	}
	delete(s.metadata, c.Path["key"])
	s.updated = n.world.Now()
	return api.Reply(http.StatusNoContent, nil)
}
