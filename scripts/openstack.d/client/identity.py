"""Makes users, projects, roles and the catalog. Idempotent."""
from rest import Cloud, named, password_login, until
from settings import AUTH_URL, PASSWORD, PORTS, TLS_OFFSET, say

INTERFACES = ('public', 'internal', 'admin')
SERVICES = (
    # name, type, account, API, path
    ('keystone', 'identity', None, 'keystone', '/v3'),
    ('glance', 'image', 'glance', 'glance', ''),
    ('placement', 'placement', 'placement', 'placement', ''),
    ('nova', 'compute', 'nova', 'nova-api', '/v2.1'),
    ('neutron', 'network', 'neutron', 'neutron-server', ''),
    # the older type of version 3, and the official one
    ('cinderv3', 'volumev3', 'cinder', 'cinder-api', '/v3/%(project_id)s'),
    ('cinder', 'block-storage', 'cinder', 'cinder-api', '/v3/%(project_id)s'),
    ('octavia', 'load-balancer', 'octavia', 'octavia-api', ''),
)


class Identity:
    def __init__(self, cloud):
        self.cloud = cloud

    def ensure(self, kind, name, query='', **attributes):
        """Returns the user, project, role, domain or service of a name. Makes it if it does not exist."""
        path = '/%ss' % kind
        found = named(self.cloud.get('identity', path + query)[kind + 's'], name)
        return found or self.cloud.post('identity', path, {kind: dict(attributes, name=name)})[kind]

    def account(self, name, project, *roles, domain='default'):
        user = self.ensure('user', name, '?domain_id=' + domain, domain_id=domain, password=PASSWORD,
                           default_project_id=project['id'])
        for role in roles:
            role_id = self.ensure('role', role)['id']
            self.cloud.put('identity', '/projects/%s/users/%s/roles/%s' % (project['id'], user['id'], role_id))

    def project(self, name, domain='default'):
        return self.ensure('project', name, '?domain_id=' + domain, domain_id=domain)

    def catalog(self):
        regions = {r['id'] for r in self.cloud.get('identity', '/regions')['regions']}
        for region in {'RegionOne', 'RegionTLS'} - regions:
            self.cloud.post('identity', '/regions', {'region': {'id': region}})
        services = {s['type']: s for s in self.cloud.get('identity', '/services')['services']}
        have = {(e['service_id'], e['region_id'], e['interface'])
                for e in self.cloud.get('identity', '/endpoints')['endpoints']}
        for name, kind, _, api, path in SERVICES:
            if kind not in services:
                body = {'service': {'name': name, 'type': kind}}
                services[kind] = self.cloud.post('identity', '/services', body)['service']
            for region, base in (('RegionOne', 'http://127.0.0.1:%d' % PORTS[api]),
                                 ('RegionTLS', 'https://127.0.0.1:%d' % (PORTS[api] + TLS_OFFSET))):
                for interface in INTERFACES:
                    if (services[kind]['id'], region, interface) not in have:
                        self.cloud.post('identity', '/endpoints', {'endpoint': {
                            'service_id': services[kind]['id'], 'region_id': region, 'interface': interface,
                            'url': base + path}})


def main():
    identity = Identity(until('login at keystone', lambda: Cloud(
        AUTH_URL, password_login('admin', PASSWORD, 'admin')), 120))
    service_project = identity.project('service')
    for account in sorted({account for _, _, account, _, _ in SERVICES if account}):
        identity.account(account, service_project, 'admin', 'service')
    identity.account('bosh', identity.project('bosh'), 'member', 'load-balancer_member')
    # another user and project of the same names: a client that ignores the domain
    # gets them, or an error
    other = identity.ensure('domain', 'other')['id']
    identity.account('bosh', identity.project('bosh', other), 'member', 'load-balancer_member', domain=other)
    identity.catalog()
    say('users, projects, roles, catalog of RegionOne and RegionTLS')


if __name__ == '__main__':
    main()
