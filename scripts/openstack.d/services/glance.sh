# Glance, the image service.

configure_glance() {
  # enabled_import_methods keeps its default. It is a list in brackets; without the
  # brackets every creation of an image fails.
  put "$ETC/glance/glance-api.conf" <<CNF
[DEFAULT]
debug = $DEBUG
bind_host = 127.0.0.1
bind_port = $PORT_GLANCE
workers = 0
transport_url = $(rabbit_url)
node_staging_uri = file://$STATE/glance/staging/
$(sections_of_all glance)
[import_filtering_opts]
# Images are imported from servers of the tests, which have any port. Loopback
# addresses are refused unless they are listed.
allowed_ports = []
allowed_hosts = [127.0.0.1]
[paste_deploy]
flavor = keystone
config_file = /etc/glance/glance-api-paste.ini
[glance_store]
stores = file,http
default_store = file
filesystem_store_datadir = $STATE/glance/images/
$(authtoken glance image)
CNF
}

start_glance() {
  step glance-schema glance glance-manage --config-file "$ETC/glance/glance-api.conf" db_sync || return 1
  # Releases with the WSGI module have no server program.
  if [ -e "$PYTHON_MODULES/glance/wsgi/api.py" ]; then
    start_wsgi glance "$PORT_GLANCE" 1 8 /usr/lib/python3/dist-packages/glance/wsgi/api.py \
      --env "OS_GLANCE_CONFIG_DIR=$ETC/glance"
  else
    start glance /usr/bin/glance-api --config-file "$ETC/glance/glance-api.conf"
  fi
}
