"""Metrics of what is behind the calls: statements, conflicts, batches, workers, what is due, pools, lost log lines."""

import os
import re
import subprocess
import threading
import time
import unittest

import credentials
import lmp_server
import metrics
from database_faults import BorrowingServerTestCase
from private_database import free_port
from lmp_server import (assign_request, call_error, create_customer, customer_api, in_parallel,
                        licensing_api, new_request_id, wait_until)

SERVICE = 'cloud-app-security'


class InnerMetricsTest(BorrowingServerTestCase, unittest.TestCase):
    server_args = ['--metrics-listen', '127.0.0.1:0', '--time-worker', '0']

    def setUp(self):
        self.port = metrics.metrics_port(self.server)

    def value(self, name, **labels):
        return metrics.value(metrics.scrape(self.port), name, **labels)

    def assign(self, customer, units=5, **fields):
        return self.client.licensing.AssignServicePlan(assign_request(
            customer, 'cas-annual', {SERVICE: units}, request_id=new_request_id(), **fields), timeout=30)

    def test_statements_by_name_and_nothing_of_tenants(self):
        def counts():
            return {n: self.value('lmp_statements_total', statement=n)
                    for n in ('BEGIN', 'COMMIT', 'LOCK customers', 'INSERT licenses', 'INSERT events')}

        customer = create_customer(self.client, 'counted-customer')
        before = counts()
        self.assign(customer)
        after = counts()
        for name, count in before.items():
            self.assertGreater(after[name], count, name)
        text = metrics.scrape(self.port)
        for name in after:
            self.assertGreater(metrics.value(text, 'lmp_statement_seconds_total', statement=name), 0, name)
        self.assertGreater(metrics.value(text, 'lmp_statement_rows_total', statement='INSERT licenses'), 0)
        names = [labels['statement'] for labels, _ in metrics.series(text, 'lmp_statements_total')]
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            self.assertRegex(name, r'^[A-Z]+( [a-z_]+)?$')
        self.assertNotIn('counted-customer', text)
        families = re.findall(r'^# TYPE (\S+)', text, re.MULTILINE)
        self.assertEqual(len(families), len(set(families)), 'each name stands in one place')

    def test_a_failed_statement_is_counted(self):
        before = self.value('lmp_statement_failures_total', statement='INSERT customers')
        with self.database.failing(1644, '45000', 'no'):
            call_error(lambda: create_customer(self.client, 'fails'))
        self.assertGreater(self.value('lmp_statement_failures_total', statement='INSERT customers'), before)

    def test_a_wait_for_a_lock_that_is_given_up_and_the_run_after_it(self):
        customer = create_customer(self.client, 'of-the-pool')
        self.client.licensing.AddLicensePoolUnits(licensing_api.AddLicensePoolUnitsRequest(
            name=f'{lmp_server.PARTNER}/licensePools/{SERVICE}', units=1000, request_id=new_request_id()))
        before = self.value('lmp_database_lock_timeouts_total'), self.value('lmp_database_reruns_total')
        with self.database.locked('catalogue_version'):  # customers and pools are set aside at once
            waiting = threading.Thread(target=lambda: self.assign(customer))
            waiting.start()
            wait_until(lambda: self.value('lmp_database_lock_timeouts_total') > before[0], 20, 'a lock timeout')
        waiting.join()
        self.assertGreater(self.value('lmp_database_reruns_total'), before[1])
        self.assertGreater(self.value('lmp_statement_failures_total', statement='SELECT catalogue_version'), 0)
        wait_until(lambda: self.value('lmp_license_pools', state='all') == 1, 40, 'the pool is seen')
        self.assertEqual(self.value('lmp_license_pools', state='near_end'), 0)
        self.database.sql(f"UPDATE license_pools SET total = assigned WHERE product_id = '{SERVICE}'")
        self.addCleanup(self.database.sql, f"UPDATE license_pools SET total = 1000 WHERE product_id = '{SERVICE}'")
        wait_until(lambda: self.value('lmp_license_pools', state='used_up') == 1, 40, 'it is used up')
        self.assertEqual(self.value('lmp_license_pools', state='near_end'), 1)

    def test_a_call_that_waits_for_a_locked_customer_is_set_aside(self):
        customer = create_customer(self.client, 'set-aside')
        before = self.value('lmp_queue_set_aside_total', lane='writes')
        with self.database.locked("customers WHERE customer_id = 'set-aside'"):
            waiting = threading.Thread(target=lambda: self.assign(customer))
            waiting.start()
            wait_until(lambda: self.value('lmp_queue_set_aside_total', lane='writes') > before, 20, 'it is set aside')
        waiting.join()

    def test_batches_by_size_and_their_statements(self):
        customers = [create_customer(self.client, f'batch-{i}') for i in range(40)]
        request = licensing_api.CheckLicenseRequest(product=f'products/{SERVICE}')

        def check(customer):
            self.client.licensing.CheckLicense(licensing_api.CheckLicenseRequest(customer=customer,
                                                                                 product=request.product))

        def bigger_than_one():
            in_parallel(check, customers, 40)
            text = metrics.scrape(self.port)
            alone = metrics.value(text, 'lmp_batch_calls_bucket', lane='checks', le='1')
            return metrics.value(text, 'lmp_batch_calls_count', lane='checks') > alone

        wait_until(bigger_than_one, 30, 'a batch of more than one check')
        text = metrics.scrape(self.port)
        batches = metrics.value(text, 'lmp_batches_total', lane='checks')
        self.assertEqual(metrics.value(text, 'lmp_batch_calls_bucket', lane='checks', le='+Inf'), batches)
        self.assertEqual(metrics.value(text, 'lmp_batch_calls_sum', lane='checks'),
                         metrics.value(text, 'lmp_queue_run_total', lane='checks'))
        counts = [v for labels, v in metrics.series(text, 'lmp_batch_calls_bucket') if labels['lane'] == 'checks']
        self.assertEqual(counts, sorted(counts), 'cumulative')
        self.assertEqual(metrics.value(text, 'lmp_batch_statements_total', lane='checks'), 3 * batches,
                         'nobody has a license: what has ended, and customers, are looked for, too')

    def test_what_is_due_and_not_stored_and_then_done_by_a_worker(self):
        customer = create_customer(self.client, 'overdue')
        self.assign(customer)
        self.database.sql("UPDATE licenses SET due_date = DATE_SUB(CURDATE(), INTERVAL 3 DAY) "
                          "WHERE customer_id = 'overdue'")
        wait_until(lambda: self.value('lmp_licenses_due') == 1, 40, 'what is due is seen')
        self.assertIn(self.value('lmp_licenses_overdue_seconds') / 86400, (3, 4))  # midnight may pass
        self.assertEqual(metrics.series(metrics.scrape(self.port), 'lmp_worker_passes_total')[0][0]['worker'],
                         'requests', 'this server has no time worker')
        second = self.make_borrower('worker', ['--metrics-listen', '127.0.0.1:0', '--time-worker', '1'])
        self.addCleanup(second.kill)
        second.start()
        port = metrics.metrics_port(second)
        wait_until(lambda: metrics.value(metrics.scrape(port), 'lmp_worker_passes_total', worker='renewals') >= 2, 30,
                   'passes of the worker')
        text = metrics.scrape(port)
        self.assertEqual(metrics.value(text, 'lmp_worker_period_seconds', worker='renewals'), 1)
        self.assertGreaterEqual(metrics.value(text, 'lmp_worker_done_total', worker='renewals'), 1)
        self.assertGreater(metrics.value(text, 'lmp_worker_last_pass_timestamp_seconds', worker='renewals'), 1.7e9)

    def test_when_the_next_api_key_ends(self):
        def days(bound_to):
            end = self.value('lmp_api_key_expiry_timestamp_seconds', bound_to=bound_to)
            return end and (end - time.time()) / 86400

        self.database.sql('UPDATE api_keys SET revoke_time = create_time')
        wait_until(lambda: (days('nothing'), days('partner')) == (0, 0), 40, 'nothing is said of keys that are none')
        admin = ('--role', 'ADMIN')
        credentials.api_key(self.database.lender, *admin, '--days', '30')
        credentials.api_key(self.database.lender, '--role', 'CHECKER', '--partner', 'acme-msp', '--days', '5')
        for state, column in (('expired', 'expire_time'), ('revoked', 'revoke_time')):
            credentials.api_key(self.database.lender, *admin, '--days', '1', '--name', state)
            self.database.sql(f"UPDATE api_keys SET {column} = create_time WHERE display_name = '{state}'")
        wait_until(lambda: days('nothing') and days('partner'), 40, 'both are seen')
        self.assertAlmostEqual(days('nothing'), 30, delta=1)
        self.assertAlmostEqual(days('partner'), 5, delta=1)

    def test_a_lost_commit(self):
        """The database is killed under writers, in the middle of a COMMIT."""
        stop = threading.Event()

        def write(number):
            with self.server.client() as client:
                while not stop.is_set():
                    try:
                        client.customers.CreateCustomer(customer_api.CreateCustomerRequest(
                            customer_id=f'lost-{number}-{os.urandom(4).hex()}', customer=lmp_server.new_customer(),
                            request_id=new_request_id()), timeout=5)
                    except lmp_server.grpc.RpcError:
                        stop.wait(0.05)

        writers = [threading.Thread(target=write, args=(i,)) for i in range(8)]
        for writer in writers:
            writer.start()
        try:
            with self.database.gone_in_a_commit():
                pass
            wait_until(lambda: self.value('lmp_ready') == 1, 30, 'the database is back')
        finally:
            stop.set()
            for writer in writers:
                writer.join()
        self.assertGreater(self.value('lmp_database_unknown_outcomes_total'), 0)
        self.assertGreater(self.value('lmp_database_connections_lost_total'), 0)


class LostLinesTest(unittest.TestCase):
    def test_lines_that_nobody_takes_are_counted(self):
        temporary = lmp_server.TemporaryDirectory()
        self.addCleanup(temporary.remove)
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        free = free_port(), free_port()
        directory = temporary.path / 'unread'
        unread = lmp_server.popen([lmp_server.BIN / 'lmp-server', 'serve', '--embedded-mysql', directory, '--listen',
                                   f'127.0.0.1:{free[0]}', '--metrics-listen', f'127.0.0.1:{free[1]}'],
                                  env=lmp_server.child_environment(), stdin=subprocess.DEVNULL, stderr=write)
        os.close(write)
        self.addCleanup(lmp_server.kill, unread)

        def ready():
            try:
                return metrics.value(metrics.scrape(free[1]), 'lmp_ready') == 1
            except OSError:
                return False

        wait_until(ready, 60, 'it serves')
        self.assertEqual(metrics.value(metrics.scrape(free[1]), 'lmp_log_lines_dropped_total'), 0)
        with lmp_server.Client(f'127.0.0.1:{free[0]}') as client:
            def dropped():
                for _ in range(200):
                    client.customers.ListPartners(customer_api.ListPartnersRequest())
                return metrics.value(metrics.scrape(free[1]), 'lmp_log_lines_dropped_total') > 0

            wait_until(dropped, 60, 'lines are dropped')


if __name__ == '__main__':
    unittest.main()
