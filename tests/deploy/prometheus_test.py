"""deploy/prometheus and deploy/grafana on a real Prometheus: each alert fires when its fault is made and is quiet
otherwise, and each panel's query returns data."""

import contextlib
import http.server
import json
import os
import re
import subprocess
import threading
import time
import unittest

import yaml

import credentials
import lmp_server
import metrics
import prometheus
from database_faults import PASSWORD, BorrowedDatabase
from lmp_server import (LmpServer, assign_request, create_customer, customer_api, licensing_api, new_request_id,
                        wait_until)
from private_database import free_port

QUEUE_WAIT = prometheus.DEPLOY / 'kubernetes' / 'components' / 'queue-wait'
SERVICE = 'cloud-app-security'
PATIENCE = 60  # seconds until an alert must fire; gauges are read every 15 s


class StandIn(http.server.BaseHTTPRequestHandler):
    """What a server says whose transactions wait for connections. None of ours can be brought to it: there are more
    connections than threads."""

    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Type', 'text/plain')
        self.end_headers()
        self.wfile.write(b'lmp_database_connection_waits 3\n')

    def log_message(self, *_):
        pass


class Load:
    """Callers that do a bit of everything, again and again, and take errors as they come."""

    def __init__(self, client, name, callers=1):
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(client, f'{name}-{i}')) for i in range(callers)]
        for thread in self._threads:
            thread.start()

    def _run(self, client, name):
        number = 0
        while not self._stop.wait(0.02):
            number += 1
            try:
                customer = create_customer(client, f'{name}-{number}')
                client.licensing.AssignServicePlan(assign_request(customer, 'cas-annual', {SERVICE: 5},
                                                                  request_id=new_request_id()), timeout=10)
                client.licensing.CheckLicense(licensing_api.CheckLicenseRequest(
                    customer=customer, product=f'products/{SERVICE}'), timeout=10)
                client.licensing.ListLicenses(licensing_api.ListLicensesRequest(parent=customer), timeout=10)
                client.customers.GetCustomer(customer_api.GetCustomerRequest(name='customers/nobody'), timeout=10)
            except lmp_server.grpc.RpcError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()


class PrometheusTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        prometheus.require()
        with contextlib.ExitStack() as stack:
            temporary = lmp_server.TemporaryDirectory()
            stack.callback(temporary.remove)
            cls.directory = temporary.path
            cls.database = BorrowedDatabase(cls.directory / 'lender')
            stack.callback(cls.database.end)
            cls.database.start()
            credentials.api_key(cls.database.lender, '--role', 'ADMIN')  # for a year, before gauges are read
            cls.database.lender.await_history()
            cls.faulty = cls.serve(stack, 'faulty', ['--max-queue', '1', '--time-worker', '1'])
            cls.well = LmpServer(cls.directory / 'well', ['--metrics-listen', '127.0.0.1:0'])
            cls.well.directory.mkdir(mode=0o711)
            stack.callback(cls.well.kill)
            cls.well.start()
            cls.prometheus = prometheus.Prometheus(cls.directory)
            stack.callback(cls.prometheus.kill)
            cls.faulty_instance = cls.prometheus.add('lmp', metrics.metrics_port(cls.faulty))
            cls.well_instance = cls.prometheus.add('well', metrics.metrics_port(cls.well))
            cls.clients = [stack.enter_context(server.client()) for server in (cls.faulty, cls.well)]
            for client in cls.clients:
                client.wait_healthy()
                lmp_server.make_catalog(client)
            cls.fired = set()
            cls.addClassCleanup(stack.pop_all().close)

    @classmethod
    def serve(cls, stack, name, args, **kwargs):
        directory = cls.directory / name
        directory.mkdir()
        server = LmpServer(directory, ['--metrics-listen', '127.0.0.1:0', *args], database=cls.database.arguments,
                           env={'LMP_MYSQL_PASSWORD': PASSWORD}, **kwargs)
        stack.callback(server.kill)
        return server.start()

    def await_alerts(self, *names, **labels):
        wait_until(lambda: set(names) <= self.prometheus.firing(**labels), PATIENCE,
                   f'{names} fire; what fires is {self.prometheus.firing()}')
        type(self).fired |= set(names)

    def test_each_alert_fires_when_its_fault_is_made_and_each_panel_shows_something(self):
        faulty, well = self.clients
        with Load(well, 'well', callers=2):
            with Load(faulty, 'calm'):
                wait_until(lambda: self.prometheus.query('lmp_licenses_due'), 30, 'the gauges are seen')
                time.sleep(8)  # longer than any window of the copy of the alerts
                self.assertEqual(self.prometheus.firing(), set(), 'all is well')
                self.ask_panels()
                self.make_slow_and_full(faulty)
                self.make_conflicts()
                self.hold_what_workers_want(faulty)
                self.take_the_database_away(faulty)
            self.lose_logs_and_spans()
            self.let_a_certificate_end()
            self.let_an_api_key_end()
            self.use_up_connections()
        self.assertEqual(set(prometheus.alerts()) - self.fired, set(), 'all alerts were made to fire')
        # All the while the other server was well, and nobody was called for it.
        called = self.prometheus.query(f'count_over_time(ALERTS{{instance="{self.well_instance}",'
                                       'alertstate="firing"}[15m])')
        self.assertEqual(called, [])

    def ask_panels(self):
        dashboard = json.loads((prometheus.DEPLOY / 'grafana' / 'lmp.json').read_text())
        for panel in dashboard['panels']:
            for target in panel['targets']:
                query = target['expr'].replace('$__rate_interval', '30s').replace('$job', 'lmp|well')
                with self.subTest(panel['title'], query=query):
                    self.assertTrue(self.prometheus.query(query), 'no data')

    def make_slow_and_full(self, client):
        slow = ("CREATE TRIGGER slow BEFORE INSERT ON customers FOR EACH ROW SET @slept = SLEEP(1.5)",
                'DROP TRIGGER slow')
        wait_until(lambda: 0 <= self.queue_wait('well') < self.longest_wait(), PATIENCE, 'no more pods are wanted')
        with self.database.altered(*slow), Load(client, 'crowd', callers=16):
            self.await_alerts('LmpSlow', 'LmpShedding', instance=self.faulty_instance)
            wait_until(lambda: self.queue_wait('lmp') > self.longest_wait(), PATIENCE, 'more pods are wanted')

    @staticmethod
    def longest_wait():
        """Of the autoscaler, in seconds."""
        patch, = yaml.safe_load((QUEUE_WAIT / 'kustomization.yaml').read_text())['patches']
        value = yaml.safe_load(patch['patch'])[0]['value']['pods']['target']['averageValue']
        return int(re.fullmatch(r'(\d+)m', value).group(1)) / 1000

    def queue_wait(self, namespace):
        """What prometheus-adapter would find by its rule, of the only pod."""
        rule, = yaml.safe_load((QUEUE_WAIT / 'adapter-rule.yaml').read_text())['rules']
        pods = {labels['pod'] for labels, _ in self.prometheus.query(rule['seriesQuery'])
                if labels['namespace'] == namespace}
        matchers = f'namespace="{namespace}",pod=~"{"|".join(pods)}"'
        query = (rule['metricsQuery'].replace('<<.GroupBy>>', 'pod').replace('<<.LabelMatchers>>', matchers)
                 .replace('[2m]', '[5s]'))
        (labels, value), = self.prometheus.query(query)
        self.assertEqual({labels['pod']}, pods)
        return value

    def make_conflicts(self):
        with self.database.locked('catalogue_version'):
            self.await_alerts('LmpConflicts', instance=self.faulty_instance)

    def hold_what_workers_want(self, client):
        """A customer to whom something is due, and the head of the history, are locked by another session."""
        customer = wait_until(lambda: self.made(lambda: create_customer(client, 'overdue')), 30, 'a customer is made')
        request = assign_request(customer, 'cas-annual', {SERVICE: 5}, request_id=new_request_id())
        wait_until(lambda: self.made(lambda: client.licensing.AssignServicePlan(request, timeout=20)), 30,
                   'a license is made')
        with self.database.locked("customers WHERE customer_id = 'overdue'"):
            self.database.sql("UPDATE licenses SET due_date = DATE_SUB(CURDATE(), INTERVAL 3 DAY) "
                              "WHERE customer_id = 'overdue'")
            with self.database.locked('history_head WHERE id = 1'):
                self.await_alerts('LmpRenewalsLate', 'LmpHistoryLate', job='lmp')

    @staticmethod
    def made(call):
        with contextlib.suppress(lmp_server.grpc.RpcError):  # the queue is short
            return call()

    def take_the_database_away(self, client):
        with Load(client, 'writers', callers=8):
            with self.database.gone_in_a_commit():
                pass
            self.await_alerts('LmpUnknownOutcomes', instance=self.faulty_instance)
            with self.database.gone():
                self.await_alerts('LmpNotReady', 'LmpErrors', 'LmpWorkerLate', instance=self.faulty_instance)

    def lose_logs_and_spans(self):
        """Of a server whose log is a pipe that nobody reads, and whose collector is not there; then it dies."""
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        port, shown = free_port(), free_port()
        process = lmp_server.popen(
            [lmp_server.BIN / 'lmp-server', 'serve', *self.database.arguments, '--listen', f'127.0.0.1:{port}',
             '--metrics-listen', f'127.0.0.1:{shown}', '--otlp-endpoint', '127.0.0.1:1', '--otlp-sample', '1'],
            env=lmp_server.child_environment({'LMP_MYSQL_PASSWORD': PASSWORD}), stdin=subprocess.DEVNULL, stderr=write)
        self.addCleanup(lmp_server.kill, process)
        os.close(write)
        instance = self.prometheus.add('lmp', shown)
        ready = f'lmp_ready{{instance="{instance}"}} == 1'
        wait_until(lambda: self.prometheus.query(ready), PATIENCE, 'it is ready')
        with lmp_server.Client(f'127.0.0.1:{port}') as client:
            def lost():
                for _ in range(200):
                    client.customers.ListPartners(customer_api.ListPartnersRequest(), timeout=20)
                return {'LmpLogLinesDropped', 'LmpSpansDropped'} <= self.prometheus.firing(instance=instance)

            wait_until(lost, PATIENCE, 'LmpLogLinesDropped and LmpSpansDropped fire')
        type(self).fired |= {'LmpLogLinesDropped', 'LmpSpansDropped'}
        lmp_server.kill(process)
        self.await_alerts('LmpDown', instance=instance)

    def let_a_certificate_end(self):
        cert, key = self.directory / 'ending.pem', self.directory / 'ending.key'
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                        '-days', '10', '-subj', '/CN=localhost', '-keyout', key, '-out', cert], check=True,
                       capture_output=True)
        with contextlib.ExitStack() as stack:
            server = self.serve(stack, 'ending', ['--tls-cert', cert, '--tls-key', key])
            instance = self.prometheus.add('lmp', metrics.metrics_port(server))
            self.await_alerts('LmpCertificateEnds', instance=instance)

    def let_an_api_key_end(self):
        credentials.api_key(self.database.lender, '--role', 'ADMIN', '--days', '10')
        self.await_alerts('LmpApiKeyEnds', job='lmp')

    def use_up_connections(self):
        server = http.server.HTTPServer(('127.0.0.1', 0), StandIn)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.shutdown)
        instance = self.prometheus.add('lmp', server.server_port)
        self.await_alerts('LmpConnectionsUsedUp', instance=instance)


if __name__ == '__main__':
    unittest.main()
