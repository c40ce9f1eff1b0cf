# Keystone, the identity service.

configure_keystone() {
  put "$ETC/keystone/keystone.conf" <<CNF
[DEFAULT]
debug = $DEBUG
$(sections_of_all keystone)
[cache]
enabled = true
backend = dogpile.cache.memcached
memcache_servers = 127.0.0.1:$PORT_MEMCACHED
[token]
provider = fernet
expiration = 86400
[fernet_tokens]
key_repository = $ETC/keystone/fernet-keys
[fernet_receipts]
key_repository = $ETC/keystone/fernet-keys
[credential]
key_repository = $ETC/keystone/credential-keys
[auth]
methods = password,token,application_credential
[identity]
# the minimum of bcrypt: a login takes milliseconds instead of a third of a second
password_hash_rounds = 4
[oslo_policy]
enforce_scope = false
enforce_new_defaults = false
CNF
}

start_keystone() {
  local manage="keystone-manage --config-file $ETC/keystone/keystone.conf" url="http://127.0.0.1:$PORT_KEYSTONE/v3"
  # shellcheck disable=SC2086 # a list of words
  step keystone-fernet keystone $manage fernet_setup --keystone-user root --keystone-group root &&
    step keystone-credential keystone $manage credential_setup --keystone-user root --keystone-group root &&
    step keystone-schema keystone $manage db_sync &&
    step keystone-bootstrap keystone $manage bootstrap --bootstrap-password "$PASSWORD" \
      --bootstrap-username admin --bootstrap-project-name admin --bootstrap-role-name admin \
      --bootstrap-service-name keystone --bootstrap-region-id RegionOne --bootstrap-admin-url "$url" \
      --bootstrap-internal-url "$url" --bootstrap-public-url "$url" || return 1
  # One thread per process: Keystone keeps the token of the current request in an
  # object that all threads share, so that concurrent requests could run with the
  # token of another one.
  start_wsgi keystone "$PORT_KEYSTONE" 4 1 "$(wsgi_script keystone-wsgi-public keystone/wsgi/api.py)" \
    --env "OS_KEYSTONE_CONFIG_DIR=$ETC/keystone"
  wait_for keystone 90 answers "$url"
  # All other services need the users and the catalog.
  make_fixtures identity
}
