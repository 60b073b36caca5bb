"""deploy/compose.yaml says what the server knows, and mounts what is there; the dashboard asks for what there is."""

import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.request

import yaml

import credentials
from lmp_server import ServerTestCase, customer_api, run_server_command

DEPLOY = pathlib.Path(__file__).parents[2] / 'deploy'
GRAFANA = {'$__rate_interval': '5m', '$job': 'lmp'}


def known_variables():
    return set(re.findall(r'`(LMP_\w+)`', (DEPLOY / 'settings.md').read_text())) | {'LMP_MYSQL_PASSWORD', 'LMP_CONFIG'}


class ComposeTest(unittest.TestCase):

    def setUp(self):
        self.services = yaml.safe_load((DEPLOY / 'compose.yaml').read_text())['services']

    def test_every_variable_is_a_setting(self):
        manifests = ''.join(path.read_text() for path in (DEPLOY / 'kubernetes').rglob('*.yaml'))
        found = re.findall(r'\bLMP_[A-Z_]+\b', manifests)
        found += [name for service in self.services.values() for name in service.get('environment', {})]
        ours = {name for name in found if name.startswith('LMP_')}
        self.assertGreater(len(ours), 8)
        self.assertEqual(ours - known_variables(), set())

    def test_the_server_would_take_its_settings(self):
        done = run_server_command('config', 'check', env=self.services['server']['environment'])
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_is_mounted_is_there(self):
        for service in self.services.values():
            for volume in service.get('volumes', []):
                source = volume.split(':')[0]
                if source.startswith('.'):
                    self.assertTrue((DEPLOY / source).exists(), volume)
        self.assertTrue((DEPLOY.parent / self.services['migrate']['build']['dockerfile']).exists())

    def test_every_port_is_on_loopback(self):
        for name, service in self.services.items():
            for port in service.get('ports', []):
                self.assertTrue(port.startswith('127.0.0.1:'), f'{name}: {port}')


class DashboardTest(ServerTestCase, unittest.TestCase):
    server_args = ['--metrics-listen', '127.0.0.1:0']

    def queries(self):
        for panel in json.loads((DEPLOY / 'grafana/lmp.json').read_text())['panels']:
            for target in panel['targets']:
                query = target['expr']
                for variable, value in GRAFANA.items():
                    query = query.replace(variable, value)
                yield panel['title'], query

    def test_it_asks_for_what_there_is(self):
        self.client.customers.ListPartners(customer_api.ListPartnersRequest(), timeout=20)
        credentials.api_key(self.server, '--role', 'ADMIN')
        port = next(e['port'] for e in self.server.log_entries() if e['message'] == 'listening for metrics')
        text = ''
        while 'lmp_api_key_expiry' not in text:  # the gauges of the database are read every 15 s
            with urllib.request.urlopen(f'http://127.0.0.1:{port}/metrics') as answer:
                text = answer.read().decode()
        asked = 0
        for title, query in self.queries():
            for name in re.findall(r'\blmp_\w+', query):
                asked += 1
                self.assertRegex(text, rf'(?m)^{name}[ {{]', title)
        self.assertGreater(asked, 12)

    @unittest.skipUnless(shutil.which('promtool'), 'no promtool here')
    def test_its_queries_can_be_read(self):
        rules = [{'record': f'panel:{number}', 'expr': query} for number, (_, query) in enumerate(self.queries())]
        with tempfile.NamedTemporaryFile('w', suffix='.yaml') as file:
            yaml.safe_dump({'groups': [{'name': 'dashboard', 'rules': rules}]}, file)
            file.flush()
            done = subprocess.run(['promtool', 'check', 'rules', file.name], capture_output=True, encoding='utf-8',
                                  timeout=30)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == '__main__':
    unittest.main()
