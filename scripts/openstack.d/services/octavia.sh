# Octavia, the load balancer service: real API, worker and database, real Neutron
# ports for the VIPs, and no amphora. octavia-health-manager is left out, because
# no amphora sends heartbeats.

OCTAVIA_CA_PASSPHRASE=openstack-for-bosh

configure_octavia() {
  put "$ETC/octavia/octavia.conf" <<CNF
[DEFAULT]
debug = $DEBUG
host = controller
transport_url = $(rabbit_url)
[api_settings]
bind_host = 127.0.0.1
bind_port = $PORT_OCTAVIA
auth_strategy = keystone
allow_tls_terminated_listeners = false
enabled_provider_drivers = amphora:The Octavia Amphora driver.,octavia:Deprecated alias.
default_provider_driver = amphora
$(sections_of_all octavia)
[health_manager]
bind_ip = 127.0.0.1
bind_port = $PORT_OCTAVIA_HEALTH
heartbeat_key = $PASSWORD
controller_ip_port_list = 127.0.0.1:$PORT_OCTAVIA_HEALTH
[certificates]
cert_manager = local_cert_manager
cert_generator = local_cert_generator
ca_certificate = $ROOT/tls/ca.pem
# the local generator requires an encrypted key
ca_private_key = $ROOT/tls/ca-encrypted.key
ca_private_key_passphrase = $OCTAVIA_CA_PASSPHRASE
server_certs_key_passphrase = insecure-key-do-not-use-this-key
signing_digest = sha256
[controller_worker]
workers = 1
amp_image_tag = amphora
amp_flavor_id = 1
amp_boot_network_list = 00000000-0000-0000-0000-000000000000
amp_ssh_key_name =
loadbalancer_topology = SINGLE
compute_driver = compute_noop_driver
network_driver = real_vip_network_driver
amphora_driver = amphora_noop_driver
image_driver = image_noop_driver
volume_driver = volume_noop_driver
client_ca = $ROOT/tls/ca.pem
[driver_agent]
status_socket_path = $RUN/octavia-status.sock
stats_socket_path = $RUN/octavia-stats.sock
get_socket_path = $RUN/octavia-get.sock
[task_flow]
engine = serial
max_workers = 1
[oslo_messaging]
topic = octavia_prov
rpc_thread_pool_size = 2
[service_auth]
$(account octavia)
[neutron]
region_name = RegionOne
endpoint_type = internalURL
[nova]
region_name = RegionOne
[glance]
region_name = RegionOne
[cinder]
region_name = RegionOne
[quotas]
default_load_balancer_quota = -1
default_listener_quota = -1
default_member_quota = -1
default_pool_quota = -1
default_health_monitor_quota = -1
default_l7policy_quota = -1
default_l7rule_quota = -1
$(authtoken octavia load-balancer)
CNF
}

make_octavia_schema() {
  step octavia-schema octavia octavia-db-manage --config-file "$ETC/octavia/octavia.conf" upgrade head
}

start_octavia() {
  start_wsgi octavia-api "$PORT_OCTAVIA" 1 4 "$(wsgi_script octavia-wsgi octavia/wsgi/api.py)" \
    --pyargv "--config-file $ETC/octavia/octavia.conf" \
    --env "PYTHONPATH=$STATE/drivers" --env OCTAVIA_UNKNOWN_IDS=refuse
  start octavia-worker env PYTHONPATH="$STATE/drivers" /usr/bin/octavia-worker --config-file "$ETC/octavia/octavia.conf"
  start octavia-housekeeping env PYTHONPATH="$STATE/drivers" /usr/bin/octavia-housekeeping \
    --config-file "$ETC/octavia/octavia.conf"
}
