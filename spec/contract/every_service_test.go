package contract_test

import (
	"net/http"

	"github.com/stretchr/testify/require"
)

const requestID = `^req-[0-9a-f-]{36}$`

// wantsRequestID fails the claim unless the answer carries the id operators search their logs for.
func (a answer) wantsRequestID() answer {
	a.t.Helper()
	require.Regexp(a.t, requestID, a.header.Get("X-Openstack-Request-Id"), a.request)
	return a
}

// stranger is the service to somebody whose token nobody issued.
func (s service) stranger() service { return s.with("X-Auth-Token", "nobody-issued-this") }

var everyServiceClaims = []claim{
	{
		id:    "keystone-request-id",
		says:  "Keystone's answers carry x-openstack-request-id, errors too.",
		proof: keystone + "keystone/server/flask/core.py#L63",
		check: func(c *cloud) answer {
			c.identity.with("X-Subject-Token", c.token).get("/auth/tokens").wants(http.StatusOK).wantsRequestID()
			return c.identity.stranger().get("/auth/tokens").wants(http.StatusUnauthorized).wantsRequestID()
		},
	},
	{
		id:    "nova-request-id",
		says:  "Nova's answers carry x-openstack-request-id and the older x-compute-request-id, errors too.",
		proof: nova + "nova/api/compute_req_id.py#L35",
		check: func(c *cloud) answer {
			c.compute.get("/flavors").wants(http.StatusOK).wantsRequestID().wantsHeader("X-Compute-Request-Id")
			return c.compute.get("/servers/" + nobody).wants(http.StatusNotFound).wantsRequestID()
		},
	},
	{
		id:    "neutron-request-id",
		says:  "Neutron's answers carry x-openstack-request-id, errors too.",
		proof: neutron + "etc/api-paste.ini#L10",
		check: func(c *cloud) answer {
			c.network.get("/networks").wants(http.StatusOK).wantsRequestID()
			return c.network.get("/ports/" + nobody).wants(http.StatusNotFound).wantsRequestID()
		},
	},
	{
		id:    "cinder-request-id",
		says:  "Cinder's answers carry x-openstack-request-id, errors too.",
		proof: cinder + "cinder/api/middleware/request_id.py#L26",
		check: func(c *cloud) answer {
			c.volume.get("/volumes").wants(http.StatusOK).wantsRequestID()
			return c.volume.get("/volumes/" + nobody).wants(http.StatusNotFound).wantsRequestID()
		},
	},
	{
		id:    "glance-request-id",
		says:  "Glance's answers carry x-openstack-request-id, errors too.",
		proof: glance + "glance/api/middleware/context.py#L84",
		check: func(c *cloud) answer {
			c.image.get("/images?limit=1").wants(http.StatusOK).wantsRequestID()
			return c.image.get("/images/" + nobody).wants(http.StatusNotFound).wantsRequestID()
		},
	},
	{
		id:    "octavia-request-id",
		says:  "Octavia's answers carry x-openstack-request-id, errors too.",
		proof: octavia + "octavia/api/app.py#L86",
		check: func(c *cloud) answer {
			if c.loadBalancer.url == "" {
				c.lacks("load balancers in the cloud")
			}
			c.loadBalancer.get("/pools").wants(http.StatusOK).wantsRequestID()
			return c.loadBalancer.get("/pools/" + nobody).wants(http.StatusNotFound).wantsRequestID()
		},
	},
	{
		id:      "nova-route-unknown-404",
		says:    "Nova answers a path it does not know with 404 and no word about an object.",
		proof:   "https://docs.openstack.org/webob/latest/api/exceptions.html",
		offends: true,
		check: func(c *cloud) answer {
			return c.compute.get("/nonsense").wantsWebError(http.StatusNotFound, "The resource could not be found.")
		},
	},
	{
		id:      "neutron-route-unknown-404",
		says:    "Neutron answers a path it does not know with 404 and no word about an object.",
		proof:   "https://docs.openstack.org/webob/latest/api/exceptions.html",
		offends: true,
		check: func(c *cloud) answer {
			return c.network.get("/nonsense").wantsNeutron(http.StatusNotFound, "HTTPNotFound", "The resource could not be found.")
		},
	},
	{
		id:      "cinder-route-unknown-404",
		says:    "Cinder answers a path it does not know with 404 and no word about an object.",
		proof:   "https://docs.openstack.org/webob/latest/api/exceptions.html",
		offends: true,
		check: func(c *cloud) answer {
			return c.volume.get("/nonsense").wantsWebError(http.StatusNotFound, "The resource could not be found.")
		},
	},
	{
		id:      "glance-route-unknown-404",
		says:    "Glance answers a path it does not know with 404 and no word about an object.",
		proof:   "https://docs.openstack.org/webob/latest/api/exceptions.html",
		offends: true,
		check: func(c *cloud) answer {
			return c.image.get("/nonsense").wantsWebError(http.StatusNotFound, "The resource could not be found.")
		},
	},
	{
		id:      "octavia-route-unknown-404",
		says:    "Octavia answers a path it does not know with 404 and no word about an object.",
		proof:   "https://docs.openstack.org/webob/latest/api/exceptions.html",
		offends: true,
		check: func(c *cloud) answer {
			if c.loadBalancer.url == "" {
				c.lacks("load balancers in the cloud")
			}
			return c.loadBalancer.get("/nonsense").wants(http.StatusNotFound)
		},
	},
	{
		id:    "keystone-token-unknown-401",
		says:  "Keystone answers an unknown token with 401.",
		proof: keystone + "keystone/exception.py#L314",
		check: func(c *cloud) answer {
			return c.identity.stranger().with("X-Subject-Token", c.token).get("/auth/tokens").wantsUnauthorized()
		},
	},
	{
		id:    "nova-token-unknown-401",
		says:  "Nova answers an unknown token with 401 and a body that is not nova's.",
		proof: "https://docs.openstack.org/keystonemiddleware/latest/middlewarearchitecture.html",
		check: func(c *cloud) answer {
			return c.compute.stranger().get("/flavors").wantsUnauthorized().wantsHeader("Www-Authenticate")
		},
	},
	{
		id:    "neutron-token-unknown-401",
		says:  "Neutron answers an unknown token with 401 and a body that is not neutron's.",
		proof: "https://docs.openstack.org/keystonemiddleware/latest/middlewarearchitecture.html",
		check: func(c *cloud) answer {
			return c.network.stranger().get("/networks").wantsUnauthorized().wantsHeader("Www-Authenticate")
		},
	},
	{
		id:    "cinder-token-unknown-401",
		says:  "Cinder answers an unknown token with 401 and a body that is not cinder's.",
		proof: "https://docs.openstack.org/keystonemiddleware/latest/middlewarearchitecture.html",
		check: func(c *cloud) answer {
			return c.volume.stranger().get("/volumes").wantsUnauthorized().wantsHeader("Www-Authenticate")
		},
	},
	{
		id:    "glance-token-unknown-401",
		says:  "Glance answers an unknown token with 401 in its own words and without a request id.",
		proof: glance + "glance/api/middleware/context.py#L112",
		check: func(c *cloud) answer {
			return c.image.stranger().get("/images").wantsWebError(http.StatusUnauthorized).wantsHeader("Www-Authenticate")
		},
	},
	{
		id:    "octavia-token-unknown-401",
		says:  "Octavia answers an unknown token with 401 and a body that is not octavia's.",
		proof: "https://docs.openstack.org/keystonemiddleware/latest/middlewarearchitecture.html",
		check: func(c *cloud) answer {
			if c.loadBalancer.url == "" {
				c.lacks("load balancers in the cloud")
			}
			return c.loadBalancer.stranger().get("/pools").wantsUnauthorized().wantsHeader("Www-Authenticate")
		},
	},
}
