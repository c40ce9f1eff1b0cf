package simulator_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// The answer to the first login is lost, and the client does not repeat it.
func Example() {
	cloud := simulator.New(simulator.Options{})
	cloud.Inject(simulator.Fault{On: "POST /v3/auth/tokens", Kind: simulator.LostAnswer})
	client := &http.Client{Transport: cloud.Transport()}

	_, err := client.Post(cloud.AuthURL("http://any.host")+"/auth/tokens", "application/json", strings.NewReader(`{"auth":{}}`))

	fmt.Println(err)
	for _, exchange := range cloud.Journal() {
		fmt.Println(exchange.Service, exchange.Call(), exchange.Fault)
	}
	// Output:
	// Post "http://any.host/identity/v3/auth/tokens": unexpected EOF
	// identity POST /v3/auth/tokens lost answer
}
