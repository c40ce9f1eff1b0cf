# Nova: API, metadata API, conductor, scheduler. nova-compute is started by the
# kind of compute.

configure_nova() {
  put "$ETC/nova/nova.conf" <<CNF
[DEFAULT]
debug = $DEBUG
my_ip = 127.0.0.1
host = controller
state_path = $STATE/nova
transport_url = $(rabbit_url)
graceful_shutdown_timeout = 3
enabled_apis = osapi_compute,metadata
osapi_compute_listen = 127.0.0.1
osapi_compute_listen_port = $PORT_NOVA
osapi_compute_workers = 1
metadata_listen = 127.0.0.1
metadata_listen_port = $PORT_NOVA_METADATA
metadata_workers = 1
rootwrap_config = /etc/nova/rootwrap.conf
service_down_time = 300
report_interval = 30
rpc_response_timeout = 120
allow_resize_to_same_host = true
sync_power_state_interval = -1
reclaim_instance_interval = 0
update_resources_interval = 60
# the periodic tasks start at once instead of after a random minute
periodic_fuzzy_delay = 0
$(compute_nova_defaults)
[api]
auth_strategy = keystone
[wsgi]
api_paste_config = /etc/nova/api-paste.ini
[api_database]
connection = $(database_url nova nova_api)
[conductor]
workers = 1
[scheduler]
workers = 1
# hosts join the cell by themselves, without nova-manage cell_v2 discover_hosts
discover_hosts_in_cells_interval = 5
[filter_scheduler]
enabled_filters = $(nova_filters)
host_subset_size = 1
[quota]
instances = -1
cores = -1
ram = -1
key_pairs = -1
server_groups = -1
server_group_members = -1
metadata_items = 1024
injected_files = -1
injected_file_content_bytes = -1
[vnc]
enabled = false
[spice]
enabled = false
[glance]
api_servers = http://127.0.0.1:$PORT_GLANCE
region_name = RegionOne
[cinder]
$(account nova)
os_region_name = RegionOne
catalog_info = volumev3:cinderv3:internalURL
cross_az_attach = ${OPENSTACK_CROSS_AZ_ATTACH:-true}
[service_user]
send_service_user_token = true
$(account nova)
[placement]
$(account nova)
valid_interfaces = internal
[neutron]
$(account nova)
valid_interfaces = internal
service_metadata_proxy = true
metadata_proxy_shared_secret = $PASSWORD
[key_manager]
backend = nova.keymgr.conf_key_mgr.ConfKeyManager
fixed_key = 0000000000000000000000000000000000000000000000000000000000000000
$(compute_nova_sections)
$(sections_of_all nova)
$(authtoken nova compute)
CNF
}

# nova_filters prints the scheduler filters. Older releases select the zone in a
# filter, newer ones in Placement.
nova_filters() {
  local filters=ComputeFilter,ComputeCapabilitiesFilter,ImagePropertiesFilter,ServerGroupAntiAffinityFilter,ServerGroupAffinityFilter
  [ -e "$PYTHON_MODULES/nova/scheduler/filters/availability_zone_filter.py" ] && filters=AvailabilityZoneFilter,$filters
  echo "$filters"
}

make_nova_schema() {
  local manage="nova-manage --config-file $ETC/nova/nova.conf"
  # shellcheck disable=SC2086 # a list of words
  step nova-api-schema nova $manage api_db sync &&
    step nova-cell0 nova $manage cell_v2 map_cell0 --database_connection "$(database_url nova nova_cell0)" &&
    step nova-schema nova $manage db sync &&
    step nova-cell1 nova $manage cell_v2 create_cell --name cell1 --transport-url "$(rabbit_url)" \
      --database_connection "$(database_url nova)"
}

# Only when keystone answers: the conductor of older releases logs in as it
# starts, and dies if it cannot.
start_nova() {
  is_up nova-conductor || remember_end_of_conductor_log
  start nova-conductor /usr/bin/nova-conductor --config-file "$ETC/nova/nova.conf"
  start nova-scheduler /usr/bin/nova-scheduler --config-file "$ETC/nova/nova.conf"
  start_nova_api nova-api "$PORT_NOVA" nova/cmd/api_os_compute.py nova/wsgi/osapi_compute.py
}

# start_nova_api NAME PORT PROGRAM WSGI-MODULE: newer releases have the WSGI
# module only
start_nova_api() {
  local name=$1 port=$2 program=$3 wsgi=$4
  if [ -e "$PYTHON_MODULES/$program" ]; then
    program=${program%.py}
    start_nova_program "$name" "${program//\//.}" --config-file "$ETC/nova/nova.conf"
  else
    start_wsgi "$name" "$port" 1 8 "/usr/lib/python3/dist-packages/$wsgi" \
      --env "OS_NOVA_CONFIG_FILES=/etc/nova/api-paste.ini;$ETC/nova/nova.conf"
  fi
}

# start_nova_program NAME MODULE ARGUMENT… starts a program for which Debian has
# no script, or only one in a package that depends on a hypervisor.
start_nova_program() {
  local name=$1 module=$2
  shift 2
  start "$name" /usr/bin/python3 -c "import sys; sys.argv[0] = '$name'
from $module import main; sys.exit(main())" "$@"
}

# The metadata API begins with a call to the conductor. If the conductor's queue
# does not exist yet, the broker drops the message, and the process ends when the
# call times out.
start_nova_metadata() {
  wait_for nova-conductor 120 conductor_has_started
  sleep 1
  start_nova_api nova-metadata "$PORT_NOVA_METADATA" nova/cmd/api_metadata.py nova/wsgi/metadata.py
}
remember_end_of_conductor_log() {
  : >>"$LOG/nova-conductor.log"
  stat -c %s "$LOG/nova-conductor.log" >"$RUN/nova-conductor.offset"
}
conductor_has_started() {
  # Not grep -q: it would close the pipe early, and the failure of tail would count.
  tail -c "+$(($(cat "$RUN/nova-conductor.offset") + 1))" "$LOG/nova-conductor.log" | grep 'Starting conductor node' >/dev/null
}
