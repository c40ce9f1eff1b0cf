package simulator

import "net/http"

// download sends the first byte of the image's data: Glance keeps no data here,
// and a client needs no more to see that there are any.
func (g *glance) download(c *call) (answer, error) {
	img, err := g.wanted(c, noImage)
	switch {
	case err != nil:
		return answer{}, err
	case img.status != "active":
		return g.nothing()
	case c.request.Header.Get("Range") != "bytes=0-0":
		g.violate(c, "only the first byte of an image can be read here")
	}
	a := answer{status: http.StatusPartialContent, body: []byte{0}}
	a = a.withHeader("Content-Range", "bytes 0-0/"+itoa(int(img.size)))
	return a.withHeader("Content-Type", "application/octet-stream"), nil
}
