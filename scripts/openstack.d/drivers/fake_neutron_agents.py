#!/usr/bin/python3
"""Acts as the Open vSwitch agents of several hosts and the L3 agent of one.

    fake_neutron_agents.py NEUTRON-CONF L3-HOST HOST...

The Neutron server, its database and its ML2 mechanism driver are the real ones. This process implements
the agents' side of their RPC:

* it reports a live Open vSwitch agent for every host, so that ports bind;
* when the server announces a port that is bound to one of the hosts it answers update_device_up, as an
  agent does once the interface is plugged: the port goes ACTIVE and Nova is notified;
* it reports a live L3 agent for L3-HOST: routers are scheduled to it, and it reports their floating IPs
  as ACTIVE.

It makes no bridge, namespace or packet filter. It uses oslo.messaging and no module of Neutron: the
messages change less often than the modules.
"""
import datetime
import logging
import queue
import sys
import threading
import uuid

from oslo_config import cfg
import oslo_messaging

REPORT_INTERVAL = 15          # seconds
FIRST_REPORT_TRIES = 150      # two seconds apart: the server may still be starting
RPC_TIMEOUT = 60              # seconds
CONTEXT = {'user_id': None, 'project_id': None, 'is_admin': True, 'roles': ['admin']}
LOG = logging.getLogger('fake_neutron_agents')


def client_of(transport, topic, version):
    make = getattr(oslo_messaging, 'get_rpc_client', oslo_messaging.RPCClient)
    return make(transport, oslo_messaging.Target(topic=topic, version=version), timeout=RPC_TIMEOUT)


class Worker:
    """Runs one kind of work in a thread, so that it does not block the consumer of messages."""

    def __init__(self, work):
        self.work = work
        self.todo = queue.Queue()
        threading.Thread(target=self._run, daemon=True).start()

    def add(self, *item):
        self.todo.put(item)

    def _run(self):
        while True:
            item = self.todo.get()
            try:
                self.work(*item)
            except Exception:
                LOG.exception('%s%s', self.work.__name__, item)


class OpenVSwitchAgents:
    target = oslo_messaging.Target(version='1.4')

    def __init__(self, transport, hosts):
        self.hosts = set(hosts)
        self.server = client_of(transport, 'q-plugin', '1.0')
        self.plugged = Worker(self._update_device_up)

    def port_update(self, context, port=None, **kwargs):
        port = port or {}
        host = port.get('binding:host_id')
        if host in self.hosts and port.get('binding:vif_type') == 'ovs' and port.get('status') != 'ACTIVE':
            self.plugged.add(port['id'], host)

    def _update_device_up(self, port_id, host):
        self.server.call(CONTEXT, 'update_device_up', device=port_id, agent_id='ovs-' + host, host=host)

    # messages that a real agent handles and this one ignores
    def _ignore(self, context, **kwargs):
        pass

    port_delete = network_update = network_delete = _ignore
    security_groups_rule_updated = security_groups_member_updated = _ignore
    security_groups_provider_updated = binding_deactivate = binding_activate = _ignore


class L3Agent:
    target = oslo_messaging.Target(version='1.4')

    def __init__(self, transport, host):
        self.host = host
        self.server = client_of(transport, 'q-l3-plugin', '1.1')
        self.changed = Worker(self._report_floating_ips)
        self.changed.add(None)

    def _report_floating_ips(self, router_ids):
        for router in self.server.call(CONTEXT, 'sync_routers', host=self.host, router_ids=router_ids) or []:
            active = {ip['id']: 'ACTIVE' for ip in router.get('_floatingips', [])}
            self.server.call(CONTEXT, 'update_floatingip_statuses', router_id=router['id'], fip_statuses=active)

    def routers_updated(self, context, routers=None, **kwargs):
        self.changed.add([r['id'] if isinstance(r, dict) else r for r in routers or []])

    def router_added_to_agent(self, context, payload=None, **kwargs):
        self.routers_updated(context, payload)

    def agent_updated(self, context, **kwargs):
        self.changed.add(None)

    def _ignore(self, context, **kwargs):
        pass

    router_deleted = router_removed_from_agent = network_update = _ignore
    add_arp_entry = del_arp_entry = fipnamespace_delete_on_ext_net = create_fip_agent_gw = _ignore


def agent_states(l3_host, hosts):
    for host in hosts:
        yield {
            'binary': 'neutron-openvswitch-agent', 'host': host, 'topic': 'N/A',
            'agent_type': 'Open vSwitch agent', 'start_flag': True, 'availability_zone': 'nova',
            'configurations': {
                'bridge_mappings': {'external': 'br-ex'}, 'integration_bridge': 'br-int', 'datapath_type': 'system',
                'tunnel_types': ['vxlan'], 'tunneling_ip': '127.0.0.1', 'ovs_hybrid_plug': False,
                'ovs_capabilities': {'datapath_types': ['system'], 'iface_types': ['internal', 'system']},
                'l2_population': False, 'extensions': [], 'devices': 0}}
    yield {
        'binary': 'neutron-l3-agent', 'host': l3_host, 'topic': 'l3_agent',
        'agent_type': 'L3 agent', 'start_flag': True, 'availability_zone': 'nova',
        'configurations': {
            'agent_mode': 'legacy', 'handle_internal_only_routers': True, 'interface_driver': 'openvswitch',
            'log_agent_heartbeats': False, 'extensions': [], 'routers': 0, 'ex_gw_ports': 0, 'interfaces': 0,
            'floating_ips': 0}}


class Reporter:
    def __init__(self, transport, states):
        self.server = client_of(transport, 'q-reports-plugin', '1.2')
        self.states = list(states)
        self.stop = threading.Event()

    def report(self):
        now = datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.%f')
        for state in self.states:
            message = dict(state, uuid=str(uuid.uuid4()))
            self.server.call(CONTEXT, 'report_state', agent_state={'agent_state': message}, time=now)
            state.pop('start_flag', None)

    def report_first(self):
        for _ in range(FIRST_REPORT_TRIES):
            try:
                self.report()
                LOG.info('reporting %s', ', '.join(state['host'] for state in self.states))
                return
            except oslo_messaging.MessagingException as error:
                LOG.warning('the neutron server does not take reports yet: %s', error)
                self.stop.wait(2)
        sys.exit('the neutron server takes no reports')

    def report_for_ever(self):
        while not self.stop.wait(REPORT_INTERVAL):
            try:
                self.report()
            except oslo_messaging.MessagingException:
                LOG.exception('report')


def serve(transport, topics, host, endpoint):
    for topic in topics:
        target = oslo_messaging.Target(topic=topic, server=host)
        oslo_messaging.get_rpc_server(transport, target, [endpoint], executor='threading').start()


def main(config_file, l3_host, *hosts):
    logging.basicConfig(level=logging.INFO, format='%(asctime)s %(levelname)s %(message)s')
    logging.getLogger('oslo.messaging').setLevel(logging.WARNING)
    oslo_messaging.set_transport_defaults(control_exchange='neutron')
    cfg.CONF(['--config-file', config_file], project='neutron')
    transport = oslo_messaging.get_rpc_transport(cfg.CONF)
    # L3-HOST has an Open vSwitch agent too: the router's ports must bind there
    every_host = sorted({l3_host, *hosts})
    serve(transport, ['q-agent-notifier-%s' % change for change in (
        'port-update', 'port-delete', 'network-update', 'network-delete', 'security_group-update')],
        l3_host, OpenVSwitchAgents(transport, every_host))
    reporter = Reporter(transport, agent_states(l3_host, every_host))
    reporter.report_first()
    # the server answers the L3 agent's calls only after its first report
    serve(transport, ['l3_agent'], l3_host, L3Agent(transport, l3_host))
    reporter.report_for_ever()


if __name__ == '__main__':
    main(*sys.argv[1:])
