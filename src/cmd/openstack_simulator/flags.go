package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

type flags struct {
	Listen      string `default:"127.0.0.1:0" help:"Loopback address to listen on; port 0 selects a free port." placeholder:"HOST:PORT"`
	WriteConfig string `help:"Write a cpi.json for this simulator to FILE instead of printing it." placeholder:"FILE" type:"path"`

	Region              []string `group:"Cloud" help:"Region of the catalog, repeatable (RegionOne)." placeholder:"NAME"`
	Zone                []string `group:"Cloud" help:"Availability zone, repeatable (z1, z2)." placeholder:"NAME"`
	VolumeZone          []string `group:"Cloud" help:"Availability zone of Cinder, repeatable (those of --zone)." placeholder:"NAME"`
	VolumeType          []string `group:"Cloud" help:"Volume type, repeatable; the first is the default type (ssd, hdd)." placeholder:"NAME"`
	NovaMicroversion    string   `group:"Cloud" help:"Newest microversion of Nova, for example 2.60 for Queens (2.93)." placeholder:"2.N"`
	PublicImages        bool     `group:"Cloud" help:"Let every user publish images."`
	WithoutLoadBalancer bool     `group:"Cloud" help:"Leave Octavia out of the catalog."`
	Seed                uint64   `group:"Cloud" help:"The same seed gives the same ids (1)." placeholder:"N"`

	User          string        `group:"Credentials" help:"Name of the user (bosh)." placeholder:"NAME"`
	Password      string        `group:"Credentials" help:"Password of the user (simulator)."  placeholder:"TEXT"`
	Project       string        `group:"Credentials" help:"Name of the project (bosh)." placeholder:"NAME"`
	Domain        string        `group:"Credentials" help:"Name of the domain (Default)." placeholder:"NAME"`
	TokenLifetime time.Duration `group:"Credentials" help:"Time until a token expires (1h)." placeholder:"DURATION"`

	Quota        map[string]int           `group:"Limits, times and faults" help:"Limit of the project, repeatable: ${quotas}." mapsep:"," placeholder:"NAME=N"`
	Latency      map[string]time.Duration `group:"Limits, times and faults" help:"Time of a change after its request was answered, repeatable: ${latencies}. 0s is immediate." mapsep:"," placeholder:"NAME=DURATION"`
	LatencyScale float64                  `default:"1" group:"Limits, times and faults" help:"Factor for all latencies; 0 makes all changes immediate." placeholder:"FACTOR"`
	Faults       string                   `group:"Limits, times and faults" help:"JSON FILE with faults to inject." placeholder:"FILE" type:"path"`

	Population population `embed:""`
}

// population are the numbers of objects to create before the first request.
type population struct {
	Networks       int `group:"Objects to create in the project" help:"Networks with a subnet." placeholder:"N"`
	SecurityGroups int `group:"Objects to create in the project" help:"Security groups." placeholder:"N"`
	Ports          int `group:"Objects to create in the project" help:"Ports without a server." placeholder:"N"`
	FloatingIPs    int `group:"Objects to create in the project" help:"Floating IPs, up to 200." name:"floating-ips" placeholder:"N"`
	Flavors        int `group:"Objects to create in the project" help:"Flavors." placeholder:"N"`
	KeyPairs       int `group:"Objects to create in the project" help:"Key pairs." placeholder:"N"`
	ServerGroups   int `group:"Objects to create in the project" help:"Server groups." placeholder:"N"`
	Servers        int `group:"Objects to create in the project" help:"Servers, each with a port." placeholder:"N"`
	Volumes        int `group:"Objects to create in the project" help:"Volumes of 1 GiB." placeholder:"N"`
	Snapshots      int `group:"Objects to create in the project" help:"Snapshots of the last volume." placeholder:"N"`
	Images         int `group:"Objects to create in the project" help:"Images." placeholder:"N"`
}

func (p population) counts() simulator.Population { return simulator.Population(p) }

// options returns the options of the cloud, or all problems with the flags.
func (f *flags) options() (simulator.Options, error) {
	options := simulator.Options{
		Seed: f.Seed, Regions: f.Region, AvailabilityZones: f.Zone, VolumeZones: f.VolumeZone, VolumeTypes: f.VolumeType,
		UserName: f.User, Password: f.Password, ProjectName: f.Project, DomainName: f.Domain, TokenLifetime: f.TokenLifetime,
		Quotas: f.Quota, PublicImages: f.PublicImages, WithoutLoadBalancer: f.WithoutLoadBalancer,
	}
	var problems []error
	for name := range f.Quota {
		if !slices.Contains(simulator.QuotaNames(), name) {
			problems = append(problems, fmt.Errorf("--quota: there is no quota %s; the names are %s", name, strings.Join(simulator.QuotaNames(), ", ")))
		}
	}
	for name, d := range f.Latency {
		if err := options.Latencies.Set(name, d); err != nil {
			problems = append(problems, fmt.Errorf("--latency: %w", err))
		}
	}
	if f.LatencyScale < 0 {
		problems = append(problems, errors.New("--latency-scale: the factor must not be negative"))
	}
	options.Latencies = options.Latencies.Scaled(f.LatencyScale)
	if slices.Contains(f.Region, "simulator") {
		problems = append(problems, errors.New("--region: the name simulator is reserved"))
	}
	if f.NovaMicroversion != "" {
		minor, found := strings.CutPrefix(f.NovaMicroversion, "2.")
		var err error
		if options.NovaMicroversion, err = strconv.Atoi(minor); err != nil || !found || options.NovaMicroversion < 1 {
			problems = append(problems, fmt.Errorf("--nova-microversion: %s is not a microversion such as 2.60", f.NovaMicroversion))
		}
	}
	return options, errors.Join(problems...)
}
