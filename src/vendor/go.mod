module github.com/piston/openstack-bosh-cpi

go 1.26

require (
	github.com/alecthomas/kong v1.17.0
	github.com/cloudfoundry/bosh-utils v0.0.643
	github.com/gophercloud/gophercloud/v2 v2.15.0
	github.com/klauspost/pgzip v1.3.0
	github.com/stretchr/testify v1.12.1
	go.yaml.in/yaml/v3 v3.0.5
	golang.org/x/sync v0.22.0
	pgregory.net/rapid v1.3.0
)

require (
	code.cloudfoundry.org/tlsconfig v0.53.0 // indirect
	github.com/cloudfoundry/go-socks5 v0.0.0-20250423223041-4ad5fea42851 // indirect
	github.com/cloudfoundry/socks5-proxy v0.2.185 // indirect
	github.com/jpillora/backoff v1.0.0 // indirect
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/kr/pretty v0.3.1 // indirect
	github.com/nu7hatch/gouuid v0.0.0-20131221200532-179d4d0c4d8d // indirect
	golang.org/x/crypto v0.55.0 // indirect
	golang.org/x/net v0.58.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	gopkg.in/yaml.v2 v2.4.0 // indirect
)
