# Runs libvirtd without systemd, machined, cgroup delegation and virtlogd.

LIBVIRT_URI="qemu:///system?socket=$RUN/libvirt/libvirt-sock"
LIBVIRT_QEMU_CONF=/etc/libvirt/qemu.conf

configure_libvirt() {
  [ -s "$STATE/host-uuid" ] || cat /proc/sys/kernel/random/uuid >"$STATE/host-uuid"
  mkdir -p "$STATE/nova/instances" "$RUN/libvirt" /var/lib/libvirt/qemu /run/libvirt
  [ -e "$STATE/qemu.conf.orig" ] || cp -p "$LIBVIRT_QEMU_CONF" "$STATE/qemu.conf.orig"
  {
    cat "$STATE/qemu.conf.orig"
    cat <<CNF
# --- openstack-for-bosh ---
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
namespaces = [ ]
cgroup_controllers = [ ]
stdio_handler = "file"
CNF
  } | put "$LIBVIRT_QEMU_CONF"
  # The default network would start a bridge and a dnsmasq, which are not needed.
  rm -f /etc/libvirt/qemu/networks/autostart/default.xml
  put "$ETC/libvirtd.conf" <<CNF
unix_sock_dir = "$RUN/libvirt"
auth_unix_rw = "none"
auth_unix_ro = "none"
unix_sock_rw_perms = "0700"
log_outputs = "3:stderr"
host_uuid = "$(cat "$STATE/host-uuid")"
CNF
}

restore_libvirt() {
  [ -e "$STATE/qemu.conf.orig" ] && [ -d /etc/libvirt ] && cp -p "$STATE/qemu.conf.orig" "$LIBVIRT_QEMU_CONF"
}

destroy_guests() {
  [ -S "$RUN/libvirt/libvirt-sock" ] || return 0
  local guest
  for guest in $(timeout 20 virsh -q -c "$LIBVIRT_URI" list --name 2>/dev/null); do
    timeout 20 virsh -q -c "$LIBVIRT_URI" destroy "$guest"
  done
}
