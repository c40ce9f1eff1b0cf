# MariaDB, RabbitMQ and memcached.

DATABASES="keystone glance placement nova nova_api nova_cell0 neutron cinder octavia"

configure_stores() {
  # No durability, which makes the creation of the schemas several times as fast. If
  # a crash of the machine damages the database, use `down --wipe`. OpenStack
  # requires utf8mb3; the default of MariaDB is utf8mb4.
  put "$ETC/my.cnf" <<CNF
[mysqld]
user = mysql
datadir = $STATE/mysql
socket = $RUN/mysqld/socket
pid-file = $RUN/mysqld/pid
bind-address = 127.0.0.1
port = $PORT_MYSQL
character-set-server = utf8mb3
collation-server = utf8mb3_general_ci
skip-name-resolve
skip-log-bin
max_connections = 2000
innodb_buffer_pool_size = 512M
innodb_log_file_size = 128M
innodb_flush_log_at_trx_commit = 0
innodb_doublewrite = 0
innodb_flush_method = nosync
innodb_stats_persistent = 0
# The default is ON since MariaDB 11.6. OpenStack does not retry after its error
# 1020, "Record has changed since last read".
loose_innodb_snapshot_isolation = OFF
performance_schema = 0
table_open_cache = 4000
open_files_limit = 20000
CNF
  # default_user and default_pass create the account at the first start, without
  # rabbitmqctl.
  put "$ETC/rabbitmq/rabbitmq.conf" <<CNF
listeners.tcp.1 = 127.0.0.1:$PORT_RABBIT
default_user = openstack
default_pass = $PASSWORD
loopback_users = none
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
log.file = false
log.console = true
log.console.level = warning
CNF
  printf '[].\n' >"$ETC/rabbitmq/enabled_plugins"
}

start_stores() {
  inside install -d -o mysql -g mysql "$RUN/mysqld"
  if [ ! -d "$STATE/mysql/mysql" ]; then
    rm -rf "$STATE/mysql"
    inside install -d -o mysql -g mysql -m 700 "$STATE/mysql"
    inside mariadb-install-db --defaults-file="$ETC/my.cnf" --auth-root-authentication-method=socket \
      --skip-test-db >>"$LOG/mariadb.log" 2>&1 9>&- || fail mariadb "mariadb-install-db"
  fi
  start mariadb /usr/sbin/mariadbd --defaults-file="$ETC/my.cnf"
  start memcached /usr/bin/memcached -u nobody -l 127.0.0.1 -p "$PORT_MEMCACHED" -m 128 -c 4096
  start_rabbitmq
}

start_rabbitmq() {
  # epmd in the foreground and on loopback; otherwise the Erlang VM starts one
  # without a pid file.
  is_up epmd || listens "$PORT_EPMD" || start epmd /usr/bin/epmd -address 127.0.0.1 -port "$PORT_EPMD"
  local tries
  for ((tries = 0; tries < 50; tries++)); do listens "$PORT_EPMD" && break; sleep 0.1; done
  mkdir -p "$STATE/rabbitmq/home" "$STATE/rabbitmq/mnesia"
  # "+sbwt none": idle schedulers sleep instead of busy-waiting.
  start rabbitmq env HOME="$STATE/rabbitmq/home" \
    ERL_EPMD_ADDRESS=127.0.0.1 \
    RABBITMQ_NODENAME=openstack@localhost \
    RABBITMQ_CONFIG_FILE="$ETC/rabbitmq/rabbitmq.conf" \
    RABBITMQ_CONF_ENV_FILE=/nonexistent \
    RABBITMQ_ENABLED_PLUGINS_FILE="$ETC/rabbitmq/enabled_plugins" \
    RABBITMQ_MNESIA_BASE="$STATE/rabbitmq/mnesia" RABBITMQ_LOG_BASE="$LOG" RABBITMQ_LOGS=- \
    RABBITMQ_PID_FILE="$STATE/rabbitmq/pid" RABBITMQ_DIST_PORT="$PORT_RABBIT_DIST" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none" \
    /usr/lib/rabbitmq/bin/rabbitmq-server
}

sql() { inside mariadb --no-defaults -N -S "$RUN/mysqld/socket" -u root; }
mariadb_answers() { echo 'select 1' | sql; }

make_databases() {
  wait_for mariadb 60 mariadb_answers
  [ -e "$STATE/done/databases" ] && return
  local database
  for database in $DATABASES; do
    echo "CREATE DATABASE IF NOT EXISTS $database CHARACTER SET utf8mb3;"
    echo "GRANT ALL ON $database.* TO '${database%%_*}'@'127.0.0.1' IDENTIFIED BY '$PASSWORD';"
  done | sql || fail mariadb "creating databases"
  : >"$STATE/done/databases"
}
