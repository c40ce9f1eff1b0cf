"""A cinder volume driver that stores nothing.

It serves a cloud with a fake hypervisor: volumes, snapshots and attachments go through the state machines
of Cinder, and no block is ever read. Its capacity is larger than any test needs.
"""
import os
import tempfile

from cinder.volume import driver
from cinder.volume import volume_utils

IMAGE_BYTES = 4096


class FakeVolumeDriver(driver.VolumeDriver):

    VERSION = '1.0'

    def check_for_setup_error(self):
        pass

    def create_volume(self, volume):
        pass

    def create_volume_from_snapshot(self, volume, snapshot):
        pass

    def create_cloned_volume(self, volume, src_vref):
        pass

    def delete_volume(self, volume):
        pass

    def extend_volume(self, volume, new_size):
        pass

    def create_snapshot(self, snapshot):
        pass

    def delete_snapshot(self, snapshot):
        pass

    def revert_to_snapshot(self, context, volume, snapshot):
        pass

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def validate_connector(self, connector):
        pass

    def initialize_connection(self, volume, connector, **kwargs):
        return {'driver_volume_type': 'fake', 'data': {'volume_id': volume['id']}}

    def terminate_connection(self, volume, connector, **kwargs):
        pass

    def clone_image(self, context, volume, image_location, image_meta, image_service):
        # cinder has checked that the image exists, is active and fits
        return {}, True

    def copy_image_to_volume(self, context, volume, image_service, image_id, *args, **kwargs):
        pass

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        handle, path = tempfile.mkstemp(prefix='volume-')
        try:
            os.write(handle, b'\0' * IMAGE_BYTES)
            os.close(handle)
            volume_utils.upload_volume(context, image_service, image_meta, path, volume)
        finally:
            os.unlink(path)

    def retype(self, context, volume, new_type, diff, host):
        return True, None

    def migrate_volume(self, context, volume, host, *args, **kwargs):
        return False, None

    def _update_volume_stats(self):
        self._stats = {
            'volume_backend_name': self.configuration.safe_get('volume_backend_name'),
            'vendor_name': 'fake',
            'driver_version': self.VERSION,
            'storage_protocol': 'fake',
            'pools': [{
                'pool_name': 'pool',
                'total_capacity_gb': 1000000,
                'free_capacity_gb': 1000000,
                'reserved_percentage': 0,
                'provisioned_capacity_gb': 0,
                'max_over_subscription_ratio': 1000,
                'thin_provisioning_support': True,
                'thick_provisioning_support': False,
                'QoS_support': True,
                'multiattach': True,
                'online_extend_support': True,
            }],
        }
