"""What an operator does to a running server, and what a bad place to run in does to it: signals, logs, ports,
directories."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import unittest

import grpc

import health_pb2
import lmp_server
from database_faults import BorrowingServerTestCase
from lmp_server import (LmpServer, ServerTestCase, call_error, create_customer, customer_api, licensing_api,
                        new_request_id, run_server_command, wait_until)
from lmp.v1 import license_token_pb2
from private_database import free_port

FAILURE = 1


class StalledLogTest(unittest.TestCase):
    """Standard error is a pipe that nobody reads."""

    def setUp(self):
        temporary = lmp_server.TemporaryDirectory()
        self.addCleanup(temporary.remove)
        self.reader, self.writer = os.pipe()
        self.addCleanup(os.close, self.reader)
        self.port = free_port()
        self.process = lmp_server.popen(
            [lmp_server.BIN / 'lmp-server', 'serve', '--embedded-mysql', temporary.path / 'db', '--listen',
             f'127.0.0.1:{self.port}', '--drain-timeout', '5'], env=lmp_server.child_environment(),
            stdin=subprocess.DEVNULL, stdout=self.writer, stderr=self.writer)
        os.close(self.writer)
        self.addCleanup(lambda: lmp_server.kill(self.process))
        self.client = lmp_server.Client(f'127.0.0.1:{self.port}')
        self.addCleanup(self.client.channel.close)
        self.client.wait_healthy()

    def call(self, count):
        """More than the pipe and the server's buffer take together: each line is some 300 bytes."""
        request = customer_api.GetCustomerRequest(name='customers/nobody')

        def one(i):
            return call_error(self.client.customers.GetCustomer, request, timeout=10,
                              metadata=[('x-request-id', f'{i:064}')])

        for error in lmp_server.in_parallel(one, range(count), 16):
            self.assertEqual(error.code, grpc.StatusCode.NOT_FOUND)

    def test_nobody_waits_for_the_reader_and_the_end_comes_in_time(self):
        self.call(4500)
        self.assertEqual(self.client.health_status(), lmp_server.SERVING)
        self.assertEqual(self.client.health_status('liveness'), lmp_server.SERVING)
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(30), 0)
        self.assertLess(time.monotonic() - began, 10)

    def test_what_was_dropped_is_counted_in_the_next_line(self):
        self.call(7000)  # 1.6 MB of lines: the buffer has one, the pipe 64 kB
        text = b''
        os.set_blocking(self.reader, False)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not re.search(rb'"dropped":[^\n]*\n', text):  # the whole line
            try:
                text += os.read(self.reader, 1 << 20)
            except BlockingIOError:
                time.sleep(0.05)  # the writer goes on
                self.call(1)      # the next line, once there is room for it
        lines = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith(b'\n')]
        dropped = sum(line.get('dropped', 0) for line in lines)
        self.assertGreater(dropped, 0)
        self.assertIn('log lines were dropped', [line['message'][:22] for line in lines])
        self.assertGreaterEqual(sum(line['message'] == 'call' for line in lines) + dropped, 7000)

    def test_a_reader_that_goes_away_does_not_end_the_server(self):
        os.close(os.dup(self.reader))
        os.dup2(os.open('/dev/null', os.O_RDONLY), self.reader)  # the pipe's last reader is gone
        self.call(50)
        self.assertIsNone(self.process.poll())
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(30), 0)


class HangUpTest(unittest.TestCase):
    """SIGHUP: read the settings again."""

    def setUp(self):
        temporary = lmp_server.TemporaryDirectory()
        self.addCleanup(temporary.remove)
        self.directory = temporary.path
        self.config = self.directory / 'lmp.toml'

    def openssl(self, *args):
        subprocess.run(['openssl', *map(str, args)], check=True, capture_output=True)

    def key(self, name):
        self.openssl('genpkey', '-algorithm', 'ed25519', '-out', self.directory / name)
        return self.directory / name

    def certificate(self, name):
        """In server.pem and server.key, as one replaces them: whole files, by a rename."""
        self.openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                     '-subj', f'/CN={name}', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout',
                     self.directory / 'new.key', '-out', self.directory / 'new.pem')
        os.replace(self.directory / 'new.key', self.directory / 'server.key')
        os.replace(self.directory / 'new.pem', self.directory / 'server.pem')
        return (self.directory / 'server.pem').read_bytes()

    def serve(self, *args):
        server = LmpServer(self.directory, ['--config', self.config, *args])
        self.addCleanup(server.kill)
        return server.start()

    def hang_up(self, server, message='the settings were read again'):
        count = len(server.log_entries())
        server.process.send_signal(signal.SIGHUP)
        return wait_until(lambda: next((e for e in server.log_entries()[count:] if e['message'] == message), None), 10,
                          message)

    def test_the_log_level_and_the_token_keys_change_and_nothing_else_happens(self):
        old, new = self.key('old.pem'), self.key('new-key.pem')
        self.config.write_text(f'log-level = "info"\ntoken-key-file = ["{old}"]\n')
        server = self.serve()
        with server.client() as client:
            keys = license_token_pb2.ListLicenseTokenKeysRequest()
            before = [k.key_id for k in client.licensing.ListLicenseTokenKeys(keys).keys]
            self.config.write_text(f'log-level = "warning"\ntoken-key-file = ["{new}", "{old}"]\nmax-batch = 7\n')
            self.hang_up(server)
            later, = wait_until(lambda: [e for e in server.log_entries()
                                         if e['message'].startswith('these settings take effect')], 5,
                                'what needs a restart')
            self.assertEqual(later['settings'], '--max-batch')
            after = [k.key_id for k in client.licensing.ListLicenseTokenKeys(keys).keys]
            self.assertEqual((len(after), after[1:]), (2, before))
            count = len(server.log_entries())
            client.customers.ListPartners(customer_api.ListPartnersRequest())
            self.config.write_text(f'log-level = "info"\ntoken-key-file = ["{new}", "{old}"]\n')
            self.hang_up(server)
            self.assertEqual([e for e in server.log_entries()[count:] if e['message'] == 'call'], [],
                             'a call is only information')
            client.customers.ListPartners(customer_api.ListPartnersRequest())
            wait_until(lambda: [e for e in server.log_entries()[count:] if e['message'] == 'call'], 5,
                       'calls are logged again')
            # What can't be read changes nothing, and is said.
            self.config.write_text(f'token-key-file = ["{self.directory}/gone.pem"]\n')
            refused = self.hang_up(server, "the settings can't be read again: all stay as they were")
            self.assertIn('gone.pem', refused['error'])
            self.assertEqual([k.key_id for k in client.licensing.ListLicenseTokenKeys(keys).keys], after)
        self.assertEqual(server.stop(), 0)

    def test_certificates_are_read_again(self):
        self.config.write_text('')
        first = self.certificate('first')
        server = self.serve('--tls-cert', self.directory / 'server.pem', '--tls-key', self.directory / 'server.key')

        def trusts(certificate):
            with lmp_server.Client(server.target, grpc.ssl_channel_credentials(certificate)) as client:
                try:
                    client.health_status(timeout=2)
                    return True
                except grpc.RpcError:
                    return False

        self.assertTrue(trusts(first))
        second = self.certificate('second')
        self.hang_up(server)
        wait_until(lambda: trusts(second), 20, 'the new certificate is shown')
        (self.directory / 'server.pem').write_text('garbage')
        refused = self.hang_up(server, "the settings can't be read again: all stay as they were")
        self.assertIn('server.pem', refused['error'])
        self.assertTrue(trusts(second))


class LeftCallTest(BorrowingServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0', '--write-workers', '1')

    def test_a_call_that_its_client_left_is_logged_as_canceled_with_its_time(self):
        customer = create_customer(self.client, 'left-behind')
        request = customer_api.DisableCustomerRequest(name=customer, request_id=new_request_id())
        late = customer_api.EnableCustomerRequest(name=customer, request_id=new_request_id())
        with self.database.locked("customers WHERE customer_id = 'left-behind'"):
            call = self.client.customers.DisableCustomer.future(request, timeout=30,
                                                                metadata=[('x-request-id', 'left')])
            wait_until(self.database.waiting, 10, 'it waits for the lock')
            time.sleep(1)
            call.cancel()
            error = call_error(self.client.customers.EnableCustomer, late, timeout=2,
                               metadata=[('x-request-id', 'late')])
            self.assertEqual(error.code, grpc.StatusCode.DEADLINE_EXCEEDED)
            time.sleep(1)
        left = wait_until(lambda: self.line('left'), 40, 'its line')
        self.assertEqual(left['code'], 'CANCELLED')
        self.assertEqual(left['outcome'], 'CANCELLED', 'what came of it: it stopped at its next step')
        self.assertGreater(left['duration_us'], 900_000)
        self.assertLess(left['outcome_us'], left['duration_us'] + 1_000_000, 'it does not wait for the lock any more')
        late = wait_until(lambda: self.line('late'), 40, 'its line')
        self.assertEqual(late['code'], 'DEADLINE_EXCEEDED')

    def line(self, trace):
        return next((e for e in self.server.log_entries() if e.get('x_request_id') == trace), None)


class SlowDatabaseTest(BorrowingServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '1', '--drain-timeout', '3')

    def test_not_serving_is_said_first_even_while_a_worker_waits_for_a_lock(self):
        customer = create_customer(self.client, 'due-today')
        self.client.licensing.AssignServicePlan(lmp_server.assign_request(customer, 'cas-annual',
                                                                          {'cloud-app-security': 5}))
        watch = self.client.health.Watch(health_pb2.HealthCheckRequest(service='lmp.v1.LicensingService'), timeout=60)
        self.assertEqual(next(watch).status, lmp_server.SERVING)
        with self.database.locked("customers WHERE customer_id = 'due-today'"):
            self.database.sql("UPDATE licenses SET due_date = '2020-01-01' WHERE customer_id = 'due-today'")
            wait_until(self.database.waiting, 20, 'the worker waits for the lock')
            began = time.monotonic()
            self.server.terminate()
            self.assertEqual(next(watch).status, lmp_server.NOT_SERVING)
            self.assertLess(time.monotonic() - began, 2)
            time.sleep(1)
        self.assertEqual(self.server.process.wait(60), 0)


class PlaceTest(unittest.TestCase):

    def setUp(self):
        temporary = lmp_server.TemporaryDirectory()
        self.addCleanup(temporary.remove)
        self.directory = temporary.path

    def test_check_makes_nothing(self):
        done = run_server_command('check', '--embedded-mysql', self.directory / 'tpyo')
        self.assertEqual(done.returncode, FAILURE)
        self.assertIn('there is none in', done.stderr)
        self.assertIn('tpyo', done.stderr)
        self.assertFalse((self.directory / 'tpyo').exists())
        (self.directory / 'empty').mkdir()
        done = run_server_command('check', '--embedded-mysql', self.directory / 'empty')
        self.assertEqual(done.returncode, FAILURE)
        self.assertEqual(list((self.directory / 'empty').iterdir()), [])

    def test_a_port_that_is_taken_is_known_before_anything_is_made(self):
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            began = time.monotonic()
            done = run_server_command('serve', '--embedded-mysql', self.directory / 'db', '--listen',
                                      f'127.0.0.1:{taken.getsockname()[1]}')
            self.assertEqual(done.returncode, FAILURE)
            self.assertIn('in use', done.stderr)
            self.assertLess(time.monotonic() - began, 2)
        self.assertFalse((self.directory / 'db').exists())

    @unittest.skipUnless(os.geteuid() == 0, 'not root: the database runs as ourselves')
    def test_a_key_that_the_databases_user_may_have_chosen_is_not_used(self):
        database = self.directory / 'db'
        server = LmpServer(self.directory)
        self.addCleanup(server.kill)
        server.start()
        key = database / 'token-key.pem'
        self.assertEqual((key.stat().st_uid, key.stat().st_mode & 0o777, database.stat().st_uid), (0, 0o600, 0))
        self.assertEqual(server.stop(), 0)
        os.chown(key, 65534, 65534)
        server.start(wait=False)
        self.assertEqual(server.process.wait(30), FAILURE)
        self.assertIn('token-key.pem', server.log_text())
        key.unlink()
        key.symlink_to(self.directory / 'elsewhere.pem')
        server.start(wait=False)
        self.assertEqual(server.process.wait(30), FAILURE)
        key.unlink()
        server.start()


if __name__ == '__main__':
    unittest.main()
