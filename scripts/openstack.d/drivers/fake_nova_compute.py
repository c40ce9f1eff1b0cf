#!/usr/bin/python3
"""Runs nova-compute with a variant of Nova's own FakeDriver.

The differences, which are needed for a cloud that runs longer than one test:

* it reports an x86_64 KVM hypervisor. FakeDriver reports the type "fake", and the scheduler then finds no
  host for an image with the property hypervisor_type=kvm, which every BOSH stemcell has;
* it adopts the instances of an earlier nova-compute. FakeDriver does not have them, and every later
  operation on them fails;
* it stores the node's id in a file, as other drivers do since 2023.1. FakeDriver makes another id at every
  start, and nova-compute then refuses to start a second time;
* its console log contains the name of the instance.

Nova loads drivers from the package nova.virt only. Therefore the class is registered there as
nova.virt.acceptance.FakeDriver before nova-compute starts.
"""
import sys
import types

import nova.cmd.compute
import nova.virt
from nova.compute import power_state
from nova.compute import vm_states
from nova.objects import fields
from nova.virt import fake

POWER_STATES = {
    vm_states.ACTIVE: power_state.RUNNING,
    vm_states.PAUSED: power_state.PAUSED,
    vm_states.SUSPENDED: power_state.SUSPENDED,
    vm_states.STOPPED: power_state.SHUTDOWN,
    vm_states.RESIZED: power_state.RUNNING,
    vm_states.RESCUED: power_state.RUNNING,
}


def local_node_uuid():
    from nova.virt import node  # only releases that have it ask for this
    return node.get_local_node_uuid()


class FakeDriver(fake.FakeDriver):

    vcpus = 4000
    memory_mb = 16000000
    local_gb = 4000000

    def __init__(self, virtapi, read_only=False):
        super().__init__(virtapi, read_only)
        self.host_status_base['hypervisor_type'] = 'QEMU'
        self.host_status_base['supported_instances'] = [
            (fields.Architecture.X86_64, kind, fields.VMMode.HVM)
            for kind in (fields.HVType.KVM, fields.HVType.QEMU, fields.HVType.FAKE)]

    def get_nodenames_by_uuid(self, refresh=False):
        return {local_node_uuid(): self.get_available_nodes()[0]}

    def get_available_resource(self, nodename):
        resources = super().get_available_resource(nodename)
        if 'uuid' in resources:
            resources['uuid'] = local_node_uuid()
        return resources

    def _adopt(self, instance):
        state = POWER_STATES.get(instance.vm_state)
        if instance.uuid in self.instances or state is None:
            return
        flavor = instance.flavor
        self.resources.claim(vcpus=flavor.vcpus, mem=flavor.memory_mb, disk=flavor.root_gb)
        self.instances[instance.uuid] = fake.FakeInstance(instance.name, state, instance.uuid)

    def get_info(self, instance, use_cache=True):
        self._adopt(instance)
        return super().get_info(instance, use_cache)

    def snapshot(self, context, instance, *args, **kwargs):
        self._adopt(instance)
        return super().snapshot(context, instance, *args, **kwargs)

    def destroy(self, context, instance, *args, **kwargs):
        self._adopt(instance)
        return super().destroy(context, instance, *args, **kwargs)

    def power_on(self, context, instance, *args, **kwargs):
        self._adopt(instance)
        return super().power_on(context, instance, *args, **kwargs)

    def power_off(self, instance, *args, **kwargs):
        self._adopt(instance)
        return super().power_off(instance, *args, **kwargs)

    def get_console_output(self, context, instance):
        return 'fake console of %s (%s)\nlogin: ' % (instance.name, instance.uuid)

    def detach_interface(self, context, instance, vif):
        self._interfaces.pop(vif['id'], None)


def main():
    module = types.ModuleType('nova.virt.acceptance')
    module.FakeDriver = FakeDriver
    sys.modules['nova.virt.acceptance'] = nova.virt.acceptance = module
    sys.argv[0] = 'nova-compute'
    return nova.cmd.compute.main()


if __name__ == '__main__':
    sys.exit(main())
