# Removes what the Neutron agents leave when they stop: helper processes,
# namespaces, bridges, packet filter chains.

clean_up_after_agents() {
  stop_helpers
  remove_devices
  remove_chains
}

# stop_helpers stops dnsmasq, haproxy and radvd of the agents by their pid files,
# only if they run in this state directory.
stop_helpers() {
  local file pid
  for file in "$STATE"/neutron/external/pids/*.pid* "$STATE"/neutron/dhcp/*/pid "$STATE"/neutron/ra/*.pid*; do
    [ -r "$file" ] || continue
    pid=$(tr -dc 0-9 <"$file")
    [ -n "$pid" ] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$STATE/" && kill -TERM "$pid" 2>/dev/null
  done
  sleep 1
}

remove_devices() {
  local namespace bridge port
  for namespace in $(ip netns list | awk '{print $1}' | grep -E '^(qdhcp|qrouter)-[0-9a-f-]{36}$'); do
    ip netns delete "$namespace"
  done
  for bridge in $(ip -br link show type bridge | awk '{print $1}' | grep -E '^brq[0-9a-f]{8}-[0-9a-f]{2}$'); do
    for port in "/sys/class/net/$bridge/brif"/tap*; do
      [ -e "$port" ] && ip link delete "${port##*/}" 2>/dev/null
    done
    ip link delete "$bridge"
  done
  ip link delete osfb-ext 2>/dev/null || true
}

remove_chains() {
  local iptables table rule chain set
  for iptables in iptables ip6tables; do
    for table in filter raw nat mangle; do
      $iptables-save -t "$table" 2>/dev/null | grep -E '^-A .*neutron-' | sed 's/^-A/-D/' | while read -r rule; do
        eval "$iptables -t $table $rule" 2>/dev/null
      done
      for chain in $($iptables-save -t "$table" 2>/dev/null | sed -n 's/^:\(neutron-[^ ]*\) .*/\1/p'); do
        $iptables -t "$table" -F "$chain"
      done 2>/dev/null
      for chain in $($iptables-save -t "$table" 2>/dev/null | sed -n 's/^:\(neutron-[^ ]*\) .*/\1/p'); do
        $iptables -t "$table" -X "$chain"
      done 2>/dev/null
    done
  done
  ipset list -n 2>/dev/null | grep -E '^N?(IPv4|IPv6)' | while read -r set; do ipset destroy "$set" 2>/dev/null; done
  return 0
}
