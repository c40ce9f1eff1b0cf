"""Networks, router, security groups and floating IPs of the project that the tests use."""
from rest import named

FLOATING_IPS = 4
FIXTURE = 'fixture of the acceptance tests'
# In every IPv4 subnet .10 to .127 is outside the pool and free for addresses that
# a test chooses.
FREE_V4 = ('10', '127')
# name, third octet (None: no IPv4), IPv6 prefix, attributes of the network,
# attributes of its IPv4 subnet The DNS server of "private" is nowhere. It is not
# 127.0.0.53, to which systemd-networkd would set a route on the card.
NETWORKS = (
    ('private', 0, None, {}, {'dns_nameservers': ['192.0.2.53']}),
    ('private-2', 1, None, {}, {}),
    ('dual', 2, 'fd00:10:2:', {}, {}),
    ('private-v6', None, 'fd00:10:3:', {}, {}),
    ('no-dhcp', 4, None, {}, {'enable_dhcp': False}),
    ('no-dhcp-2', 5, None, {}, {'enable_dhcp': False}),
    ('no-port-security', 6, None, {'port_security_enabled': False}, {}),
)
ROUTED = ('private', 'private-2', 'dual')
GROUP_RULES = {
    # what BOSH needs: ssh, agent, director, ping, and everything among the VMs
    # themselves
    'bosh': ((22, 22), (6868, 6868), (25555, 25555), 'icmp', 'members'),
    'bosh-2': ((80, 80), (443, 443)),
}


class Networks:
    def __init__(self, admin, project_id):
        self.admin, self.project_id = admin, project_id

    def ensure(self, kind, name, **attributes):
        path = '/v2.0/%ss' % kind.replace('_', '-')
        found = self.admin.get('network', '%s?name=%s' % (path, name))[kind + 's']
        return found[0] if found else self.admin.post('network', path, {kind: dict(attributes, name=name)})[kind]

    def make(self):
        """Descriptions of all networks by name."""
        described = {'external': self._external()}
        for name, octet, prefix, network_attributes, subnet_attributes in NETWORKS:
            network = self.ensure('network', name, project_id=self.project_id, **network_attributes)
            subnets = []
            if octet is not None:
                subnets.append(self._subnet_v4(network, octet, subnet_attributes))
            if prefix:
                subnets.append(self._subnet_v6(network, prefix))
            described[name] = describe(network, subnets)
        self._route(described)
        return described

    def _external(self):
        network = self.ensure('network', 'external', **{
            'router:external': True, 'provider:network_type': 'flat', 'provider:physical_network': 'external'})
        subnet = self.ensure('subnet', 'external-v4', network_id=network['id'], ip_version=4, cidr='172.24.4.0/24',
                             gateway_ip='172.24.4.1', enable_dhcp=False,
                             allocation_pools=[{'start': '172.24.4.10', 'end': '172.24.4.250'}])
        return describe(network, [dict(subnet, free=None)])

    def _subnet_v4(self, network, octet, attributes):
        base = '10.0.%d.' % octet
        subnet = self.ensure('subnet', network['name'] + '-v4', network_id=network['id'], project_id=self.project_id,
                             ip_version=4, cidr=base + '0/24', gateway_ip=base + '1',
                             allocation_pools=[{'start': base + '128', 'end': base + '254'}], **attributes)
        return dict(subnet, free=[base + host for host in FREE_V4])

    def _subnet_v6(self, network, prefix):
        subnet = self.ensure('subnet', network['name'] + '-v6', network_id=network['id'], project_id=self.project_id,
                             ip_version=6, cidr=prefix + ':/64', gateway_ip=prefix + ':1',
                             ipv6_address_mode='dhcpv6-stateful', ipv6_ra_mode='dhcpv6-stateful',
                             allocation_pools=[{'start': prefix + ':1000', 'end': prefix + ':ffff'}])
        return dict(subnet, free=[prefix + ':10', prefix + ':fff'])

    def _route(self, described):
        router = self.ensure('router', 'router', project_id=self.project_id,
                             external_gateway_info={'network_id': described['external']['id']})
        ports = self.admin.get('network', '/v2.0/ports?device_id=' + router['id'])['ports']
        routed = {ip['subnet_id'] for port in ports for ip in port['fixed_ips']}
        for name in ROUTED:
            subnet = described[name]['subnets'][0]
            if subnet['id'] not in routed:
                self.admin.put('network', '/v2.0/routers/%s/add_router_interface' % router['id'],
                               {'subnet_id': subnet['id']})


def describe(network, subnets):
    return {
        'id': network['id'], 'name': network['name'], 'mtu': network['mtu'],
        'external': network['router:external'], 'port_security': network['port_security_enabled'],
        'subnets': [{
            'id': s['id'], 'name': s['name'], 'ip_version': s['ip_version'], 'cidr': s['cidr'],
            'gateway': s['gateway_ip'], 'dhcp': s['enable_dhcp'], 'dns': s['dns_nameservers'],
            # first and last address that neutron never hands out by itself
            'static_first': s['free'][0] if s['free'] else None,
            'static_last': s['free'][1] if s['free'] else None,
        } for s in subnets]}


def make_security_groups(bosh):
    """Ids by name, made as the user: the group "default" comes with the project."""
    def groups():
        return bosh.get('network', '/v2.0/security-groups?project_id=' + bosh.project_id)['security_groups']
    for name, rules in GROUP_RULES.items():
        group = named(groups(), name) or bosh.post('network', '/v2.0/security-groups', {
            'security_group': {'name': name, 'description': FIXTURE}})['security_group']
        have = {(r['protocol'], r['port_range_min'], r['remote_group_id'])
                for r in group['security_group_rules'] if r['direction'] == 'ingress'}
        for rule in rules:
            body = security_group_rule(rule, group['id'])
            if (body.get('protocol'), body.get('port_range_min'), body.get('remote_group_id')) not in have:
                bosh.post('network', '/v2.0/security-group-rules', {'security_group_rule': body})
    return {g['name']: g['id'] for g in groups()}


def security_group_rule(rule, group_id):
    body = {'security_group_id': group_id, 'direction': 'ingress', 'ethertype': 'IPv4'}
    if rule == 'members':
        return dict(body, remote_group_id=group_id)
    if rule == 'icmp':
        return dict(body, protocol='icmp', remote_ip_prefix='0.0.0.0/0')
    first, last = rule
    return dict(body, protocol='tcp', port_range_min=first, port_range_max=last, remote_ip_prefix='0.0.0.0/0')


def make_qos_policy(admin):
    """A policy that all projects can use."""
    path = '/v2.0/qos/policies'
    if not admin.get('network', path + '?name=limited')['policies']:
        admin.post('network', path, {'policy': {'name': 'limited', 'description': FIXTURE, 'shared': True}})


def make_floating_ips(bosh, external_id):
    path = '/v2.0/floatingips'
    have = [ip for ip in bosh.get('network', path)['floatingips'] if ip['description'] == FIXTURE]
    while len(have) < FLOATING_IPS:
        have.append(bosh.post('network', path, {'floatingip': {
            'floating_network_id': external_id, 'description': FIXTURE}})['floatingip'])
    return [{'id': ip['id'], 'address': ip['floating_ip_address']}
            for ip in sorted(have, key=lambda ip: ip['floating_ip_address'])]
