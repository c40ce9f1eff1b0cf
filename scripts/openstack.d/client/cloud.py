"""Makes the objects that the tests use, and the files that describe them. Idempotent."""
import datetime
import hashlib
import json
import os

from configs import write_configs
from networks import FIXTURE, Networks, make_floating_ips, make_qos_policy, make_security_groups
from rest import Cloud, Refused, named, password_login, until
from settings import (AUTH_URL, CA_FILE, COMPUTE, HOSTS, PASSWORD, PASSWORD_FILE, RELEASE, STATE, TLS_AUTH_URL, say,
                      write_secretly)

VOLUME_TYPES = ('ssd', 'hdd')
# besides the fixtures: its volumes can be attached to several servers
SHARED_TYPE = 'shared'
# name, MiB of RAM, CPUs, GiB of root disk, GiB of ephemeral disk, MiB of swap
FLAVORS = {
    'fake': (
        ('m1.tiny', 512, 1, 1, 0, 0),
        ('m1.small', 2048, 1, 20, 10, 0),
        ('m1.medium', 4096, 2, 40, 20, 512),
        ('m1.large', 8192, 4, 80, 40, 0),
        ('m1.no-root', 2048, 1, 0, 0, 0),
        ('m1.no-root-ephemeral', 2048, 1, 0, 10, 0),
    ),
    # these VMs really run
    'qemu': (
        ('m1.tiny', 128, 1, 1, 0, 0),
        ('m1.small', 192, 1, 1, 1, 0),
        ('m1.medium', 256, 2, 2, 1, 64),
        ('m1.large', 384, 2, 2, 2, 0),
        ('m1.no-root', 128, 1, 0, 0, 0),
        ('m1.no-root-ephemeral', 128, 1, 0, 1, 0),
    ),
}
LOAD_BALANCER, LISTENER_PORT = 'load-balancer', 443
SECRET_FILE = os.path.join(STATE, 'application-credential-secret')
KEY_FILE = os.path.join(STATE, 'bosh.key')


def make_volume_types(admin):
    have = {t['name']: t for t in admin.get('block-storage', '/types')['volume_types']}
    for name in VOLUME_TYPES:
        if name not in have:
            have[name] = admin.post('block-storage', '/types', {'volume_type': {'name': name}})['volume_type']
    if SHARED_TYPE not in have:
        admin.post('block-storage', '/types', {'volume_type': {
            'name': SHARED_TYPE, 'extra_specs': {'multiattach': '<is> True'}}})
    return {name: have[name]['id'] for name in VOLUME_TYPES}


def make_flavors(admin):
    have = {f['name']: f['id'] for f in admin.get('compute', '/flavors')['flavors']}
    described = {}
    for name, ram, vcpus, disk, ephemeral, swap in FLAVORS[COMPUTE]:
        sizes = {'ram': ram, 'vcpus': vcpus, 'disk': disk, 'swap': swap}
        if name not in have:
            body = {'flavor': dict(sizes, name=name, **{'OS-FLV-EXT-DATA:ephemeral': ephemeral})}
            have[name] = admin.post('compute', '/flavors', body)['flavor']['id']
        described[name] = dict(sizes, id=have[name], ephemeral=ephemeral)
    return described


def make_key_pair(bosh):
    pairs = [item['keypair'] for item in bosh.get('compute', '/os-keypairs')['keypairs']]
    if not named(pairs, 'bosh'):
        with open(KEY_FILE + '.pub') as file:
            bosh.post('compute', '/os-keypairs', {'keypair': {'name': 'bosh', 'public_key': file.read().strip()}})
    return {'name': 'bosh', 'private_key_file': KEY_FILE}


def make_image(cloud, name, path, visibility='private'):
    with open(path, 'rb') as file:
        content = file.read()
    for image in cloud.get('image', '/v2/images?name=' + name)['images']:
        if image['status'] == 'active' and image['os_hash_value'] == hashlib.sha512(content).hexdigest():
            return image['id']
        cloud.delete('image', '/v2/images/' + image['id'])  # an older one, or of an interrupted run
    image = cloud.post('image', '/v2/images', {
        'name': name, 'container_format': 'bare', 'disk_format': 'qcow2', 'visibility': visibility,
        'architecture': 'x86_64'})
    cloud.upload('image', '/v2/images/%s/file' % image['id'], content)
    return image['id']


def make_images(admin, bosh):
    tiny = os.path.join(STATE, 'tiny.qcow2')
    images = {'tiny': make_image(bosh, 'tiny', tiny), 'tiny-public': make_image(admin, 'tiny-public', tiny, 'public')}
    guest = os.path.join(STATE, 'guest.qcow2')
    if os.path.exists(guest):
        images['guest'] = make_image(bosh, 'guest', guest)
    return images


def make_zones(admin):
    hosts = {host for _, host in HOSTS}
    until('nova-compute services', lambda: hosts <= {
        s['host'] for s in admin.get('compute', '/os-services?binary=nova-compute')['services'] if s['state'] == 'up'})
    aggregates = admin.get('compute', '/os-aggregates')['aggregates']
    for zone, host in HOSTS:
        aggregate = named(aggregates, zone)
        if not aggregate:
            aggregate = admin.post('compute', '/os-aggregates', {
                'aggregate': {'name': zone, 'availability_zone': zone}})['aggregate']
            aggregates.append(aggregate)
        if host not in aggregate.get('hosts', []):
            until('zone %s takes host %s' % (zone, host), lambda: admin.post(
                'compute', '/os-aggregates/%s/action' % aggregate['id'], {'add_host': {'host': host}}), 120)
    # A server goes to ERROR if it is scheduled to a host that is not in the cell yet.
    # This list does not contain such hosts.
    until('hosts in the cell', lambda: len(admin.get('compute', '/os-hypervisors')['hypervisors']) >= len(hosts))
    return sorted({zone for zone, _ in HOSTS})


def wait_for_hosts(admin):
    hosts = {host for _, host in HOSTS}
    # A message to a scheduler that does not listen yet is lost, and the server stays
    # in BUILD. At the first start a service has no report yet.
    start = os.path.getmtime(STATE + '/run/nova-scheduler.pid')
    started = datetime.datetime.fromtimestamp(start, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S')
    until('nova services listen', lambda: all(
        s['updated_at'] is None or s['updated_at'] >= started
        for s in admin.get('compute', '/os-services')['services']))
    until('placement has %d hosts' % len(hosts), lambda: len(
        admin.get('placement', '/resource_providers')['resource_providers']) >= len(hosts))
    until('cinder-volume services', lambda: {'volumes@backend-z1', 'volumes@backend-z2'} <= {
        s['host'] for s in admin.get('block-storage', '/os-services?binary=cinder-volume')['services']
        if s['state'] == 'up'})
    until('neutron agents', lambda: hosts <= {
        a['host'] for a in admin.get('network', '/v2.0/agents')['agents'] if a['alive']})


def make_load_balancer(bosh, subnet_id):
    """Makes a load balancer, its listener and its pool, one after the other.

    Each change makes the load balancer immutable for some time. Without an
    amphora, objects that are made in one request with it stay PENDING_CREATE.
    """
    balancer = load_balancer_part(bosh, None, 'loadbalancer', LOAD_BALANCER, vip_subnet_id=subnet_id)
    listener = load_balancer_part(bosh, balancer, 'listener', 'listener', loadbalancer_id=balancer['id'],
                                  protocol='TCP', protocol_port=LISTENER_PORT)
    pool = load_balancer_part(bosh, balancer, 'pool', 'pool', listener_id=listener['id'], protocol='TCP',
                              lb_algorithm='ROUND_ROBIN')
    return {'id': balancer['id'], 'name': balancer['name'], 'vip_address': balancer['vip_address'],
            'subnet_id': subnet_id, 'listener_id': listener['id'], 'pool': {'id': pool['id'], 'name': pool['name']}}


def load_balancer_part(bosh, balancer, kind, name, **attributes):
    path = '/v2.0/lbaas/%ss' % kind
    part = named(bosh.get('load-balancer', path)[kind + 's'], name) or bosh.post('load-balancer', path, {
        kind: dict(attributes, name=name, description=FIXTURE)})[kind]
    balancer_path = '/v2.0/lbaas/loadbalancers/' + (balancer or part)['id']
    until('load balancer is ACTIVE', lambda: bosh.get('load-balancer', balancer_path)['loadbalancer'][
        'provisioning_status'] == 'ACTIVE', 120, 0.2)
    return part


def make_application_credential(bosh):
    """Makes an application credential. Its secret is shown once, so one without its file is replaced."""
    path = '/users/%s/application_credentials' % bosh.user_id
    have = named(bosh.get('identity', path)['application_credentials'], 'bosh-cpi')
    if have and not os.path.exists(SECRET_FILE):
        bosh.delete('identity', '%s/%s' % (path, have['id']))
        have = None
    if not have:
        have = bosh.post('identity', path, {'application_credential': {
            'name': 'bosh-cpi', 'description': FIXTURE}})['application_credential']
        write_secretly(SECRET_FILE, have['secret'])
    return {'id': have['id'], 'name': 'bosh-cpi', 'secret_file': SECRET_FILE}


def main():
    admin = until('login as admin', lambda: Cloud(AUTH_URL, password_login('admin', PASSWORD, 'admin')))
    bosh = Cloud(AUTH_URL, password_login('bosh', PASSWORD, 'bosh'))
    fixtures = {'release': RELEASE, 'compute': COMPUTE}
    fixtures['volume_types'] = make_volume_types(admin)
    fixtures['networks'] = Networks(admin, bosh.project_id).make()
    make_qos_policy(admin)
    fixtures['security_groups'] = make_security_groups(bosh)
    fixtures['floating_ips'] = make_floating_ips(bosh, fixtures['networks']['external']['id'])
    say('volume types, networks, security groups, floating IPs')
    fixtures['flavors'] = make_flavors(admin)
    fixtures['key_pair'] = make_key_pair(bosh)
    fixtures['images'] = make_images(admin, bosh)
    say('flavors, key pair, images')
    fixtures['load_balancer'] = make_load_balancer(bosh, fixtures['networks']['private']['subnets'][0]['id'])
    say('load balancer with a pool')
    fixtures['availability_zones'] = {'compute': make_zones(admin), 'volume': ['z1', 'z2']}
    wait_for_hosts(admin)
    say('compute hosts in their zones; placement, cinder and neutron have all hosts')
    fixtures['auth'] = {
        'url': AUTH_URL, 'region': 'RegionOne', 'tls_url': TLS_AUTH_URL, 'tls_region': 'RegionTLS', 'ca_file': CA_FILE,
        'username': 'bosh', 'password_file': PASSWORD_FILE, 'project': 'bosh', 'project_id': bosh.project_id,
        'domain': 'Default', 'other_domain': 'other', 'application_credential': make_application_credential(bosh)}
    fixtures['cpi_configs'] = write_configs(fixtures)
    write_secretly(os.path.join(STATE, 'fixtures.json'), json.dumps(fixtures, indent=1, sort_keys=True) + '\n')
    say('fixtures.json and cpi.json in ' + STATE)


if __name__ == '__main__':
    try:
        main()
    except Refused as error:
        raise SystemExit('fixtures: %s' % error)
