"""An Octavia network driver with real VIP ports and no amphora.

With Octavia's own noop driver the VIP has no port in Neutron, and any subnet or network id is accepted.
Here the VIP is a real port: it gets an address of the subnet, can have a floating IP and is deleted with
the load balancer. The API refuses unknown subnets, networks and ports. Plugging the amphora, which the
noop compute driver never boots, does nothing.
"""
import os

from octavia.network import base
from octavia.network.drivers.neutron import allowed_address_pairs
from octavia.network.drivers.noop_driver import driver as noop

# In the API an unknown id is an error of the user. The worker also looks up ids
# that the noop driver has generated, and only that driver has answers for them.
REFUSE_UNKNOWN = os.environ.get('OCTAVIA_UNKNOWN_IDS') == 'refuse'


class RealVIPNetworkDriver(noop.NoopNetworkDriver):
    _neutron = None

    @property
    def neutron(self):
        # not in __init__: it needs the configuration and a token
        if RealVIPNetworkDriver._neutron is None:
            RealVIPNetworkDriver._neutron = allowed_address_pairs.AllowedAddressPairsDriver()
        return RealVIPNetworkDriver._neutron

    def allocate_vip(self, load_balancer):
        return self.neutron.allocate_vip(load_balancer)

    def deallocate_vip(self, vip):
        return self.neutron.deallocate_vip(vip)

    def get_network_ip_availability(self, network):
        return self.neutron.get_network_ip_availability(network)

    def get_network(self, network_id, context=None):
        return self._look_up('get_network', base.NetworkNotFound, network_id, context)

    def get_subnet(self, subnet_id, context=None):
        return self._look_up('get_subnet', base.SubnetNotFound, subnet_id, context)

    def get_port(self, port_id, context=None):
        return self._look_up('get_port', base.PortNotFound, port_id, context)

    def _look_up(self, method, not_found, resource_id, context):
        try:
            return getattr(self.neutron, method)(resource_id, context=context)
        except not_found:
            if REFUSE_UNKNOWN:
                raise
            return getattr(super(), method)(resource_id)
