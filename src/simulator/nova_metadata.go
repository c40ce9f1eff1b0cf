package simulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// checkMetadataCount refuses more keys than the quota allows.
func (n *nova) checkMetadataCount(metadata map[string]string) error {
	limit := n.metadataItems()
	if limit < 0 || len(metadata) <= limit {
		return nil
	}
	return refuse(http.StatusForbidden, "Maximum number of metadata items exceeds "+strconv.Itoa(limit))
}

func (n *nova) listMetadata(c *call) (answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return answer{}, err
	}
	return ok(object{"metadata": s.metadata})
}

func (n *nova) showMetadata(c *call) (answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return answer{}, err
	}
	value, known := s.metadata[c.path["key"]]
	if !known {
		return answer{}, refuse(http.StatusNotFound, "Metadata item was not found")
	}
	return ok(object{"meta": object{c.path["key"]: value}})
}

// changeMetadata stores metadata and answers with all of them.
func (n *nova) changeMetadata(c *call, change func(old, given map[string]string) map[string]string) (answer, error) {
	var body struct {
		Metadata json.RawMessage `json:"metadata"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	if len(body.Metadata) == 0 {
		return answer{}, required("", "metadata", nil)
	}
	given, err := c.metadata(body.Metadata, keysOfServers)
	if err != nil {
		return answer{}, err
	}
	s, err := n.wanted(c)
	if err != nil {
		return answer{}, err
	}
	if err := n.storeMetadata(s, change(s.metadata, given)); err != nil {
		return answer{}, err
	}
	return ok(object{"metadata": s.metadata})
}

func (n *nova) storeMetadata(s *server, metadata map[string]string) error {
	if err := n.checkMetadataCount(metadata); err != nil {
		return err
	}
	if !slices.Contains([]string{active, stopped}, s.vmState) {
		return n.wrongState(s, "update metadata", "vm_state", s.vmState)
	}
	s.metadata, s.updated = metadata, n.now
	return nil
}

func (n *nova) mergeMetadata(c *call) (answer, error) {
	return n.changeMetadata(c, func(old, given map[string]string) map[string]string {
		merged := maps.Clone(old)
		maps.Copy(merged, given)
		return merged
	})
}

func (n *nova) deleteMetadata(c *call) (answer, error) {
	s, err := n.wanted(c)
	if err != nil {
		return answer{}, err
	}
	if _, known := s.metadata[c.path["key"]]; !known {
		return answer{}, refuse(http.StatusNotFound, "Metadata item was not found")
	}
	if !slices.Contains([]string{active, stopped}, s.vmState) {
		return answer{}, n.wrongState(s, "delete metadata", "vm_state", s.vmState)
	}
	delete(s.metadata, c.path["key"])
	s.updated = n.now
	return reply(http.StatusNoContent, nil)
}
