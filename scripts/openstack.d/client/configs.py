"""Writes configuration files: cpi.json in three variants and clouds.yaml."""
import json
import os

from settings import COMPUTE, PASSWORD, STATE, write_secretly

STATE_TIMEOUT = {'fake': 120, 'qemu': 300}         # seconds


def cpi_config(auth, **properties):
    settings = {
        'auth_url': auth['url'],
        'region': auth['region'],
        'default_key_name': 'bosh',
        'default_security_groups': ['bosh'],
        'wait_resource_poll_interval': 1,
        'state_timeout': STATE_TIMEOUT[COMPUTE],
        'human_readable_vm_names': True,
    }
    settings.update(properties)
    return {'cloud': {'plugin': 'openstack', 'properties': {'openstack': settings}}}


def clouds_yaml(auth):
    """Returns a clouds.yaml; JSON is YAML."""
    def cloud(url, region, user, **more):
        return dict({'auth': {
            'auth_url': url, 'username': user, 'password': PASSWORD, 'project_name': user,
            'user_domain_name': auth['domain'], 'project_domain_name': auth['domain'],
        }, 'region_name': region, 'interface': 'public', 'identity_api_version': 3}, **more)
    return {'clouds': {
        'bosh': cloud(auth['url'], auth['region'], 'bosh'),
        'admin': cloud(auth['url'], auth['region'], 'admin'),
        'bosh-tls': cloud(auth['tls_url'], auth['tls_region'], 'bosh', cacert=auth['ca_file'])}}


def write_configs(fixtures):
    """Writes the files and returns their paths by purpose."""
    auth = fixtures['auth']
    by_password = {'username': auth['username'], 'api_key': PASSWORD, 'project': auth['project'],
                   'domain': auth['domain']}
    with open(auth['application_credential']['secret_file']) as file:
        by_credential = {'application_credential_id': auth['application_credential']['id'],
                         'application_credential_secret': file.read()}
    with open(auth['ca_file']) as file:
        over_tls = dict(by_password, auth_url=auth['tls_url'], region=auth['tls_region'],
                        connection_options={'ca_cert': file.read()})
    written = {}
    for purpose, name, content in (
            ('password', 'cpi.json', cpi_config(auth, **by_password)),
            ('tls', 'cpi-tls.json', cpi_config(auth, **over_tls)),
            ('application_credential', 'cpi-appcred.json', cpi_config(auth, **by_credential)),
            ('clouds_yaml', 'clouds.yaml', clouds_yaml(auth))):
        written[purpose] = os.path.join(STATE, name)
        write_secretly(written[purpose], json.dumps(content, indent=1) + '\n')
    return written
