# scripts/openstack status prints the processes and endpoints of the current
# cloud.

openstack_status() {
  only_help "$@"
  use_current_cloud
  local failed=0
  echo "cloud $RELEASE-$COMPUTE in $STATE"
  show_processes || failed=1
  show_endpoints || failed=1
  return $failed
}

show_processes() {
  local name pid started failed=0 names
  names=$(process_names)
  [ -n "$names" ] || { echo "  no processes: scripts/openstack up"; return 1; }
  for name in $names; do
    read -r pid started <"$RUN/$name.pid"
    if is_up "$name"; then
      printf '  %-22s pid %-8s up %s\n' "$name" "$pid" "$(ps -o etime= -p "$pid" | tr -d ' ')"
    else
      printf '  %-22s pid %-8s DEAD, see %s\n' "$name" "$pid" "$LOG/$name.log"
      failed=1
    fi
  done
  return $failed
}

show_endpoints() {
  local api port failed=0
  for api in $API_PORTS "nova-metadata:$PORT_NOVA_METADATA"; do
    port=${api#*:}
    show_endpoint "${api%:*}" "http://127.0.0.1:$port/" || failed=1
    [ "$port" = "$PORT_NOVA_METADATA" ] && continue
    show_endpoint "${api%:*}" "https://127.0.0.1:$((port + PORT_TLS_OFFSET))/" --cacert "$ROOT/tls/ca.pem" || failed=1
  done
  return $failed
}

# show_endpoint NAME URL CURL-ARGUMENT… prints whether an endpoint answers.
show_endpoint() {
  local name=$1 url=$2 answer="does NOT answer" status=1
  shift 2
  if answers "$@" "$url"; then answer=answers status=0; fi
  printf '  %-22s %-26s %s\n' "$name" "$url" "$answer"
  return $status
}
