"""Reads the settings that scripts/openstack passes in the environment."""
import os

ROOT = os.environ['CLOUD_ROOT']
STATE = os.environ['CLOUD_STATE']
RELEASE = os.environ['CLOUD_RELEASE']
COMPUTE = os.environ['CLOUD_COMPUTE']
# (zone, host) of every nova-compute
HOSTS = [tuple(item.split(':')) for item in os.environ['CLOUD_HOSTS'].split()]
PORTS = {name: int(port) for name, port in (item.split(':') for item in os.environ['CLOUD_PORTS'].split())}
TLS_OFFSET = int(os.environ['CLOUD_TLS_OFFSET'])

AUTH_URL = 'http://127.0.0.1:%d/v3' % PORTS['keystone']
TLS_AUTH_URL = 'https://127.0.0.1:%d/v3' % (PORTS['keystone'] + TLS_OFFSET)
CA_FILE = os.path.join(ROOT, 'tls', 'ca.pem')
PASSWORD_FILE = os.path.join(STATE, 'password')
with open(PASSWORD_FILE) as file:
    PASSWORD = file.read()


def say(message):
    print(message, flush=True)


def write_secretly(path, text):
    """Writes a file that only its owner can read, atomically."""
    with open(os.open(path + '.new', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as file:
        file.write(text)
    os.replace(path + '.new', path)
