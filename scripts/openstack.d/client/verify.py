"""Checks a running cloud as user bosh.

The objects of fixtures.json exist, and a port, a server, a volume and a pool
member can be made and deleted. Prints one line per check and deletes
everything that it made.
"""
import base64
import contextlib
import json
import os
import sys
import uuid

from rest import Cloud, Refused, application_credential_login, named, password_login, until

NAME = 'verify-' + uuid.uuid4().hex[:8]
USER_DATA = 'user data of ' + NAME
BOOT_SECONDS = 180
FAILED = []
# deletes the objects of a failed check in reverse order
CLEAN_UP = contextlib.ExitStack()


def check(what, holds, detail=''):
    print('%s %s%s' % ('ok    ' if holds else 'FAILED', what, '' if holds else ' (%s)' % (detail,)), flush=True)
    if not holds:
        FAILED.append(what)


def contents(path):
    with open(path) as file:
        return file.read()


def make(cloud, service, path, key, body):
    resource = cloud.post(service, path, {key: body})[key]

    def discard():
        try:
            delete(cloud, service, '%s/%s' % (path, resource['id']))
        except Refused as error:
            if error.status != 404:
                raise
    CLEAN_UP.callback(discard)
    return resource


def delete(cloud, service, path):
    """Deletes an object and waits until it does not exist."""
    cloud.delete(service, path)
    return gone(cloud, service, path)


def becomes(cloud, service, path, key, want, field='status'):
    """Waits until a field has the wanted value, and returns the resource."""
    def look():
        resource = cloud.get(service, path)[key]
        state = str(resource[field]).lower()
        if state.startswith('error'):
            raise SystemExit('FAILED %s %s is in error: %s' % (key, path, resource.get('fault')))
        return resource if state == want else None
    return until('%s %s becomes %s' % (key, path, want), look, 180)


def gone(cloud, service, path):
    def look():
        try:
            cloud.get(service, path)
        except Refused as error:
            return error.status == 404
        return False
    return until('%s is gone' % path, look, 120)


def check_fixtures(cloud, fixtures):
    def names(service, path, key):
        return {item['name'] for item in cloud.get(service, path)[key]}

    def has(what, expected, found):
        check(what, set(expected) <= set(found), 'missing: %s' % sorted(set(expected) - set(found)))
    has('networks', fixtures['networks'], names('network', '/v2.0/networks', 'networks'))
    has('security groups', fixtures['security_groups'], names('network', '/v2.0/security-groups', 'security_groups'))
    has('flavors', fixtures['flavors'], names('compute', '/flavors', 'flavors'))
    has('images', fixtures['images'], names('image', '/v2/images', 'images'))
    has('volume types', fixtures['volume_types'], names('block-storage', '/types', 'volume_types'))
    has('floating IPs', {ip['address'] for ip in fixtures['floating_ips']},
        {ip['floating_ip_address'] for ip in cloud.get('network', '/v2.0/floatingips')['floatingips']})
    has('pool', {fixtures['load_balancer']['pool']['name']}, names('load-balancer', '/v2.0/lbaas/pools', 'pools'))
    pairs = [item['keypair'] for item in cloud.get('compute', '/os-keypairs')['keypairs']]
    check('key pair', named(pairs, fixtures['key_pair']['name']))
    for service, path, key in (('compute', '/os-availability-zone', 'compute'),
                               ('block-storage', '/os-availability-zone', 'volume')):
        zones = {z['zoneName'] for z in cloud.get(service, path)['availabilityZoneInfo']}
        has('%s zones' % key, fixtures['availability_zones'][key], zones)


def check_port_and_server(cloud, fixtures):
    private = fixtures['networks']['private']
    address = private['subnets'][0]['static_first']
    port = make(cloud, 'network', '/v2.0/ports', 'port', {
        'name': NAME, 'network_id': private['id'], 'security_groups': [fixtures['security_groups']['bosh']],
        'fixed_ips': [{'subnet_id': private['subnets'][0]['id'], 'ip_address': address}]})
    check('port with the address %s' % address, port['fixed_ips'][0]['ip_address'] == address)
    server_id = make(cloud, 'compute', '/servers', 'server', {
        'name': NAME, 'imageRef': fixtures['images'].get('guest', fixtures['images']['tiny']), 'config_drive': True,
        'flavorRef': fixtures['flavors']['m1.tiny']['id'], 'key_name': fixtures['key_pair']['name'],
        'availability_zone': 'z1', 'networks': [{'port': port['id']}],
        'user_data': base64.b64encode(USER_DATA.encode()).decode()})['id']
    server = becomes(cloud, 'compute', '/servers/' + server_id, 'server', 'active')
    check('server is active in z1', server['OS-EXT-AZ:availability_zone'] == 'z1')
    becomes(cloud, 'network', '/v2.0/ports/' + port['id'], 'port', 'active')
    check('its port is active', True)
    if fixtures['compute'] == 'qemu':
        check_guest(cloud, server_id, 'DHCP address', 'dhcp eth0 %s/24' % address)
        check_guest(cloud, server_id, 'config drive', 'config-drive user-data ' + USER_DATA)
        check_guest(cloud, server_id, 'metadata service', 'metadata user-data ' + USER_DATA)
    return port['id'], server_id


def check_guest(cloud, server_id, what, says):
    """Waits for a line of the guest on its console."""
    def console():
        return cloud.post('compute', '/servers/%s/action' % server_id, {'os-getConsoleOutput': {}})['output']
    until('the guest prints "%s"' % says, lambda: says in console().replace('\r', ''), BOOT_SECONDS)
    check('guest: ' + what, True)


def check_floating_ip(cloud, fixtures, port_id):
    path = '/v2.0/floatingips/' + fixtures['floating_ips'][0]['id']
    cloud.put('network', path, {'floatingip': {'port_id': port_id}})
    becomes(cloud, 'network', path, 'floatingip', 'active')
    check('floating IP is active', True)
    cloud.put('network', path, {'floatingip': {'port_id': None}})


def check_volume(cloud, fixtures, server_id):
    path = '/volumes/' + make(cloud, 'block-storage', '/volumes', 'volume', {
        'name': NAME, 'size': 1, 'volume_type': 'hdd', 'availability_zone': 'z1'})['id']
    volume = becomes(cloud, 'block-storage', path, 'volume', 'available')
    check('volume is available in z1', volume['availability_zone'] == 'z1')
    attachments = '/servers/%s/os-volume_attachments' % server_id
    cloud.post('compute', attachments, {'volumeAttachment': {'volumeId': volume['id']}})
    becomes(cloud, 'block-storage', path, 'volume', 'in-use')
    check('volume is attached', True)
    if fixtures['compute'] == 'qemu':
        # the serial number is the volume's id, cut to the length that virtio allows
        check_guest(cloud, server_id, 'volume under its device name', 'new-disk vdb ' + volume['id'][:20])
    cloud.delete('compute', '%s/%s' % (attachments, volume['id']))
    becomes(cloud, 'block-storage', path, 'volume', 'available')
    snapshot = '/snapshots/' + make(cloud, 'block-storage', '/snapshots', 'snapshot', {
        'name': NAME, 'volume_id': volume['id']})['id']
    becomes(cloud, 'block-storage', snapshot, 'snapshot', 'available')
    check('snapshot made and deleted', delete(cloud, 'block-storage', snapshot))
    check('volume detached and deleted', delete(cloud, 'block-storage', path))


def check_pool(cloud, fixtures):
    balancer = '/v2.0/lbaas/loadbalancers/' + fixtures['load_balancer']['id']
    members = '/v2.0/lbaas/pools/%s/members' % fixtures['load_balancer']['pool']['id']
    member = make(cloud, 'load-balancer', members, 'member', {
        'name': NAME, 'address': '10.0.0.20', 'protocol_port': 443,
        'subnet_id': fixtures['load_balancer']['subnet_id']})
    becomes(cloud, 'load-balancer', balancer, 'loadbalancer', 'active', 'provisioning_status')
    check('pool member made and deleted', delete(cloud, 'load-balancer', '%s/%s' % (members, member['id'])))
    becomes(cloud, 'load-balancer', balancer, 'loadbalancer', 'active', 'provisioning_status')


def main():
    fixtures = json.loads(contents(os.environ['CLOUD_FIXTURES']))
    auth = fixtures['auth']
    by_password = password_login('bosh', contents(auth['password_file']), 'bosh')
    cloud = Cloud(auth['url'], by_password)
    check('login with a password', True)
    credential = auth['application_credential']
    Cloud(auth['url'], application_credential_login(credential['id'], contents(credential['secret_file'])))
    check('login with the application credential', True)
    Cloud(auth['url'], password_login('bosh', contents(auth['password_file']), 'bosh', auth['other_domain']))
    check('login in the other domain', True)
    tls = Cloud(auth['tls_url'], by_password, auth['tls_region'], auth['ca_file'])
    check('https with the private CA', all(
        tls.endpoints[service].startswith('https:') and tls.get(service, path) is not None for service, path in (
            ('compute', '/servers'), ('network', '/v2.0/networks'), ('block-storage', '/volumes'),
            ('image', '/v2/images'), ('load-balancer', '/v2.0/lbaas/pools'))))
    check_fixtures(cloud, fixtures)
    port_id, server_id = check_port_and_server(cloud, fixtures)
    check_floating_ip(cloud, fixtures, port_id)
    check_volume(cloud, fixtures, server_id)
    check('server deleted', delete(cloud, 'compute', '/servers/' + server_id))
    check('port deleted', delete(cloud, 'network', '/v2.0/ports/' + port_id))
    check_pool(cloud, fixtures)
    print('%s, OpenStack %s: %s' % (auth['url'], fixtures['release'], 'all checks passed' if not FAILED else
                                    '%d checks failed' % len(FAILED)))
    return 1 if FAILED else 0


if __name__ == '__main__':
    with CLEAN_UP:
        sys.exit(main())
