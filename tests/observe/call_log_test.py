"""The line of a call says who, what, and where its time went; --log-calls and --slow-call-ms say which are logged."""

import json
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import time
import unittest

import lmp_server
from database_faults import BorrowingServerTestCase
from lmp_server import (LmpServer, ServerTestCase, assign_request, call_error, create_customer, customer_api,
                        in_parallel, licensing_api, new_request_id, run_server_command, wait_until)

PAGE = pathlib.Path(__file__).parents[2] / 'deploy' / 'README.md'
TIMES = ('queue_us', 'database_us', 'commit_us', 'decide_us', 'render_us')


def line_of(server, trace):
    return wait_until(lambda: next((e for e in server.log_entries() if e.get('x_request_id') == trace), None), 10,
                      f'the line of {trace}')


def traced(trace):
    return [('x-request-id', trace)]


class WhereTheTimeWentTest(ServerTestCase, unittest.TestCase):
    def assign(self, customer_id, trace='unnamed'):
        request = assign_request(create_customer(self.client, customer_id), 'cas-annual', {'cloud-app-security': 5},
                                 request_id=new_request_id())
        self.client.licensing.AssignServicePlan(request, metadata=traced(trace))
        return request.parent

    def test_a_change_says_who_what_and_where_its_time_went(self):
        self.assign('the-first')  # after which the catalog is known
        self.assign('timed', trace='change')
        line = line_of(self.server, 'change')
        self.assertEqual((line['resource'], line['batch'], line['replayed']), ('customers/timed', 1, False))
        self.assertTrue(line['caller'])
        self.assertEqual(line['peer'], 'ipv4:127.0.0.1')
        for part in TIMES:
            self.assertGreater(line[part], 0, part)
        self.assertLessEqual(sum(line[part] for part in TIMES), line['duration_us'] + len(TIMES))
        self.assertEqual(line['statements'], 12, 'as tests/engine/statement_guard_test.cc has it')
        self.assertGreater(line['rows'], 3)
        for absent in ('preview', 'slow', 'slow_statements', 'kept', 'runs', 'locked_us', 'field', 'trace_id'):
            self.assertNotIn(absent, line)

    def test_a_read_of_one_row_reads_as_many_rows_however_much_its_customer_has(self):
        def rows_of(customer, subscriptions):
            create_customer(self.client, customer)
            for number in range(subscriptions):
                request = assign_request(f'customers/{customer}', 'encryption-annual', {'endpoint-encryption': 5})
                if number > 0:
                    request.crossgrade.mode = licensing_api.Crossgrade.EXPLICIT
                    request.crossgrade.resolutions.add(product='products/endpoint-encryption', choice='NEW_LICENSE')
                made = self.client.licensing.AssignServicePlan(request).subscription
            customers, licensing = self.client.customers, self.client.licensing
            reads = {'customer': (customers.GetCustomer, customer_api.GetCustomerRequest, request.parent),
                     'subscription': (licensing.GetSubscription, licensing_api.GetSubscriptionRequest, made.name),
                     'license': (licensing.GetLicense, licensing_api.GetLicenseRequest, made.licenses[0].name)}
            for noun, (read, kind, name) in reads.items():
                self.assertEqual(read(kind(name=name), metadata=traced(f'{customer}-{noun}')).name, name)
            return {noun: line_of(self.server, f'{customer}-{noun}')['rows'] for noun in reads}

        self.assertEqual(rows_of('with-many', 12), rows_of('with-one', 1))

    def test_a_preview_is_told_from_what_it_previews(self):
        customer = create_customer(self.client, 'previewed')
        self.client.licensing.AssignServicePlan(
            assign_request(customer, 'cas-annual', {'cloud-app-security': 5}, validate_only=True),
            metadata=traced('preview'))
        line = line_of(self.server, 'preview')
        self.assertIs(line['preview'], True)
        self.assertGreater(line['commit_us'], 0)  # it ends its transaction, in which nothing was written

    def test_a_read_and_one_that_is_answered_from_memory(self):
        customer = self.assign('read')
        request = licensing_api.CheckLicenseRequest(customer=customer, product='products/cloud-app-security')
        self.client.licensing.CheckLicense(request, metadata=traced('fresh'))
        line = line_of(self.server, 'fresh')
        self.assertEqual((line['resource'], line['statements'], line['rows']), (customer, 1, 1))
        self.assertNotIn('commit_us', line)
        request.max_staleness.seconds = 60
        for trace in ('first', 'again'):
            self.client.licensing.CheckLicense(request, metadata=traced(trace))
        self.assertNotIn('kept', line_of(self.server, 'first'))
        line = line_of(self.server, 'again')
        self.assertIs(line['kept'], True)
        self.assertNotIn('statements', line)

    def test_a_list_and_what_is_asked_of_all(self):
        self.client.customers.ListCustomers(customer_api.ListCustomersRequest(), metadata=traced('list'))
        line = line_of(self.server, 'list')
        self.assertEqual(line['statements'], 3, 'two begin a snapshot')
        self.assertGreater(line['database_us'], 0)

    def test_the_first_wrong_field_is_named_and_nothing_of_its_value(self):
        call_error(self.client.customers.CreateCustomer, customer_api.CreateCustomerRequest(
            customer_id='wrong', customer=lmp_server.new_customer(contact=dict(email='no address'))),
            metadata=traced('wrong'))
        line = line_of(self.server, 'wrong')
        self.assertEqual((line['code'], line['reason']), ('INVALID_ARGUMENT', 'INVALID_FIELDS'))
        self.assertTrue(line['field'].startswith('customer.contact'), line['field'])
        self.assertNotIn('statements', line)
        call_error(self.client.customers.GetCustomer, customer_api.GetCustomerRequest(name='ada@bakery.example'),
                   metadata=traced('no-name'))
        line = line_of(self.server, 'no-name')
        self.assertEqual((line['resource'], line['field']), ('(not a name)', 'name'))

    def test_calls_of_one_batch_say_how_many_they_were(self):
        customers = [create_customer(self.client, f'many-{i}') for i in range(40)]

        def check(customer):
            self.client.licensing.CheckLicense(licensing_api.CheckLicenseRequest(
                customer=customer, product='products/cloud-app-security'), metadata=traced(customer))

        def together():
            in_parallel(check, customers, 40)
            return max(line_of(self.server, c)['batch'] for c in customers) > 1

        wait_until(together, 30, 'some calls share a batch')

    def test_the_page_says_how_to_find_a_call_and_that_works(self):
        if not shutil.which('jq'):
            self.skipTest('no jq here')
        call_error(self.client.customers.GetCustomer, customer_api.GetCustomerRequest(name='customers/nobody'),
                   metadata=traced('find-me'))
        line_of(self.server, 'find-me')
        commands = re.findall(r'^jq .*x_request_id.*$', PAGE.read_text(), re.MULTILINE)
        self.assertTrue(commands)
        for command in commands:
            command = command.replace('ID', 'find-me').replace('server.log', str(self.server.log_path))
            done = subprocess.run(['bash', '-c', command], capture_output=True, encoding='utf-8', timeout=30)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn('CUSTOMER_NOT_FOUND', done.stdout, command)


class SlowCallsTest(BorrowingServerTestCase, unittest.TestCase):
    server_args = ['--slow-call-ms', '200', '--log-calls', 'slow']

    def test_a_slow_call_names_its_statements_and_others_are_not_logged(self):
        customer = create_customer(self.client, 'slow')
        self.database.sql("CREATE TRIGGER slow BEFORE INSERT ON licenses FOR EACH ROW SET @slept = SLEEP(0.4)")
        self.addCleanup(self.database.sql, 'DROP TRIGGER slow')
        self.client.licensing.AssignServicePlan(assign_request(
            customer, 'cas-annual', {'cloud-app-security': 5}, request_id=new_request_id()), metadata=traced('slow'))
        line = line_of(self.server, 'slow')
        self.assertIs(line['slow'], True)
        self.assertTrue(line['slow_statements'].startswith('INSERT licenses 4'), line['slow_statements'])
        self.assertGreater(line['database_us'], 400_000)
        self.assertEqual([e for e in self.server.log_entries()
                          if e['message'] == 'call' and e['duration_us'] < 200_000], [])

    def test_the_wait_for_a_lock_of_another_session_is_told(self):
        customer = create_customer(self.client, 'held')
        request = assign_request(customer, 'cas-annual', {'cloud-app-security': 5}, request_id=new_request_id())
        with self.database.locked("customers WHERE customer_id = 'held'"):
            waiting = threading.Thread(target=lambda: self.client.licensing.AssignServicePlan(
                request, timeout=30, metadata=traced('held')))
            waiting.start()
            time.sleep(1)
        waiting.join()
        line = line_of(self.server, 'held')
        self.assertGreater(line['locked_us'], 500_000)
        self.assertLess(line['locked_us'], line['duration_us'])
        self.assertLess(line['database_us'], 500_000)


class WhichCallsTest(unittest.TestCase):
    def setUp(self):
        temporary = lmp_server.TemporaryDirectory()
        self.addCleanup(temporary.remove)
        self.directory = temporary.path

    def serve(self, config):
        file = self.directory / 'lmp.toml'
        file.write_text(config)
        server = LmpServer(self.directory, ['--config', file])
        self.addCleanup(server.kill)
        server.start()
        return server, file

    def calls(self, client, prefix, count):
        for i in range(count):
            client.customers.ListPartners(customer_api.ListPartnersRequest(), metadata=traced(f'{prefix}-{i}'))
        call_error(client.customers.GetPartner, customer_api.GetPartnerRequest(name='partners/none'),
                   metadata=traced(f'{prefix}-error'))

    def logged(self, server, prefix):
        return [e['x_request_id'] for e in server.log_entries() if e.get('x_request_id', '').startswith(prefix)]

    def reload(self, server, file, config):
        def said():
            return sum(e['message'] == 'the settings were read again' for e in server.log_entries())
        before = said()
        file.write_text(config)
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: said() > before, 10, 'the settings are read again')

    def test_errors_a_sample_and_all_also_while_it_runs(self):
        server, file = self.serve('log-calls = "errors"\n')
        with server.client() as client:
            self.calls(client, 'errors', 20)
            line_of(server, 'errors-error')
            self.assertEqual(self.logged(server, 'errors-'), ['errors-error'])
            self.reload(server, file, 'log-calls = "sample:5"\n')
            self.calls(client, 'sample', 200)
            line_of(server, 'sample-error')
            sampled = self.logged(server, 'sample-')
            self.assertGreater(len(sampled), 10)
            self.assertLess(len(sampled), 90)
            self.assertEqual(line_of(server, sampled[0])['stands_for'], 5)
            self.assertNotIn('stands_for', line_of(server, 'sample-error'))
            self.reload(server, file, 'log-calls = "all"\n')
            self.calls(client, 'all', 20)
            line_of(server, 'all-error')
            self.assertEqual(len(self.logged(server, 'all-')), 21)

    def test_what_it_does_not_take_is_refused(self):
        for flag, value, part in (('--log-calls', 'some', 'sample:N'), ('--log-calls', 'sample:0', 'sample:N'),
                                  ('--slow-call-ms', '0', '--slow-call-ms'),
                                  ('--otlp-endpoint', 'collector', 'HOST:PORT'),
                                  ('--otlp-endpoint', 'collector.example:4317', '--otlp-tls-ca'),
                                  ('--otlp-tls-ca', '/nowhere.pem', '--otlp-endpoint')):
            done = run_server_command('serve', '--embedded-mysql', self.directory / 'none', flag, value)
            self.assertEqual(done.returncode, 64, (flag, value, done.stderr))
            self.assertIn(part, done.stderr)


if __name__ == '__main__':
    unittest.main()
