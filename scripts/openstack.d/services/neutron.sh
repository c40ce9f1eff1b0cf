# Neutron, the network service. Its agents are started by the kind of compute.

configure_neutron() {
  # Most of the time of a server's creation is spent in Neutron, but on two cores
  # more API workers were not faster.
  put "$ETC/neutron/neutron.conf" <<CNF
[DEFAULT]
debug = $DEBUG
bind_host = 127.0.0.1
bind_port = $PORT_NEUTRON
host = network
state_path = $STATE/neutron
transport_url = $(rabbit_url)
graceful_shutdown_timeout = 3
core_plugin = ml2
service_plugins = router,trunk,qos
dns_domain = bosh.test.
auth_strategy = keystone
api_paste_config = /etc/neutron/api-paste.ini
api_workers = 1
rpc_workers = 1
rpc_state_report_workers = 0
agent_down_time = 600
rpc_response_timeout = 120
max_allowed_address_pair = 64
# the only behaviour of later releases
allow_overlapping_ips = true
l3_ha = false
router_distributed = false
notify_nova_on_port_status_changes = true
notify_nova_on_port_data_changes = true
send_events_interval = 1
$(compute_neutron_defaults)
[experimental]
# since Zed the linuxbridge mechanism driver loads only with this switch
linuxbridge = true
[agent]
root_helper =
report_interval = 60
[quotas]
default_quota = -1
quota_network = -1
quota_subnet = -1
quota_port = -1
quota_router = -1
quota_floatingip = -1
quota_security_group = -1
quota_security_group_rule = -1
[nova]
$(account nova)
[placement]
$(account nova)
$(sections_of_all neutron)
$(authtoken neutron network)
CNF
  put "$ETC/neutron/ml2_conf.ini" <<CNF
[ml2]
type_drivers = flat,vxlan,local
tenant_network_types = $NETWORK_TYPE
mechanism_drivers = $MECHANISM_DRIVER
extension_drivers = port_security,qos,dns
path_mtu = 1500
[ml2_type_flat]
flat_networks = external
[ml2_type_vxlan]
vni_ranges = 1:10000
[securitygroup]
enable_security_group = true
firewall_driver = iptables
enable_ipset = true
CNF
}

start_neutron() {
  local files="--config-file $ETC/neutron/neutron.conf --config-file $ETC/neutron/ml2_conf.ini"
  # shellcheck disable=SC2086 # a list of words
  step neutron-schema neutron neutron-db-manage $files upgrade heads || return 1
  is_up neutron-server || free_leaked_addresses || return 1
  # shellcheck disable=SC2086 # a list of words
  if [ -e "$SYSROOT/usr/bin/neutron-server" ]; then
    start neutron-server /usr/bin/neutron-server $files
  else
    # Newer releases have the API as a WSGI application, and two other programs.
    start_wsgi neutron-server "$PORT_NEUTRON" 1 8 /usr/lib/python3/dist-packages/neutron/wsgi/api.py \
      --env "OS_NEUTRON_CONFIG_FILES=$ETC/neutron/neutron.conf;$ETC/neutron/ml2_conf.ini"
    start neutron-rpc /usr/bin/neutron-rpc-server $files
    start neutron-periodic /usr/bin/neutron-periodic-workers $files
  fi
}

# free_leaked_addresses removes allocations of addresses that no port has. Neutron
# keeps them if two requests delete a port at the same time, and refuses the
# address from then on, although no request shows who has it.
free_leaked_addresses() {
  sql <<'SQL'
use neutron;
delete allocations from ipamallocations allocations
  join ipamsubnets subnets on subnets.id = allocations.ipam_subnet_id
  left join ipallocations ports
    on ports.subnet_id = subnets.neutron_subnet_id and ports.ip_address = allocations.ip_address
  where ports.port_id is null;
SQL
}
