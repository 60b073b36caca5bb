"""`serve` and `migrate` on a database that is away, late, somebody else's, changed by hand, or not to be trusted."""

import subprocess
import threading
import time
import unittest

import grpc

import lmp_server
import old_schema
from lmp_server import LmpServer, TemporaryDirectory, call_error, customer_api, run_server_command, wait_until
from private_database import PASSWORD, PrivateDatabase, free_port

FAILURE, USAGE = 1, 64
ENV = {'LMP_MYSQL_PASSWORD': PASSWORD}
WAITS = 'there is no database yet: the server waits for it and is not ready'


class Place(unittest.TestCase):
    """With a directory of its own, and servers that end with the test."""

    def setUp(self):
        temporary = TemporaryDirectory()
        self.addCleanup(temporary.remove)
        self.directory = temporary.path

    def start(self, url, *args, wait=False):
        """A server that was told to start, on a port that is known."""
        directory = self.directory / f'server-{time.monotonic_ns()}'
        directory.mkdir()
        server = LmpServer(directory, args, database=['--mysql-url', url], env=ENV, listen=f'127.0.0.1:{free_port()}')
        self.addCleanup(server.kill)
        server.start(wait=wait)
        server.port = int(server.listen.rsplit(':', 1)[1])
        return server

    def complaints(self, server):
        return [e for e in server.log_entries() if e['message'] == WAITS]

    def assert_waits(self, server, *parts):
        complaint, *_ = wait_until(lambda: self.complaints(server), 20, 'it says that it waits')
        for part in parts:
            self.assertIn(part, complaint['error'])
        self.assertEqual(complaint['port'], server.port)
        with server.client() as client:
            self.assertEqual(client.health_status('liveness'), lmp_server.SERVING)
            for service in '', 'lmp.v1.CustomerService', 'lmp.v1.LicensingService':
                self.assertEqual(client.health_status(service), lmp_server.NOT_SERVING)
            error = call_error(client.customers.ListPartners, customer_api.ListPartnersRequest(), timeout=5)
            self.assertEqual((error.code, error.reason), (grpc.StatusCode.UNAVAILABLE, 'DATABASE_UNAVAILABLE'))
            self.assertIsNotNone(error.retry_delay)
            self.assertNotIn('127.0.0.1', error.message)

    def assert_ends(self, server, code, *parts, timeout=60):
        self.assertEqual(server.process.wait(timeout), code, server.log_text())
        for part in parts:
            self.assertIn(part, server.log_text())


class AwayTest(Place):

    def test_a_database_that_is_down_is_waited_for(self):
        database = PrivateDatabase(self.directory)
        url = f'mysql://late@127.0.0.1:{database.port}/late'
        server = self.start(url, '--auto-migrate')
        self.assert_waits(server, f'127.0.0.1:{database.port}', 'Connection refused', '2002')
        time.sleep(3)
        self.assertEqual(len(self.complaints(server)), 1, 'once a minute')
        self.addCleanup(database.kill)
        database.start('--skip-networking')
        self.assertEqual(database.make('late'), url)
        database.kill()
        self.assertIsNone(server.process.poll())
        database.start()
        server.wait_serving()
        with server.client() as client:
            client.wait_healthy()
            lmp_server.make_catalog(client)
            # And one that goes away later comes back.
            database.kill()
            client.wait_healthy(status=lmp_server.NOT_SERVING)
            database.start()
            client.wait_healthy()
        # Told to stop while it waits, it stops.
        database.kill()
        waiting = self.start(url)
        self.assert_waits(waiting)
        began = time.monotonic()
        self.assertEqual(waiting.stop(), 0)
        self.assertLess(time.monotonic() - began, 10)

    def test_a_socket_that_is_not_there_and_a_host_without_an_address_are_waited_for(self):
        socket = self.directory / 'no.sock'
        self.assert_waits(self.start(f'mysql://lmp@localhost/lmp?socket={socket}'), f'socket {socket}',
                          'No such file or directory')
        self.assert_waits(self.start('mysql://lmp@no-such-host.invalid/lmp'), 'no-such-host.invalid:3306',
                          'CR_UNKNOWN_HOST')

    def test_a_database_that_turns_out_to_be_the_wrong_one_ends_the_waiting(self):
        database = PrivateDatabase(self.directory)
        server = self.start(f'mysql://stranger@127.0.0.1:{database.port}/none')
        self.assert_waits(server)
        self.addCleanup(database.kill)
        database.start()
        self.assert_ends(server, FAILURE, 'database refuses our user', 'lmp-server: ')


class ThereTest(Place):

    @classmethod
    def setUpClass(cls):
        temporary = TemporaryDirectory()
        cls.addClassCleanup(temporary.remove)
        cls.database = PrivateDatabase(temporary.path)
        cls.addClassCleanup(cls.database.kill)
        cls.database.start()

    def migrated(self, name):
        url = self.database.make(name)
        done = run_server_command('migrate', '--mysql-url', url, env=ENV)
        self.assertEqual(done.returncode, 0, done.stderr)
        return url

    def test_what_will_not_pass_ends_it_with_its_name(self):
        url = self.database.make('empty')
        self.assert_ends(self.start(url), FAILURE, 'run lmp-server migrate')
        self.assert_ends(self.start(url + '_not'), FAILURE, 'refuses our user')
        self.assert_ends(self.start(url.replace('empty@', 'nobody@')), FAILURE, 'refuses our user',
                         f'127.0.0.1:{self.database.port}')

    def test_a_migration_that_is_under_way_elsewhere_is_waited_for(self):
        url = self.database.make('elsewhere')
        server = self.start(url)
        wait_until(lambda: self.complaints(server), 10, 'it waits')
        done = run_server_command('migrate', '--mysql-url', url, env=ENV)
        self.assertEqual(done.returncode, 0, done.stderr)
        server.wait_serving()

    def test_a_migration_that_takes_long_is_waited_for_and_then_no_longer(self):
        url = self.database.make('lengthy')
        held = threading.Thread(target=self.database.sql, args=(
            "USE lengthy; SELECT GET_LOCK(CONCAT('lmp-migrate-', LEFT(SHA2(DATABASE(), 256), 40)), 9), SLEEP(19);",))
        held.start()
        self.addCleanup(held.join)
        server = self.start(url)
        held.join()
        self.assertIsNone(server.process.poll(), server.log_text())
        self.assert_ends(server, FAILURE, 'run lmp-server migrate')

    def test_a_schema_that_lost_a_column_or_a_key_is_not_served(self):
        url = self.migrated('damaged')
        self.database.sql('ALTER TABLE damaged.customers DROP COLUMN note; ALTER TABLE damaged.licenses DROP KEY '
                          'licenses_due')
        self.assert_ends(self.start(url), FAILURE, 'customers.note', 'licenses.licenses_due')
        done = run_server_command('check', '--mysql-url', url, env=ENV)
        self.assertEqual(done.returncode, FAILURE)
        self.assertIn('customers.note', done.stderr)

    def test_another_programs_database_is_left_as_it_is(self):
        url = self.database.make('blog')
        self.database.sql('CREATE TABLE blog.wp_posts (id INT)')
        for verb in (['migrate'], ['serve', '--auto-migrate', '--listen', '127.0.0.1:0']):
            done = run_server_command(*verb, '--mysql-url', url, env=ENV)
            self.assertEqual(done.returncode, FAILURE, done.stderr)
            self.assertIn("another program's", done.stderr)
            self.assertIn('wp_posts', done.stderr)
        self.assertEqual(self.database.sql('SHOW TABLES FROM blog'), [['wp_posts']])

    def test_migrate_says_what_it_waits_for(self):
        url = self.database.make('busy')
        self.make_version_4('busy')
        session = lmp_server.popen(['mariadb', '--no-defaults', '--batch', '--skip-column-names', '--unbuffered',
                                    '--socket', self.database.socket, '--user=root', 'busy'], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE,
                                   encoding='utf-8')
        self.addCleanup(session.communicate)
        self.addCleanup(session.kill)
        session.stdin.write("START TRANSACTION WITH CONSISTENT SNAPSHOT; SELECT COUNT(*) FROM license_tokens; SELECT "
                            "'held';\n")
        session.stdin.flush()
        while session.stdout.readline() != 'held\n':
            pass
        threading.Timer(8, session.kill).start()
        began = time.monotonic()
        done = run_server_command('migrate', '--mysql-url', url, env=ENV)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertGreater(time.monotonic() - began, 5)
        self.assertRegex(done.stdout,
                         r'0005_drop_index_of_tokens, statement 1 waits for a table that another session uses')

    def make_version_4(self, schema):
        """The next migration changes license_tokens."""
        self.database.sql(f'USE {schema};\n{old_schema.migrations(1, 4)}')

    def test_tls_that_is_asked_for_is_had_or_there_is_no_start(self):
        ca = self.directory / 'ca.pem'
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                        '-days', '2', '-subj', '/CN=ca', '-keyout', self.directory / 'ca.key', '-out', ca], check=True,
                       capture_output=True)
        url = self.migrated('clear')
        self.assert_ends(self.start(f'{url}?tls_ca={ca}'), FAILURE, 'TLS')
        self.assert_ends(self.start(url, '--mysql-tls-ca', ca), FAILURE, 'TLS')
        done = run_server_command('migrate', '--mysql-url', f'{url}?tls_ca={ca}', env=ENV)
        self.assertEqual(done.returncode, FAILURE, done.stdout)

    def test_tls_by_the_url_is_encrypted_and_verified(self):
        place = TemporaryDirectory()
        self.addCleanup(place.remove)
        cert, key, other = (place.path / name for name in ('db.pem', 'db.key', 'other.pem'))
        for out, keyout in ((cert, key), (other, place.path / 'other.key')):
            subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                            '-days', '2', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout',
                            keyout, '-out', out],
                           check=True, capture_output=True)
        key.chmod(0o644)
        database = PrivateDatabase(place.path)
        self.addCleanup(database.kill)
        database.start(f'--ssl-cert={cert}', f'--ssl-key={key}')
        url = database.make('safe')
        database.sql("ALTER USER safe@'127.0.0.1' REQUIRE SSL")
        done = run_server_command('migrate', '--mysql-url', f'{url}?tls_ca={cert}', env=ENV)
        self.assertEqual(done.returncode, 0, done.stderr)
        server = self.start(f'{url}?tls_ca={cert}', wait=True)
        with server.client() as client:
            client.wait_healthy()
        self.assertEqual(server.stop(), 0)
        self.assert_ends(self.start(f'{url}?tls_ca={other}'), FAILURE, 'TLS')

    def test_settings_that_would_be_dropped_are_refused(self):
        url = 'mysql://lmp@127.0.0.1:1/lmp'
        gone, empty, two = self.directory / 'gone.pem', self.directory / 'empty', self.directory / 'two'
        empty.write_text('\n')
        two.write_text('one\ntwo\n')
        ca = self.directory / 'ca.pem'
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                        '-days', '2', '-subj', '/CN=ca', '-keyout', self.directory / 'ca.key', '-out', ca], check=True,
                       capture_output=True)
        for named, *args in (
                ('gone.pem', '--mysql-url', f'{url}?tls_ca={gone}'),
                ('gone.pem', '--mysql-url', url, '--mysql-tls-ca', gone),
                ('two files', '--mysql-url', f'{url}?tls_ca={ca}', '--mysql-tls-ca', empty),
                ('localhost', '--mysql-url', 'mysql://lmp@db.example:3306/lmp?socket=/run/s'),
                ('localhost', '--mysql-url', 'mysql://lmp@localhost:3307/lmp?socket=/run/s'),
                ('twice', '--mysql-url', 'mysql://lmp@localhost/lmp?socket=/a&socket=/b'),
                ('one line', '--mysql-url', url, '--mysql-password-file', empty),
                ('one line', '--mysql-url', url, '--mysql-password-file', two),
                ('--mysql-url', '--embedded-mysql', self.directory / 'db', '--mysql-password-file', two),
                ('--mysql-url', '--embedded-mysql', self.directory / 'db', '--mysql-tls-ca', ca)):
            done = run_server_command('serve', '--listen', '127.0.0.1:0', *args)
            self.assertEqual(done.returncode, USAGE, (args, done.stderr))
            self.assertIn(named, done.stderr, args)
        self.assertFalse((self.directory / 'db').exists())


if __name__ == '__main__':
    unittest.main()
