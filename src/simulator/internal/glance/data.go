package glance

import (
	"net/http"
	"strconv"

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
)

// showData answers the first byte of an image's data. The data are not stored,
// and one byte shows a client that there are any.
func (g *Service) showData(c *api.Call) (api.Answer, error) {
	img, err := g.wanted(c, noImage)
	switch {
	case err != nil:
		return api.Answer{}, err
	case img.Status == "deactivated" && !c.Admin:
		return api.Answer{}, g.refuse(c, http.StatusForbidden, "The requested image has been deactivated. Image data download is forbidden.")
	case img.Status != "active" && img.Status != "deactivated":
		if c.Request.Header.Get("Range") != "" {
			c.Violate("Glance fails on a Range of an image without data")
		}
		return g.nothing()
	case c.Request.Header.Get("Range") != "bytes=0-0":
		c.Violate("only the first byte of an image can be read here")
	}
	a := api.Answer{Status: http.StatusPartialContent, Body: []byte{0}}
	a = a.WithHeader("Content-Range", "bytes 0-0/"+strconv.FormatInt(img.Size, 10))
	return a.WithHeader("Content-Type", "application/octet-stream"), nil
}
