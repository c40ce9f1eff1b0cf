package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/spec/cloud"
	"github.com/piston/openstack-bosh-cpi/spec/fixtures"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

type object = map[string]any

// site is a cloud behind a meter.
type site struct {
	cloud *cloud.Cloud
	meter *meter
	// simulator is nil on a real cloud.
	simulator *simulator.Simulator
	// network of the VMs, its static addresses, and properties of VMs and disks.
	network, staticIPs, image, flavor, zone, volumeType string

	// uploads is the URL of Glance through the meter.
	uploads string

	config object // cpi.json
	stops  []func()
}

func (s *site) close() {
	for _, stop := range s.stops {
		stop()
	}
}

func services() []string {
	return []string{"identity", "compute", "network", "volume", "image", "load-balancer"}
}

// newSite returns a simulated cloud with the times of the options, or the real
// cloud.
func (b *bench) newSite(ctx context.Context, changes simulator.Latencies) (*site, error) {
	if b.options.cloud {
		return b.connect(ctx)
	}
	s, err := b.simulate(ctx, changes, simulator.Population{})
	if err == nil {
		s.meter.delay(true)
	}
	return s, err
}

// simulate starts a simulated cloud, whose requests take the times of the options
// once the delay of the meter is switched on.
func (b *bench) simulate(ctx context.Context, changes simulator.Latencies, population simulator.Population) (*site, error) {
	simulated := simulator.New(simulator.Options{Latencies: changes})
	if err := simulated.Populate(population); err != nil {
		return nil, err
	}
	s := &site{
		meter: newMeter(b.options.answers), simulator: simulated,
		network: "bench", image: simulated.Fixtures().Images["tiny-public"], flavor: "m1.small", zone: "z1", volumeType: "ssd",
	}
	base, stop, err := simulator.Listen("127.0.0.1:0", s.meter.before("", simulated))
	if err != nil {
		return nil, err
	}
	s.stops = append(s.stops, stop)
	if err := s.open(ctx, simulated.CPIConfig(base)); err != nil {
		s.close()
		return nil, err
	}
	s.meter.watch(s.cloud)
	s.uploads = s.cloud.Service("image").URL
	if err := s.addNetwork(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// open logs in to the cloud of a cpi.json.
func (s *site) open(ctx context.Context, config []byte) error {
	if err := json.Unmarshal(config, &s.config); err != nil {
		return fmt.Errorf("cpi.json: %w", err)
	}
	file, err := os.CreateTemp("", "cpi-*.json")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // it is in the folder for temporary files
	if _, err := file.Write(config); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	s.cloud, err = cloud.Open(ctx, file.Name())
	return err
}

// addNetwork creates a network that is large enough for all VMs.
func (s *site) addNetwork(ctx context.Context) error {
	var created struct{ Network struct{ ID string } }
	if err := s.cloud.Send(ctx, http.MethodPost, "network", "/networks", object{"network": object{"name": s.network}}, &created); err != nil {
		return err
	}
	return s.cloud.Send(ctx, http.MethodPost, "network", "/subnets", object{"subnet": object{
		"network_id": created.Network.ID, "name": s.network, "ip_version": 4, "cidr": "10.64.0.0/16",
	}}, nil)
}

// connect opens the real cloud of a cpi.json and a fixtures file, and starts a
// proxy for each of its addresses.
func (b *bench) connect(ctx context.Context) (*site, error) {
	config, err := os.ReadFile(b.options.config)
	if err != nil {
		return nil, err
	}
	given, err := fixtures.Read(b.options.fixtures)
	if err != nil {
		return nil, err
	}
	network := given.Networks["private"]
	s := &site{
		meter: newMeter(nil), network: network.ID, staticIPs: network.StaticIPs(),
		image: given.Image(), flavor: given.PlainFlavor(), volumeType: given.VolumeType(),
	}
	if zones := given.AvailabilityZones.Compute; len(zones) > 0 {
		s.zone = zones[0]
	}
	if err := s.open(ctx, config); err != nil {
		return nil, err
	}
	s.meter.watch(s.cloud)
	if err := s.startProxies(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// startProxies starts a proxy for each address of the cloud's services, and makes
// Keystone's the one of the configuration. The catalog and the links in responses
// lead to the proxies, too.
func (s *site) startProxies(ctx context.Context) error {
	proxies := map[string]string{} // by the beginning of the URLs of the cloud
	for _, name := range services() {
		if !s.cloud.Has(name) {
			continue
		}
		target, err := url.Parse(s.cloud.Service(name).URL)
		if err != nil {
			return err
		}
		base := target.Scheme + "://" + target.Host
		if proxies[base] != "" {
			continue
		}
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		proxies[base] = "http://" + listener.Addr().String()
		server := &http.Server{Handler: s.meter.before(base, s.proxy(base, proxies)), ReadHeaderTimeout: time.Minute}
		s.stops = append(s.stops, func() { server.Close() }) //nolint:errcheck // nothing is left to do
		go server.Serve(listener)                            //nolint:errcheck // it always returns ErrServerClosed
	}
	s.uploads = string(replaceAll([]byte(s.cloud.Service("image").URL+"/"), proxies))
	s.uploads = strings.TrimSuffix(s.uploads, "/")
	openstack, err := properties(s.config)
	if err != nil {
		return err
	}
	text, _ := openstack["auth_url"].(string)
	openstack["auth_url"] = strings.TrimSuffix(string(replaceAll([]byte(text+"/"), proxies)), "/")
	return nil
}

// proxy returns a handler that forwards requests to an address of the cloud and
// replaces the cloud's addresses in its responses.
func (s *site) proxy(base string, proxies map[string]string) http.Handler {
	transport := http.DefaultTransport
	if client := s.cloud.Service("identity").Client; client.Transport != nil {
		transport = client.Transport
	}
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			target, err := url.Parse(base)
			if err == nil {
				r.SetURL(target)
			}
			r.Out.Header.Set("Accept-Encoding", "identity") // so that the response can be searched
		},
		ModifyResponse: func(r *http.Response) error {
			if location := r.Header.Get("Location"); location != "" {
				r.Header.Set("Location", string(replaceAll([]byte(location), proxies)))
			}
			if !strings.Contains(r.Header.Get("Content-Type"), "json") {
				return nil
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return err
			}
			body = replaceAll(body, proxies)
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			r.Header.Set("Content-Length", strconv.Itoa(len(body)))
			return nil
		},
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
}

func replaceAll(text []byte, by map[string]string) []byte {
	for from, to := range by {
		text = bytes.ReplaceAll(text, []byte(from+"/"), []byte(to+"/"))
		text = bytes.ReplaceAll(text, []byte(from+`"`), []byte(to+`"`))
	}
	return text
}

// properties returns the section of a cpi.json with the properties of OpenStack.
func properties(config object) (object, error) {
	found := config
	for _, key := range []string{"cloud", "properties", "openstack"} {
		var ok bool
		if found, ok = found[key].(object); !ok {
			return nil, fmt.Errorf("cpi.json has no section %s", key)
		}
	}
	return found, nil
}

// cpiConfig writes a cpi.json to a folder and returns its path. The cache of the
// calls is beside it.
func (s *site) cpiConfig(cache bool, folder string) (string, error) {
	found, err := properties(s.config)
	if err != nil {
		return "", err
	}
	openstack := maps.Clone(found)
	openstack["token_cache"] = false
	if cache {
		openstack["token_cache"] = filepath.Join(folder, "cache")
	}
	document, err := json.Marshal(object{"cloud": object{"plugin": "openstack", "properties": object{
		"openstack": openstack, "agent": object{"mbus": "nats://127.0.0.1:4222", "ntp": []string{}},
	}}})
	if err != nil {
		return "", err
	}
	file := filepath.Join(folder, "cpi.json")
	return file, os.WriteFile(file, document, 0o600)
}

// nics returns network interfaces with free addresses.
func (s *site) nics(ctx context.Context, count int) ([]cloud.NIC, error) {
	defer s.meter.delay(s.meter.delay(false))
	reserved := map[netip.Addr]bool{}
	var chosen []cloud.NIC
	for range count {
		nic, err := s.cloud.ChooseNIC(ctx, s.network, s.staticIPs, reserved)
		if err != nil {
			return nil, err
		}
		reserved[nic.Address] = true
		chosen = append(chosen, nic)
	}
	s.meter.take()
	return chosen, nil
}
