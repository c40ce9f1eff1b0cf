# Fake compute: nova-compute with the fake hypervisor, Cinder with a volume driver
# that stores nothing, and one process that sends the RPC messages of the Neutron
# agents. All other services are real.

COMPUTE_PACKAGES=
NETWORK_TYPE=vxlan
MECHANISM_DRIVER=openvswitch
# ZONE:HOST of every nova-compute, about 150 MB each
COMPUTE_HOSTS=${OPENSTACK_COMPUTE_HOSTS:-"z1:compute-z1-a z1:compute-z1-b z2:compute-z2-a"}

compute_nova_defaults() {
  cat <<CNF
compute_driver = acceptance.FakeDriver
# the fake hypervisor plugs no interface: do not wait for one
vif_plugging_is_fatal = false
vif_plugging_timeout = 0
heal_instance_info_cache_interval = -1
CNF
}
compute_nova_sections() { :; }
compute_neutron_defaults() {
  cat <<CNF
# there is no DHCP agent: do not look for one at every change of a port
dhcp_agent_notification = false
CNF
}
compute_cinder_backend() {
  cat <<CNF
volume_driver = fake_volume_driver.FakeVolumeDriver
volume_backend_name = fake
CNF
}

prepare_compute() { :; }

start_compute() {
  start cinder-volume env PYTHONPATH="$STATE/drivers" /usr/bin/cinder-volume --config-file "$ETC/cinder/cinder.conf"
  local zone_host host hosts=
  for zone_host in $COMPUTE_HOSTS; do
    host=${zone_host#*:}
    mkdir -p "$STATE/nova/$host"
    put "$ETC/nova/$host.conf" <<CNF
[DEFAULT]
host = $host
state_path = $STATE/nova/$host
CNF
    start "nova-$host" /usr/bin/python3 "$STATE/drivers/fake_nova_compute.py" --config-file "$ETC/nova/nova.conf" \
      --config-file "$ETC/nova/$host.conf"
    hosts="$hosts $host"
  done
  # shellcheck disable=SC2086 # a list of words
  start neutron-agents /usr/bin/python3 "$STATE/drivers/fake_neutron_agents.py" "$ETC/neutron/neutron.conf" network $hosts
}

stop_compute() { :; }
wipe_compute() { :; }
