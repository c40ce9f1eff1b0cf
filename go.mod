module github.com/piston/openstack-bosh-cpi

go 1.26

require (
	github.com/alecthomas/kong v1.17.0 // indirect
	github.com/cloudfoundry/bosh-utils v0.0.643 // indirect
	github.com/gophercloud/gophercloud/v2 v2.15.0 // indirect
	github.com/stretchr/testify v1.12.1 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sync v0.22.0 // indirect
	pgregory.net/rapid v1.3.0 // indirect
)
