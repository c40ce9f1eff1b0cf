package contract_test

import (
	"net/http"

	"github.com/stretchr/testify/require"
)

const requestID = `^req-[0-9a-f-]{36}$`

// expectRequestID fails the claim unless the response has a request id.
func (r response) expectRequestID() response {
	r.t.Helper()
	require.Regexp(r.t, requestID, r.header.Get("X-Openstack-Request-Id"), r.request)
	return r
}

// globalID is the id that a client gives to all its requests.
const globalID = "req-d91818ee-a365-8149-a05f-1f203668311f"

// requestIDMiddleware accepts ids of this form, and adds a new id for the single
// request.
const requestIDMiddleware = "https://github.com/openstack/oslo.middleware/blob/1df271422f4e7223a70c7c63735992ee94501c79/oslo_middleware/request_id.py#L50"

// withGlobalID returns the service with a request id of the client.
func (s service) withGlobalID() service { return s.with("X-Openstack-Request-Id", globalID) }

// expectOwnID fails the claim if the response has the client's id.
func (r response) expectOwnID() response {
	r.t.Helper()
	require.NotEqual(r.t, globalID, r.header.Get("X-Openstack-Request-Id"), r.request)
	return r
}

// withUnknownToken returns the service with a token that Keystone did not
// issue.
func (s service) withUnknownToken() service { return s.with("X-Auth-Token", "unknown-token") }

var everyServiceClaims = []claim{
	{
		id:        "keystone-request-id",
		statement: "All responses of Keystone, including errors, have the header x-openstack-request-id.",
		proof:     keystone + "keystone/server/flask/core.py#L63",
		check: func(c *cloud) response {
			c.identity.with("X-Subject-Token", c.token).get("/auth/tokens").expect(http.StatusOK).expectRequestID()
			return c.identity.withUnknownToken().get("/auth/tokens").expect(http.StatusUnauthorized).expectRequestID()
		},
	},
	{
		id:        "nova-request-id",
		statement: "All responses of Nova, including errors, have the header x-openstack-request-id; successful ones also have the older x-compute-request-id.",
		proof:     nova + "nova/api/compute_req_id.py#L35",
		check: func(c *cloud) response {
			c.compute.get("/flavors").expect(http.StatusOK).expectRequestID().expectHeader("X-Compute-Request-Id")
			return c.compute.get("/servers/" + unknownID).expect(http.StatusNotFound).expectRequestID()
		},
	},
	{
		id:        "neutron-request-id",
		statement: "All responses of Neutron, including errors, have the header x-openstack-request-id.",
		proof:     neutron + "etc/api-paste.ini#L10",
		check: func(c *cloud) response {
			c.network.get("/networks").expect(http.StatusOK).expectRequestID()
			return c.network.get("/ports/" + unknownID).expect(http.StatusNotFound).expectRequestID()
		},
	},
	{
		id:        "cinder-request-id",
		statement: "All responses of Cinder, including errors, have the header x-openstack-request-id.",
		proof:     cinder + "cinder/api/middleware/request_id.py#L26",
		check: func(c *cloud) response {
			c.volume.get("/volumes").expect(http.StatusOK).expectRequestID()
			return c.volume.get("/volumes/" + unknownID).expect(http.StatusNotFound).expectRequestID()
		},
	},
	{
		id:        "glance-request-id",
		statement: "All responses of Glance, including errors, have the header x-openstack-request-id.",
		proof:     glance + "glance/api/middleware/context.py#L84",
		check: func(c *cloud) response {
			c.image.get("/images?limit=1").expect(http.StatusOK).expectRequestID()
			return c.image.get("/images/" + unknownID).expect(http.StatusNotFound).expectRequestID()
		},
	},
	{
		id:        "octavia-request-id",
		statement: "All responses of Octavia, including errors, have the header x-openstack-request-id.",
		proof:     octavia + "octavia/api/app.py#L86",
		check: func(c *cloud) response {
			c.needsOctavia()
			c.loadBalancer.get("/pools").expect(http.StatusOK).expectRequestID()
			return c.loadBalancer.get("/pools/" + unknownID).expect(http.StatusNotFound).expectRequestID()
		},
	},
	{
		id:        "keystone-global-request-id",
		statement: "Keystone accepts a request with the header x-openstack-request-id of the client, and responds with another id.",
		proof:     requestIDMiddleware,
		check: func(c *cloud) response {
			return c.identity.with("X-Subject-Token", c.token).withGlobalID().get("/auth/tokens").expect(http.StatusOK).expectRequestID().expectOwnID()
		},
	},
	{
		id:        "nova-global-request-id",
		statement: "Nova accepts a request with the header x-openstack-request-id of the client, and responds with another id.",
		proof:     requestIDMiddleware,
		check: func(c *cloud) response {
			return c.compute.withGlobalID().get("/servers/" + unknownID).expect(http.StatusNotFound).expectRequestID().expectOwnID()
		},
	},
	{
		id:        "neutron-global-request-id",
		statement: "Neutron accepts a request with the header x-openstack-request-id of the client, and responds with another id.",
		proof:     requestIDMiddleware,
		check: func(c *cloud) response {
			return c.network.withGlobalID().get("/ports/" + unknownID).expect(http.StatusNotFound).expectRequestID().expectOwnID()
		},
	},
	{
		id:        "cinder-global-request-id",
		statement: "Cinder accepts a request with the header x-openstack-request-id of the client, and responds with another id.",
		proof:     requestIDMiddleware,
		check: func(c *cloud) response {
			return c.volume.withGlobalID().get("/volumes/" + unknownID).expect(http.StatusNotFound).expectRequestID().expectOwnID()
		},
	},
	{
		id:        "glance-global-request-id",
		statement: "Glance takes the header x-openstack-request-id of the client for its own id of the request, and responds with it.",
		proof:     glance + "glance/api/middleware/context.py#L135",
		check: func(c *cloud) response {
			r := c.image.withGlobalID().get("/images/" + unknownID).expect(http.StatusNotFound)
			require.Equal(r.t, globalID, r.header.Get("X-Openstack-Request-Id"))
			return r
		},
	},
	{
		id:        "octavia-global-request-id",
		statement: "Octavia accepts a request with the header x-openstack-request-id of the client, and responds with another id.",
		proof:     requestIDMiddleware,
		check: func(c *cloud) response {
			c.needsOctavia()
			return c.loadBalancer.withGlobalID().get("/pools/" + unknownID).expect(http.StatusNotFound).expectRequestID().expectOwnID()
		},
	},
	{
		id:        "nova-route-unknown-404",
		statement: "An unknown route of Nova returns 404 with a generic message that names no object.",
		proof:     "https://docs.openstack.org/webob/latest/api/exceptions.html",
		invalid:   true,
		check: func(c *cloud) response {
			return c.compute.get("/nonsense").expectWebError(http.StatusNotFound, "The resource could not be found.")
		},
	},
	{
		id:        "neutron-route-unknown-404",
		statement: "An unknown route of Neutron returns 404 with a generic message that names no object.",
		proof:     "https://docs.openstack.org/webob/latest/api/exceptions.html",
		invalid:   true,
		check: func(c *cloud) response {
			return c.network.get("/nonsense").expectNeutronError(http.StatusNotFound, "HTTPNotFound", "The resource could not be found.")
		},
	},
	{
		id:        "cinder-route-unknown-404",
		statement: "An unknown route of Cinder returns 404 with a generic message that names no object.",
		proof:     "https://docs.openstack.org/webob/latest/api/exceptions.html",
		invalid:   true,
		check: func(c *cloud) response {
			return c.volume.get("/nonsense").expectWebError(http.StatusNotFound, "The resource could not be found.")
		},
	},
	{
		id:        "glance-route-unknown-404",
		statement: "An unknown route of Glance returns 404 with a generic message that names no object.",
		proof:     "https://docs.openstack.org/webob/latest/api/exceptions.html",
		invalid:   true,
		check: func(c *cloud) response {
			return c.image.get("/nonsense").expectWebError(http.StatusNotFound, "The resource could not be found.")
		},
	},
	{
		id:        "octavia-route-unknown-404",
		statement: "An unknown route of Octavia returns 404.",
		proof:     "https://docs.openstack.org/webob/latest/api/exceptions.html",
		invalid:   true,
		check: func(c *cloud) response {
			c.needsOctavia()
			return c.loadBalancer.get("/nonsense").expect(http.StatusNotFound)
		},
	},
	{
		id:        "keystone-token-unknown-401",
		statement: "An unknown token returns 401 from Keystone.",
		proof:     keystone + "keystone/exception.py#L314",
		check: func(c *cloud) response {
			return c.identity.withUnknownToken().with("X-Subject-Token", c.token).get("/auth/tokens").expectUnauthorized()
		},
	},
	{
		id:        "nova-token-unknown-401",
		statement: "An unknown token returns 401 from Nova, with the error document of Keystone's middleware.",
		proof:     "https://docs.openstack.org/keystonemiddleware/latest/middlewarearchitecture.html",
		check: func(c *cloud) response {
			return c.compute.withUnknownToken().get("/flavors").expectUnauthorized().expectHeader("Www-Authenticate")
		},
	},
	{
		id:        "neutron-token-unknown-401",
		statement: "An unknown token returns 401 from Neutron, with the error document of Keystone's middleware.",
		proof:     "https://docs.openstack.org/keystonemiddleware/latest/middlewarearchitecture.html",
		check: func(c *cloud) response {
			return c.network.withUnknownToken().get("/networks").expectUnauthorized().expectHeader("Www-Authenticate")
		},
	},
	{
		id:        "cinder-token-unknown-401",
		statement: "An unknown token returns 401 from Cinder, with the error document of Keystone's middleware.",
		proof:     "https://docs.openstack.org/keystonemiddleware/latest/middlewarearchitecture.html",
		check: func(c *cloud) response {
			return c.volume.withUnknownToken().get("/volumes").expectUnauthorized().expectHeader("Www-Authenticate")
		},
	},
	{
		id:        "glance-token-unknown-401",
		statement: "An unknown token returns 401 from Glance, with Glance's own error document and without a request id.",
		proof:     glance + "glance/api/middleware/context.py#L112",
		check: func(c *cloud) response {
			return c.image.withUnknownToken().get("/images").expectWebError(http.StatusUnauthorized).expectHeader("Www-Authenticate")
		},
	},
	{
		id:        "octavia-token-unknown-401",
		statement: "An unknown token returns 401 from Octavia, with the error document of Keystone's middleware.",
		proof:     "https://docs.openstack.org/keystonemiddleware/latest/middlewarearchitecture.html",
		check: func(c *cloud) response {
			c.needsOctavia()
			return c.loadBalancer.withUnknownToken().get("/pools").expectUnauthorized().expectHeader("Www-Authenticate")
		},
	},
}
