package doctor

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/openstack"
)

// checkRates looks at how many requests the cloud accepts: what Nova and Cinder
// say about it, and what was refused while the other checks were made.
func (d *Doctor) checkRates(ctx context.Context, s *sheet) {
	d.checkRefused(s)
	for _, service := range []struct {
		name  string
		rates func(context.Context) ([]openstack.Rate, error)
	}{{"Nova", d.compute.Rates}, {"Cinder", d.volume.Rates}} {
		rates, err := service.rates(ctx)
		if err != nil {
			s.failed(service.name, err)
			continue
		}
		if len(rates) == 0 {
			s.ok(service.name, "names no limit")
		}
		for _, rate := range rates {
			for _, limit := range rate.Limit {
				s.note(service.name, "%s %s: %d per %s, %d left", limit.Verb, rate.Path, limit.Value, strings.ToLower(limit.Unit), limit.Remaining)
			}
		}
	}
}

// checkRefused reports the requests of this examination that were refused because
// of their rate.
func (d *Doctor) checkRefused(s *sheet) {
	services, refused, all := d.session.Stats().Services, []string{}, 0
	for _, name := range slices.Sorted(maps.Keys(services)) {
		stats := services[name]
		all += stats.Calls
		if stats.Limited == 0 {
			continue
		}
		text := fmt.Sprintf("%d of %d of %s", stats.Limited, stats.Calls, name)
		if stats.Pause > 0 {
			text += fmt.Sprintf(", with pauses of up to %s", stats.Pause.Round(time.Second))
		}
		refused = append(refused, text)
	}
	if len(refused) > 0 {
		s.warning("requests", "ask the cloud's operator for a higher limit, or lower update.max_in_flight and director.max_threads",
			"the cloud refused requests of this examination because of their rate (HTTP 429): %s", strings.Join(refused, "; "))
		return
	}
	s.ok("requests", "none of %d was refused because of its rate (HTTP 429)", all)
}
