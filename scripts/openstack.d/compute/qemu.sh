# Real compute: libvirt and qemu with software emulation (no /dev/kvm), cinder on
# a one-node Ceph, and the Neutron Linux bridge, DHCP, L3 and metadata agents. One
# hypervisor, so one compute zone. It works only with the release of the running
# Debian: later releases have no Linux bridge agent.
#
# Changed outside of the state directory, and restored by `down`: bridges brq*,
# taps, the veth pair osfb-ext/osfb-host, namespaces qdhcp-*/qrouter-*, the
# iptables chains of the agents. Restored by `down --wipe`:
# /etc/libvirt/qemu.conf, because libvirt reads no other file.
# shellcheck source=../qemu/ceph.sh
. "$HERE/qemu/ceph.sh"
# shellcheck source=../qemu/libvirt.sh
. "$HERE/qemu/libvirt.sh"
# shellcheck source=../qemu/clean.sh
. "$HERE/qemu/clean.sh"

COMPUTE_PACKAGES="libvirt-daemon-system libvirt-daemon-driver-qemu libvirt-clients python3-libvirt
  qemu-system-x86 qemu-block-extra genisoimage
  neutron-linuxbridge-agent neutron-dhcp-agent neutron-l3-agent neutron-metadata-agent
  conntrack ebtables ipset iptables dnsmasq-base iputils-arping radvd
  ceph-mon ceph-mgr ceph-osd ceph-common python3-rbd python3-rados
  busybox cpio kmod syslinux syslinux-common mtools dosfstools fdisk"
# With one host, vxlan would add only multicast. "local" is a plain bridge.
NETWORK_TYPE=local
MECHANISM_DRIVER=linuxbridge
COMPUTE_HOSTS="z1:compute-z1"
GUEST_IMAGE=$STATE/guest.qcow2

compute_nova_defaults() {
  cat <<CNF
compute_driver = libvirt.LibvirtDriver
vif_plugging_is_fatal = true
vif_plugging_timeout = 120
instances_path = $STATE/nova/instances
force_raw_images = false
reserved_host_memory_mb = 512
ram_allocation_ratio = 4.0
cpu_allocation_ratio = 16.0
disk_allocation_ratio = 10.0
max_concurrent_builds = 2
# The guest has no ACPI daemon: do not wait a minute for its shutdown.
shutdown_timeout = 10
CNF
}
compute_nova_sections() {
  cat <<CNF
[libvirt]
virt_type = qemu
connection_uri = $LIBVIRT_URI
# emulation has no host model
cpu_mode = custom
cpu_models = qemu64
images_type = qcow2
inject_partition = -2
wait_soft_reboot_seconds = 10
# everything runs as root: the privsep helpers need no sudo
[vif_plug_linux_bridge_privileged]
helper_command = privsep-helper
[vif_plug_ovs_privileged]
helper_command = privsep-helper
[nova_sys_admin]
helper_command = privsep-helper --config-file $ETC/nova/nova.conf
[privsep_osbrick]
helper_command = privsep-helper --config-file $ETC/nova/nova.conf
CNF
}
compute_neutron_defaults() { echo 'dhcp_agents_per_network = 1'; }
compute_cinder_backend() {
  cat <<CNF
volume_driver = cinder.volume.drivers.rbd.RBDDriver
volume_backend_name = ceph
rbd_pool = volumes
rbd_ceph_conf = $CEPH_CONF
rbd_exclusive_cinder_pool = true
rbd_flatten_volume_from_snapshot = false
report_discard_supported = true
CNF
}

prepare_compute() {
  [ -z "$SYSROOT" ] || die "--compute=qemu works only with the release of the running Debian"
  configure_libvirt
  configure_agents
  put "$ETC/nova/compute-z1.conf" <<CNF
[DEFAULT]
host = compute-z1
CNF
  start_ceph
  "$HERE/qemu/guest/build" "$GUEST_IMAGE" >>"$LOG/guest.log" 2>&1 9>&- || fail guest "building the guest image"
  say "ceph mon responds, guest image $(du -h "$GUEST_IMAGE" | cut -f1)"
}

configure_agents() {
  put "$ETC/neutron/linuxbridge_agent.ini" <<CNF
[DEFAULT]
host = compute-z1
[linux_bridge]
physical_interface_mappings = external:osfb-ext
[vxlan]
enable_vxlan = false
[agent]
polling_interval = 1
quitting_rpc_timeout = 2
[securitygroup]
enable_security_group = true
firewall_driver = iptables
enable_ipset = true
# not through sudo, whose secure_path would hide the ebtables in front of the real
# one
[privsep]
helper_command = env PATH=$HERE/qemu/bin:$PATH privsep-helper --config-file $ETC/neutron/neutron.conf --config-file $ETC/neutron/linuxbridge_agent.ini
CNF
  # These agents have the host name of the Linux bridge agent, because their ports
  # can bind only there.
  put "$ETC/neutron/agents.ini" <<CNF
[DEFAULT]
host = compute-z1
interface_driver = linuxbridge
enable_isolated_metadata = true
resync_interval = 5
nova_metadata_host = 127.0.0.1
nova_metadata_port = $PORT_NOVA_METADATA
metadata_proxy_shared_secret = $PASSWORD
metadata_workers = 0
num_sync_threads = 2
CNF
}

# The provider network "external" is a veth pair whose far end is the gateway of
# the floating IPs. IP forwarding of the host stays as it is: guests reach the
# host and each other.
connect_external_network() {
  ip link show osfb-ext >/dev/null 2>&1 || ip link add osfb-ext type veth peer name osfb-host
  ip link set osfb-ext up
  ip link set osfb-host up
  ip addr replace 172.24.4.1/24 dev osfb-host
}

start_compute() {
  connect_external_network
  start libvirtd /usr/sbin/libvirtd -f "$ETC/libvirtd.conf" -p "$RUN/libvirtd.own-pid"
  make_ceph_pool
  say "ceph: $(ceph -c "$CEPH_CONF" osd stat 2>/dev/null), pool volumes"
  start cinder-volume /usr/bin/cinder-volume --config-file "$ETC/cinder/cinder.conf"
  wait_for libvirtd 60 virsh -c "$LIBVIRT_URI" version
  wait_for neutron-server 180 answers "http://127.0.0.1:$PORT_NEUTRON/"
  start neutron-linuxbridge env PATH="$HERE/qemu/bin:$PATH" /usr/bin/neutron-linuxbridge-agent \
    --config-file "$ETC/neutron/neutron.conf" --config-file "$ETC/neutron/linuxbridge_agent.ini"
  local agent
  for agent in dhcp l3 metadata; do
    start "neutron-$agent" "/usr/bin/neutron-$agent-agent" --config-file "$ETC/neutron/neutron.conf" \
      --config-file "$ETC/neutron/agents.ini"
  done
  start_nova_program nova-compute-z1 nova.cmd.compute --config-file "$ETC/nova/nova.conf" \
    --config-file "$ETC/nova/compute-z1.conf"
}

stop_compute() {
  destroy_guests
  stop_processes 8 neutron-l3 neutron-dhcp neutron-metadata neutron-linuxbridge nova-compute-z1
  clean_up_after_agents
}

wipe_compute() { restore_libvirt; }
