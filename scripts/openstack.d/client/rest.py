"""The few lines of OpenStack client that the fixtures and the smoke check need, with the standard library
alone: the command line client takes two seconds to start, and every release has its own SDK."""
import json
import ssl
import time
import urllib.error
import urllib.request

SECONDS_PER_REQUEST = 120


class Refused(Exception):
    """An HTTP status of 400 or more."""

    def __init__(self, method, url, status, body):
        super().__init__('%s %s: HTTP %d %s' % (method, url, status, body[:500]))
        self.status = status


def password_login(user, password, project, domain='Default'):
    return {'identity': {'methods': ['password'], 'password': {'user': {
                'name': user, 'password': password, 'domain': {'name': domain}}}},
            'scope': {'project': {'name': project, 'domain': {'name': domain}}}}


def application_credential_login(credential_id, secret):
    return {'identity': {'methods': ['application_credential'],
                         'application_credential': {'id': credential_id, 'secret': secret}}}


class Cloud:
    """One login: a token and the endpoints of its catalog."""

    def __init__(self, auth_url, login, region='RegionOne', ca_file=None):
        handlers = [urllib.request.ProxyHandler({})]
        if ca_file:
            handlers.append(urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca_file)))
        self.opener = urllib.request.build_opener(*handlers)
        self.headers = {}
        answer, headers = self._send('POST', auth_url + '/auth/tokens', {'auth': login})
        self.headers['X-Auth-Token'] = headers['X-Subject-Token']
        self.project_id = answer['token']['project']['id']
        self.user_id = answer['token']['user']['id']
        # the catalog is empty until the identity fixtures exist
        self.endpoints = {
            service['type']: endpoint['url'].rstrip('/')
            for service in answer['token']['catalog'] for endpoint in service['endpoints']
            if endpoint['interface'] == 'public' and endpoint['region_id'] == region}
        self.endpoints['identity'] = auth_url

    def get(self, service, path):
        return self._send('GET', self.endpoints[service] + path)[0]

    def post(self, service, path, body):
        return self._send('POST', self.endpoints[service] + path, body)[0]

    def put(self, service, path, body=None):
        return self._send('PUT', self.endpoints[service] + path, body)[0]

    def patch(self, service, path, body):
        return self._send('PATCH', self.endpoints[service] + path, body)[0]

    def delete(self, service, path):
        self._send('DELETE', self.endpoints[service] + path)

    def upload(self, service, path, data):
        self._send('PUT', self.endpoints[service] + path, data, 'application/octet-stream')

    def _send(self, method, url, body=None, content_type='application/json'):
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        request = urllib.request.Request(url, body, dict(self.headers, Accept='application/json'), method=method)
        if body is not None:
            request.add_header('Content-Type', content_type)
        try:
            with self.opener.open(request, timeout=SECONDS_PER_REQUEST) as response:
                text = response.read()
                return (json.loads(text) if text.strip() else None), response.headers
        except urllib.error.HTTPError as error:
            raise Refused(method, url, error.code, error.read().decode(errors='replace')) from None


def until(what, check, seconds=240, pause=0.5):
    """The first true result of check; an error of check means "not yet"."""
    end = time.monotonic() + seconds
    while True:
        try:
            result = check()
            reason = 'the answer was %r' % (result,)
            if result:
                return result
        except (Refused, OSError) as error:
            reason = error
        if time.monotonic() > end:
            raise SystemExit('%s: gave up after %d seconds: %s' % (what, seconds, reason))
        time.sleep(pause)


def named(resources, name):
    """The resource called name, or None."""
    return next((r for r in resources if r['name'] == name), None)
