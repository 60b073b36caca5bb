"""What --metrics-listen answers, held against the calls made and Prometheus' conventions; and the alerts on it."""

import pathlib
import re
import shutil
import socket
import subprocess
import unittest
import urllib.request

import yaml

import lmp_server
from credentials import api_key
from lmp_server import LmpServer, call_error, customer_api, run_server_command, wait_until
from tls_test import Authority

PROMETHEUS = pathlib.Path(__file__).parents[2] / 'deploy' / 'prometheus'
METHOD = 'lmp.v1.CustomerService/GetCustomer'


class MetricsCase(unittest.TestCase):
    def setUp(self):
        temporary = lmp_server.TemporaryDirectory()
        self.addCleanup(temporary.remove)
        self.directory = temporary.path

    def serve(self, *args, wait=True, **kwargs):
        server = LmpServer(self.directory, ['--metrics-listen', '127.0.0.1:0', *args], **kwargs)
        self.addCleanup(server.kill)
        server.start(wait=wait)
        lines = wait_until(lambda: [e for e in server.log_entries() if e['message'] == 'listening for metrics'], 20,
                           'it says where')
        self.port = lines[0]['port']
        return server

    def text(self):
        with urllib.request.urlopen(f'http://127.0.0.1:{self.port}/metrics', timeout=20) as answer:
            return answer.read().decode()

    def value(self, name, **labels):
        """Of one series, or 0."""
        for line in self.text().splitlines():
            match = re.fullmatch(r'(\w+)(?:\{(.*)\})? (\S+)', line)
            if match and match.group(1) == name:
                found = dict(re.findall(r'(\w+)="([^"]*)"', match.group(2) or ''))
                if labels.items() <= found.items():
                    return float(match.group(3))
        return 0


class MetricsTest(MetricsCase):
    def test_each_call_is_counted_with_its_end_and_its_time(self):
        server = self.serve()
        with server.client() as client:
            unknown = customer_api.GetCustomerRequest(name='customers/nobody-knows')
            for _ in range(3):
                call_error(client.customers.GetCustomer, unknown, timeout=20)
            call_error(client.customers.GetCustomer, customer_api.GetCustomerRequest(), timeout=20)
            client.customers.ListPartners(customer_api.ListPartnersRequest(), timeout=20)
        for count, labels in ((3, dict(method=METHOD, code='NOT_FOUND', reason='CUSTOMER_NOT_FOUND')),
                              (1, dict(method=METHOD, code='INVALID_ARGUMENT', reason='INVALID_FIELDS')),
                              (1, dict(method='lmp.v1.CustomerService/ListPartners', code='OK', reason=''))):
            self.assertEqual(self.value('lmp_calls_total', **labels), count, labels)
        self.assertEqual(self.value('lmp_call_duration_seconds_count', method=METHOD), 4)
        self.assertEqual(self.value('lmp_call_duration_seconds_bucket', method=METHOD, le='+Inf'), 4)
        self.assertGreater(self.value('lmp_call_duration_seconds_sum', method=METHOD), 0)
        self.assertEqual(self.value('lmp_ready'), 1)
        self.assertEqual(self.value('lmp_build_info', version=server.serving['version']), 1)
        self.assertGreater(self.value('lmp_database_connections_opened_total'), 0)
        for count, lane in ((3, 'reads'), (1, 'lists')):  # what is invalid never waits
            self.assertEqual(self.value('lmp_queue_run_total', lane=lane), count, lane)
            self.assertLessEqual(self.value('lmp_batches_total', lane=lane), count, lane)
            self.assertGreater(self.value('lmp_queue_wait_seconds_total', lane=lane), 0, lane)
            self.assertEqual(self.value('lmp_queue_calls', lane=lane), 0, lane)
            self.assertEqual(self.value('lmp_queue_shed_total', lane=lane), 0, lane)
        # What a caller sent is in no label.
        self.assertNotIn('nobody-knows', self.text())

    @unittest.skipUnless(shutil.which('promtool'), 'no promtool here')
    def test_names_and_units_are_as_prometheus_has_them(self):
        server = self.serve()
        with server.client() as client:
            client.customers.ListPartners(customer_api.ListPartnersRequest(), timeout=20)
        done = subprocess.run(['promtool', 'check', 'metrics'], input=self.text(), capture_output=True,
                              encoding='utf-8', timeout=30)
        ours = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith('lmp_')]
        self.assertEqual(ours, [])

    def test_of_a_server_without_its_database(self):
        self.serve(wait=False, database=['--mysql-url', 'mysql://lmp@127.0.0.1:1/lmp'])
        self.assertEqual(self.value('lmp_ready'), 0)

    def test_until_when_certificates_are_good(self):
        cert, key = Authority(self.directory, 'authority').issue('server')
        self.serve('--tls-cert', cert, '--tls-key', key)
        def said(*argv):
            return subprocess.run(argv, capture_output=True, encoding='utf-8', check=True).stdout.strip()

        end = said('openssl', 'x509', '-in', cert, '-noout', '-enddate', '-dateopt', 'iso_8601')
        seconds = int(said('date', '-u', '-d', end.removeprefix('notAfter='), '+%s'))
        shown = self.value('lmp_certificate_expiry_timestamp_seconds', certificate='tls_cert')
        self.assertAlmostEqual(shown, seconds, delta=1000)

    def test_a_port_that_is_taken(self):
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            address = f'127.0.0.1:{taken.getsockname()[1]}'
            done = run_server_command('serve', '--mysql-url', 'mysql://lmp@127.0.0.1:1/lmp', '--listen', '127.0.0.1:0',
                                      '--metrics-listen', address)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"can't listen on {address} for metrics", done.stderr)


class AlertsTest(MetricsCase):
    def rules(self):
        return [r for g in yaml.safe_load((PROMETHEUS / 'alerts.yaml').read_text())['groups'] for r in g['rules']]

    def test_alerts_look_at_what_there_is(self):
        cert, key = Authority(self.directory, 'authority').issue('server')
        server = self.serve('--tls-cert', cert, '--tls-key', key)
        with server.client() as client:  # in plaintext: refused, and counted by nobody
            call_error(client.customers.ListPartners, customer_api.ListPartnersRequest(), timeout=5)
        credentials = lmp_server.grpc.ssl_channel_credentials((self.directory / 'authority.pem').read_bytes())
        with server.client(credentials=credentials) as client:
            client.customers.ListPartners(customer_api.ListPartnersRequest(), timeout=20)
        api_key(server, '--role', 'ADMIN')
        wait_until(lambda: 'lmp_api_key_expiry' in self.text(), 40, 'the gauges of the database were read')
        text = self.text()
        for rule in self.rules():
            for name in re.findall(r'\blmp_\w+', rule['expr']):
                self.assertRegex(text, rf'(?m)^{name}[ {{]', rule['alert'])

    def test_each_alert_has_a_section_and_a_test(self):
        page = (PROMETHEUS.parent / 'runbook.md').read_text()
        tests = yaml.safe_load((PROMETHEUS / 'alerts_test.yaml').read_text())['tests']
        for rule in self.rules():
            self.assertIn(f'\n### {rule["alert"]}\n', page)
            self.assertEqual(rule['annotations']['runbook'], f'deploy/runbook.md#{rule["alert"].lower()}')
            for test in tests:
                self.assertIn(rule['alert'], [t['alertname'] for t in test['alert_rule_test']], test['name'])

    @unittest.skipUnless(shutil.which('promtool'), 'no promtool here')
    def test_each_alert_fires_when_it_should_and_is_quiet_else(self):
        for command in (['check', 'config', 'prometheus.yaml'], ['test', 'rules', 'alerts_test.yaml']):
            done = subprocess.run(['promtool', *command], cwd=PROMETHEUS, capture_output=True, encoding='utf-8',
                                  timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == '__main__':
    unittest.main()
