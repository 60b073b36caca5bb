"""`lmp-server health`, and what a server tells who started it (sd_notify)."""

import socket
import threading
import unittest

import grpc

import lmp_server
from lmp_server import Client, LmpServer, call_error, customer_api, run_server_command, wait_until
from tls_test import Authority

NO_DATABASE = ['--mysql-url', 'mysql://lmp@127.0.0.1:1/lmp']
UNWELL, USAGE = 1, 64


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class HealthCase(unittest.TestCase):
    def setUp(self):
        temporary = lmp_server.TemporaryDirectory()
        self.addCleanup(temporary.remove)
        self.directory = temporary.path

    def serve(self, *args, **kwargs):
        server = LmpServer(self.directory, args, **kwargs)
        self.addCleanup(server.kill)
        return server


class HealthTest(HealthCase):
    def assert_health(self, wanted, *args, says='', env=None):
        done = run_server_command('health', *args, env=env)
        self.assertEqual(done.returncode, wanted, done.stderr)
        self.assertIn(says, done.stderr)
        if wanted == 0:
            self.assertEqual(done.stdout + done.stderr, '')

    def wait_alive(self, listen):
        wait_until(lambda: run_server_command('health', 'liveness', '--listen', listen).returncode == 0, 20, 'it lives')

    def test_of_a_server_that_is_well_and_of_none(self):
        server = self.serve().start()
        self.assert_health(0, '--listen', server.target)
        self.assert_health(0, 'liveness', '--listen', server.target)
        self.assert_health(0, env={'LMP_LISTEN': f'0.0.0.0:{server.port}'})  # the settings of the server beside it
        config = self.directory / 'lmp.toml'
        config.write_text(f'listen = "0.0.0.0:{server.port}"\nlog-level = "error"\n')
        self.assert_health(0, '--config', config)
        self.assert_health(UNWELL, 'lmp.v1.NoSuchService', '--listen', server.target, says='no answer')
        server.stop()
        self.assert_health(UNWELL, '--listen', server.target, says='no answer from 127.0.0.1:')

    def test_a_server_without_its_database_lives_and_is_not_ready(self):
        server = self.serve(database=NO_DATABASE, listen=f'127.0.0.1:{free_port()}').start(wait=False)
        self.wait_alive(server.listen)
        self.assert_health(UNWELL, '--listen', server.listen, says='NOT_SERVING')

    def test_on_a_unix_socket(self):
        listen = f'unix:{self.directory}/lmp.sock'
        server = self.serve(database=NO_DATABASE, listen=listen).start(wait=False)
        self.wait_alive(listen)
        self.assertIsNone(server.process.poll())

    def test_with_tls_and_where_callers_need_certificates(self):
        authority = Authority(self.directory, 'authority')
        cert, key = authority.issue('server')
        tls = ['--tls-cert', cert, '--tls-key', key]
        server = self.serve(*tls).start()
        self.assert_health(0, '--listen', server.target, *tls)
        self.assert_health(UNWELL, '--listen', server.target, says='no answer')  # in plaintext
        server.stop()

        health = f'127.0.0.1:{free_port()}'
        mutual = [*tls, '--tls-client-ca', authority.cert]
        server = self.serve(*mutual, '--health-listen', health).start()
        self.assert_health(0, '--listen', server.target, *mutual, '--health-listen', health)
        self.assert_health(USAGE, '--listen', server.target, *mutual, says='--health-listen')
        # Nothing but health is to be had there.
        with Client(health) as client:
            error = call_error(client.customers.ListPartners, customer_api.ListPartnersRequest(), timeout=10)
            self.assertEqual(error.code, grpc.StatusCode.UNIMPLEMENTED, error)
        self.assertEqual(server.stop(), 0)

    def test_where_it_listens_is_checked_before_anything_else(self):
        done = run_server_command('serve', *NO_DATABASE, '--health-listen', 'nonsense')
        self.assertEqual(done.returncode, USAGE)
        self.assertIn('--health-listen nonsense', done.stderr)
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            address = f'127.0.0.1:{taken.getsockname()[1]}'
            done = run_server_command('serve', *NO_DATABASE, '--listen', '127.0.0.1:0', '--health-listen', address)
            self.assertEqual(done.returncode, UNWELL)
            self.assertIn(f"can't listen on {address}", done.stderr)


class NotifyTest(HealthCase):
    def listen(self, address):
        """What comes to a socket, as it comes."""
        told = []
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(listener.close)
        listener.bind(address)
        listener.settimeout(60)

        def receive():
            while not told or 'STOPPING=1' not in told[-1]:
                told.append(listener.recv(4096).decode().splitlines())

        thread = threading.Thread(target=receive, daemon=True)
        thread.start()
        return told, thread

    def play(self, address, variable):
        told, thread = self.listen(address)
        server = self.serve(env={'NOTIFY_SOCKET': variable}).start()
        self.assertEqual(server.stop(), 0)
        thread.join(10)
        self.assertEqual(told, [['READY=1', 'STATUS=serving'], ['STOPPING=1', 'STATUS=draining']])

    def test_ready_when_it_serves_and_stopping_when_it_drains(self):
        self.play(f'{self.directory}/notify', f'{self.directory}/notify')

    def test_a_socket_without_a_file(self):
        name = f'lmp-test-{self.directory.name}'
        self.play(f'\0{name}', f'@{name}')

    def test_not_ready_while_the_database_is_away(self):
        told, _ = self.listen(f'{self.directory}/notify')
        address = f'127.0.0.1:{free_port()}'
        server = self.serve(database=NO_DATABASE, listen=address, env={'NOTIFY_SOCKET': f'{self.directory}/notify'})
        server.start(wait=False)
        wait_until(lambda: told, 20, 'it says something')
        self.assertEqual(server.stop(), 0)
        self.assertEqual(told[0], ['STATUS=waiting for the database'])
        self.assertNotIn(['READY=1', 'STATUS=serving'], told)

    def test_nobody_listens(self):
        for times, variable in enumerate((f'{self.directory}/nonexistent', 'nonsense', '', '/' + 200 * 'x'), 1):
            server = self.serve(database=NO_DATABASE, env={'NOTIFY_SOCKET': variable}).start(wait=False)
            # They all write into one log.
            wait_until(lambda: server.log_text().count('no database yet') >= times, 20, 'it has said so')
            self.assertEqual(server.stop(), 0)


if __name__ == '__main__':
    unittest.main()
