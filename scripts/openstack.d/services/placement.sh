# Placement, nova's inventory of hosts.

configure_placement() {
  put "$ETC/placement/placement.conf" <<CNF
[DEFAULT]
debug = $DEBUG
[placement_database]
connection = $(database_url placement)
[api]
auth_strategy = keystone
$(sections_of_all placement)
$(authtoken placement placement)
CNF
}

start_placement() {
  step placement-schema placement placement-manage --config-file "$ETC/placement/placement.conf" db sync || return 1
  start_wsgi placement "$PORT_PLACEMENT" 1 8 "$(wsgi_script placement-api placement/wsgi/api.py)" \
    --env "OS_PLACEMENT_CONFIG_DIR=$ETC/placement"
}
