package openstack

import "github.com/gophercloud/gophercloud/v2"

// Rate is how often a service accepts requests of one kind.
type Rate struct {
	Path  string `json:"uri"`
	Limit []struct {
		Verb      string `json:"verb"`
		Value     int    `json:"value"`
		Remaining int    `json:"remaining"`
		Unit      string `json:"unit"` // SECOND, MINUTE, HOUR, DAY
	} `json:"limit"`
}

// Rates returns the rates in the response of /limits of Nova or Cinder. There are
// none unless the service itself limits them: proxies do not add theirs.
func Rates(response gophercloud.Result) ([]Rate, error) {
	var body struct {
		Limits struct {
			Rate []Rate `json:"rate"`
		} `json:"limits"`
	}
	err := response.ExtractInto(&body)
	return body.Limits.Rate, err
}
