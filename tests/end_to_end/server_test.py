"""`lmp-server` as its operator sees it: flags, environment, config file, refusals, subcommands, logs."""

import datetime
import json
import re
import socket
import unittest
import uuid

import lmp_server
from lmp_server import (LmpServer, ServerTestCase, assign_request, call_error, create_customer, customer_api,
                        licensing_api, new_request_id, run_server_command)

FAILURE, VIOLATIONS, USAGE = 1, 3, 64


class SettingsTest(unittest.TestCase):
    """Starts nothing that lasts, but for what each test needs."""

    def setUp(self):
        temporary = lmp_server.TemporaryDirectory()
        self.addCleanup(temporary.remove)
        self.directory = temporary.path

    def serve(self, **kwargs):
        server = LmpServer(self.directory, **kwargs)
        self.addCleanup(lambda: server.kill())
        return server.start()

    def assert_refused(self, code, parts, *args, env=None):
        done = run_server_command(*args, env=env)
        self.assertEqual(done.returncode, code, f'{args}: {done.stdout}{done.stderr}')
        for part in parts:
            self.assertIn(part, done.stderr, args)
        return done.stderr

    def test_a_database_must_be_chosen(self):
        for verb in ('serve', 'migrate', 'check'):
            self.assert_refused(USAGE, ['--embedded-mysql DIR', '--mysql-url mysql://user@host:port/db'], verb)
        self.assert_refused(USAGE, ['--embedded-mysql', '--mysql-url', 'exclude each other'], 'serve',
                            '--embedded-mysql', self.directory / 'db', '--mysql-url', 'mysql://lmp@127.0.0.1/lmp')
        self.assertFalse((self.directory / 'db').exists())

    def test_wrong_command_lines_are_64(self):
        database = ('--embedded-mysql', self.directory / 'db')
        self.assert_refused(USAGE, ['subcommand'])
        self.assert_refused(USAGE, ['--frobnicate'], 'serve', '--frobnicate')
        self.assert_refused(USAGE, ['--write-workers', '1 to 64'], 'serve', *database, '--write-workers', '0')
        self.assert_refused(USAGE, ['--max-queue'], 'serve', *database, env={'LMP_MAX_QUEUE': 'many'})
        self.assert_refused(USAGE, ['--log-level'], 'serve', *database, env={'LMP_LOG_LEVEL': 'loud'})
        self.assert_refused(USAGE, ['--log-level: loud is not info, warning or error'], 'serve', *database,
                            '--log-level', 'loud')
        for address in ('127.0.0.1:99999', 'nonsense', ':50051', '127.0.0.1:', '127.0.0.1:http'):
            self.assert_refused(USAGE, ['--listen', 'HOST:PORT'], 'serve', *database, '--listen', address)
        self.assert_refused(USAGE, ['mysql://'], 'serve', '--mysql-url', 'postgres://u@h/d')
        self.assertFalse((self.directory / 'db').exists())

    def test_a_password_in_the_url_is_refused_and_not_repeated(self):
        error = self.assert_refused(USAGE, ['LMP_MYSQL_PASSWORD'], 'serve', '--mysql-url',
                                    'mysql://lmp:hunter2@127.0.0.1/lmp')
        self.assertNotIn('hunter2', error)

    def test_plaintext_is_for_loopback_unless_told(self):
        database = ('--embedded-mysql', self.directory / 'db')
        for address in ('0.0.0.0:0', '[::]:0', '10.0.0.1:50051', 'example.org:50051'):
            self.assert_refused(USAGE, [address, '--insecure', '--tls-cert'], 'serve', *database, '--listen', address)
        self.assert_refused(USAGE, ['--tls-cert', '--tls-key'], 'serve', *database, '--tls-cert', 'x.pem')
        self.assert_refused(USAGE, ['--tls-client-ca'], 'serve', *database, '--tls-client-ca', 'x.pem')
        self.assertFalse((self.directory / 'db').exists())

    def test_a_config_file_is_weaker_than_the_environment_and_that_than_flags(self):
        config = self.directory / 'lmp.toml'
        config.write_text(f'embedded-mysql = "{self.directory}/db"\nlisten = "nonsense-of-the-file"\nmax-message-kib = '
                          '1\n'
                          '[serve]\ndrain-timeout = 1\n')
        self.assert_refused(USAGE, ['nonsense-of-the-file'], 'serve', '--config', config)
        self.assert_refused(USAGE, ['of-the-environment'], 'serve', '--config', config,
                            env={'LMP_LISTEN': 'of-the-environment'})
        server = self.serve(database=['--config', config], env={'LMP_LISTEN': 'of-the-environment'},
                            listen='127.0.0.1:0')
        with server.client() as client:
            error = call_error(client.customers.ListCustomers, customer_api.ListCustomersRequest(page_token='x' * 2000))
            self.assertEqual(error.code.name, 'RESOURCE_EXHAUSTED', 'max-message-kib is the file\'s')
        self.assertEqual(server.stop(), 0)
        config.write_text(f'embedded-mysql = "{self.directory}/db"\n')
        done = run_server_command('check', env={'LMP_CONFIG': str(config)})
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_config_file_with_an_unknown_key_or_that_is_not_there_is_refused(self):
        config = self.directory / 'lmp.toml'
        config.write_text(f'embedded-mysql = "{self.directory}/db"\nlisen = "127.0.0.1:0"\n')
        self.assert_refused(USAGE, ['lisen'], 'serve', '--config', config)
        self.assert_refused(USAGE, ['gone.toml'], 'serve', '--config', self.directory / 'gone.toml')
        self.assert_refused(USAGE, ['gone.toml'], 'check', env={'LMP_CONFIG': str(self.directory / 'gone.toml')})

    def test_a_directory_in_use_is_refused_with_the_process_that_holds_it(self):
        server = self.serve()
        for verb in ('serve', 'check', 'migrate'):
            listen = ('--listen', '127.0.0.1:0') if verb == 'serve' else ()
            error = self.assert_refused(FAILURE, ['in use'], verb, '--embedded-mysql', server.database_directory,
                                        *listen)
            self.assertRegex(error, rf'\b{server.process.pid}\b')
        with server.client() as client:
            client.customers.ListPartners(customer_api.ListPartnersRequest())  # undisturbed

    def test_a_directory_with_something_else_in_it_is_left_alone(self):
        (self.directory / 'thesis.txt').write_text('unique')
        self.assert_refused(FAILURE, [str(self.directory)], 'serve', '--embedded-mysql', self.directory,
                            '--listen', '127.0.0.1:0')
        self.assertEqual([p.name for p in self.directory.iterdir()], ['thesis.txt'])

    def test_a_port_in_use_is_refused_with_its_address(self):
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            address = f'127.0.0.1:{taken.getsockname()[1]}'
            self.assert_refused(FAILURE, [address, 'in use'], 'serve', '--embedded-mysql', self.directory / 'db',
                                '--listen', address)

    def test_version_and_help_need_no_database(self):
        done = run_server_command('version')
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r'^lmp-server \d+\.\d+\.\d+ \(schema \d+ to \d+\)\n$')
        done = run_server_command('serve', '--help')
        self.assertEqual(done.returncode, 0)
        self.assertIn('LMP_LISTEN', done.stdout)

    def test_migrate_says_what_it_does_and_again_that_nothing_was_left_to_do(self):
        database = ('--embedded-mysql', self.directory / 'db')
        done = run_server_command('migrate', *database)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r'migration 1 create_tables: statement 1 of \d+\n')
        version = re.search(r'schema is at version (\d+)\n', done.stdout)
        done = run_server_command('migrate', *database)
        self.assertEqual((done.returncode, done.stdout), (0, version[0]))
        done = run_server_command('check', *database)
        self.assertEqual((done.returncode, done.stdout), (0, '0 rows checked, 0 violations\n'))


class CheckTest(ServerTestCase, unittest.TestCase):

    def test_check_names_corrupted_rows_and_exits_3(self):
        customer = create_customer(self.client, 'corrupted')
        self.client.licensing.AssignServicePlan(assign_request(customer, 'cas-annual', {'cloud-app-security': 5}))
        license, = self.server.sql("SELECT license_id FROM licenses WHERE customer_id = 'corrupted'")
        self.server.sql("UPDATE licenses SET units = 6 WHERE customer_id = 'corrupted'; "
                        "UPDATE customers SET city = 'Paris' WHERE customer_id = 'corrupted'")
        self.assertEqual(self.server.stop(), 0)
        done = self.server.check()
        self.assertEqual(done.returncode, VIOLATIONS, done.stdout + done.stderr)
        violations = done.stdout.splitlines()
        self.assertRegex(violations[-1], r'^\d+ rows checked, 2 violations$')
        self.assertEqual(len([v for v in violations if v.startswith('I3:') and license[0] in v]), 1, violations)
        self.assertEqual(len([v for v in violations if v.startswith('I3: customers corrupted')]), 1, violations)


class LogTest(ServerTestCase, unittest.TestCase):
    EMAIL = 'ada.secret@bakery.example'

    def test_each_call_is_one_line_of_json_without_personal_data(self):
        start = len(self.settled_log()) + 1
        customer = create_customer(self.client, 'logged-one', display_name='Geheime Bäckerei', contact=dict(
            given_name='Adelheid', family_name='Bergmann', email=self.EMAIL), emergency_emails=['night@bakery.example'])
        request_id = new_request_id()
        request = assign_request(customer, 'cas-annual', {'cloud-app-security': 5}, request_id=request_id)
        for _ in range(2):
            self.client.licensing.AssignServicePlan(request, metadata=[('x-request-id', 'trace-1'),
                                                                       ('traceparent', '00-ab-cd-01')])
        call_error(self.client.customers.CreateCustomer, customer_api.CreateCustomerRequest(
            customer_id='x', customer=lmp_server.new_customer(display_name='Geheime Bäckerei',
                                                              contact=dict(email=self.EMAIL + '@'))))
        call_error(self.client.customers.GetCustomer, customer_api.GetCustomerRequest(name='customers/gone'),
                   metadata=[('x-request-id', 'a"b\\c')])
        self.client.customers.ListCustomers(customer_api.ListCustomersRequest())
        self.client.licensing.CheckLicense(licensing_api.CheckLicenseRequest(customer=customer,
                                                                             product='products/cloud-app-security'))

        calls = lmp_server.wait_until(lambda: self.calls(start, 7), 5, 'seven lines')
        self.assertEqual([(c['method'].split('/')[1], c['code']) for c in calls], [
            ('CreateCustomer', 'OK'), ('AssignServicePlan', 'OK'), ('AssignServicePlan', 'OK'),
            ('CreateCustomer',
                                                                                    'INVALID_ARGUMENT'),
            ('GetCustomer', 'NOT_FOUND'), ('ListCustomers', 'OK'), ('CheckLicense', 'OK')])
        self.assertEqual([c.get('reason') for c in calls],
                         [None, None, None, 'INVALID_FIELDS', 'CUSTOMER_NOT_FOUND', None, None])
        self.assertEqual([c['replayed'] for c in calls[1:3]], [False, True])
        for call in calls[1:3]:
            self.assertEqual((call['request_id'], call['x_request_id'], call['traceparent']),
                             (request_id, 'trace-1', '00-ab-cd-01'))
        self.assertEqual(calls[4]['x_request_id'], 'a"b\\c')
        for call in calls:
            self.assertTrue(call['caller'])
            self.assertGreater(call['duration_us'], 0)
            datetime.datetime.fromisoformat(call['time'].replace('Z', '+00:00'))
        uuid.UUID(calls[0]['request_id'])

        self.assertEqual(self.server.stop(), 0)
        text = self.server.log_text()
        for line in text.splitlines():
            self.assertIsInstance(json.loads(line), dict, line)
        for personal in (self.EMAIL, 'Adelheid', 'Bergmann', 'Geheime', 'night@'):
            self.assertNotIn(personal, text)

    def calls(self, start, count):
        calls = [e for e in self.server.log_entries()[start:] if e['message'] == 'call']
        return calls if len(calls) >= count else None


if __name__ == '__main__':
    unittest.main()
