"""Two servers, one database: a customer that is locked, or a server that is stopped, delays nobody else."""

import concurrent.futures
import contextlib
import itertools
import math
import os
import signal
import threading
import time
import unittest

import grpc

import lmp_server
from database_faults import USER, BorrowingServerTestCase
from lmp_server import Error, call_with_retries, create_customer, new_request_id
from rpc import Rpc

LOCKED = 6   # seconds
LONG = 30
AWAY = 5     # seconds after which the database ends a session that holds locks and says nothing
LONGEST = 2  # seconds that a call of somebody else may take at most, on a busy machine


def p99(times):
    return sorted(times)[math.ceil(len(times) * 0.99) - 1]


class Writers:
    """Threads that change customers of their own, through one server, and note how long each call took."""

    def __init__(self, server, customers):
        self._stop = threading.Event()
        self.calls = []  # (when it ended, how long it took)
        self.failures = []
        self._threads = [threading.Thread(target=self._run, args=(server, c), daemon=True) for c in customers]
        for thread in self._threads:
            thread.start()

    def _run(self, server, customer):
        with server.client() as client:
            update, request = Rpc(client).method('UpdateCustomer')
            for number in itertools.count():
                if self._stop.is_set():
                    return
                began = time.monotonic()
                try:
                    call_with_retries(update, request(customer=dict(name=customer, note=f'note {number}'),
                                                      request_id=new_request_id()))
                except grpc.RpcError as e:
                    self.failures.append(Error(e))
                self.calls.append((time.monotonic(), time.monotonic() - began))

    def since(self, moment):
        return [took for ended, took in list(self.calls) if ended >= moment]

    def finish(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(60)


class LockedCustomerTest(BorrowingServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.start_another()
        cls.rpc = Rpc(cls.client)
        cls.numbers = itertools.count()

    def writers(self, server, count):
        return Writers(server, [create_customer(self.client, f'writer-{next(self.numbers)}') for _ in range(count)])

    def change_the_catalog(self):
        began = time.monotonic()
        plan = self.rpc.GetServicePlan(name='servicePlans/cas-annual')
        self.rpc.UpdateServicePlan(
            service_plan=dict(name=plan.name, grace_period_days=plan.grace_period_days + 1), timeout=20)
        return time.monotonic() - began

    def test_a_locked_customer_delays_only_its_own_calls(self):
        held = create_customer(self.client, 'held-by-another')
        with contextlib.ExitStack() as stack:
            loads = [self.writers(s, 4) for s in (self.server, self.other)]
            for load in loads:
                stack.callback(load.finish)
            began = time.monotonic()
            time.sleep(3)
            usual = [t for load in loads for t in load.since(began)]
            clients = [stack.enter_context(s.client()) for s in (self.server, self.other)]
            with self.database.locked("customers WHERE customer_id = 'held-by-another'"):
                locked_at = time.monotonic()
                waiting = [Rpc(c).method(m) for c in clients for m in ('UpdateCustomer', 'DisableCustomer')]
                calls = []
                for number, (call, request) in enumerate(waiting):
                    fields = dict(customer=dict(name=held, note=f'{number}')) if number % 2 == 0 else dict(name=held)
                    calls.append(call.future(request(request_id=new_request_id(), **fields), timeout=LOCKED + 20))
                time.sleep(LOCKED / 2)
                self.assertLess(self.change_the_catalog(), LONGEST)
                time.sleep(LOCKED / 2)
                self.assertFalse(any(c.done() for c in calls), 'they wait')
                meanwhile = [t for load in loads for t in load.since(locked_at)]
            outcomes = [c.exception(10) or c.result() for c in calls]
        self.assertTrue(any(not isinstance(o, grpc.RpcError) for o in outcomes), outcomes)
        for outcome in (o for o in outcomes if isinstance(o, grpc.RpcError)):
            self.assertIn(Error(outcome).reason, ('CUSTOMER_DISABLED', 'WRONG_STATE'), 'their order is open')
        print(f'p99 {p99(usual) * 1000:.0f} ms usually ({len(usual)} calls), beside a locked customer '
              f'{p99(meanwhile) * 1000:.0f} ms ({len(meanwhile)}), at most {max(meanwhile) * 1000:.0f} ms')
        self.assertEqual([f for load in loads for f in load.failures], [])
        self.assertLess(p99(meanwhile), max(3 * p99(usual), 0.25))
        self.assertLess(max(meanwhile), LONGEST)

    def sessions_in_a_transaction(self):
        """Of servers, that hold locks now and say nothing."""
        rows = self.database.sql(
            'SELECT p.id FROM information_schema.innodb_trx t JOIN information_schema.processlist p '
            f"ON p.id = t.trx_mysql_thread_id WHERE p.user = '{USER}' AND p.command = 'Sleep' "
            'AND t.trx_rows_locked > 0')
        return [row for row, in rows]

    def stop_in_a_transaction(self, server):
        """kill -STOP, at a moment when it holds locks."""
        for _ in range(200):
            os.kill(server.process.pid, signal.SIGSTOP)
            time.sleep(0.05)  # what is under way in the database ends
            if self.sessions_in_a_transaction():
                return
            os.kill(server.process.pid, signal.SIGCONT)
            time.sleep(0.02)
        raise AssertionError('it was never in the middle of a transaction')

    def test_a_stopped_server_loses_its_locks_within_seconds(self):
        with contextlib.ExitStack() as stack:
            names = [create_customer(self.client, f'shared-{i}') for i in range(16)]
            theirs = Writers(self.other, names)
            stack.callback(theirs.finish)
            lmp_server.wait_until(lambda: len(theirs.calls) > 50, 30, 'the load is under way')
            self.stop_in_a_transaction(self.other)
            try:
                stopped = time.monotonic()
                ours = self.writers(self.server, 4)
                stack.callback(ours.finish)
                with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
                    freed = [pool.submit(self.rpc.UpdateCustomer, customer=dict(name=n, city='Bonn'), timeout=30)
                             for n in names]
                    catalog = pool.submit(self.change_the_catalog)
                    for done in freed:
                        done.result()
                    took = time.monotonic() - stopped
                    catalog = catalog.result()
                beside = ours.since(stopped)
            finally:
                os.kill(self.other.process.pid, signal.SIGCONT)
            back = len(theirs.calls)
            lmp_server.wait_until(lambda: len(theirs.calls) > back + 50, 30, 'it goes on')
        print(f'all customers could be changed {took:.1f} s after the stop, the catalog after {catalog:.1f} s; '
              f'meanwhile {len(beside)} calls, p99 {p99(beside) * 1000:.0f} ms, at most {max(beside) * 1000:.0f} ms')
        self.assertLess(took, AWAY + 4)
        self.assertLess(catalog, AWAY + 6)
        self.assertLess(max(beside), LONGEST)
        self.assertEqual(ours.failures + theirs.failures, [])

    def test_all_of_it_at_once_for_half_a_minute(self):
        """One customer is locked, the other server stops in the middle of a batch, and the catalog is changed."""
        held = create_customer(self.client, 'held-for-long')
        with contextlib.ExitStack() as stack:
            theirs, ours = self.writers(self.other, 8), self.writers(self.server, 4)
            for load in (theirs, ours):
                stack.callback(load.finish)
            began = time.monotonic()
            time.sleep(4)
            usual = ours.since(began)
            with self.database.locked("customers WHERE customer_id = 'held-for-long'"):
                locked_at = time.monotonic()
                update, request = self.rpc.method('UpdateCustomer')
                waits = update.future(request(customer=dict(name=held, note='at last'), request_id=new_request_id()),
                                      timeout=LONG + 20)
                time.sleep(2)
                self.stop_in_a_transaction(self.other)
                try:
                    catalog = self.change_the_catalog()
                    time.sleep(locked_at + LONG / 2 - time.monotonic())
                finally:
                    os.kill(self.other.process.pid, signal.SIGCONT)
                time.sleep(locked_at + LONG - time.monotonic())
                self.assertFalse(waits.done())
                meanwhile = ours.since(locked_at)
            self.assertEqual(waits.result(10).note, 'at last')
            back = len(theirs.calls)
            lmp_server.wait_until(lambda: len(theirs.calls) > back + 50, 30, 'the other goes on')
        print(f'p99 {p99(usual) * 1000:.0f} ms usually ({len(usual)} calls), in {LONG} s of all that '
              f'{p99(meanwhile) * 1000:.0f} ms ({len(meanwhile)}), at most {max(meanwhile) * 1000:.0f} ms; '
              f'the catalog was changed after {catalog:.1f} s')
        self.assertLess(catalog, AWAY + 6)
        self.assertLess(p99(meanwhile), max(3 * p99(usual), 0.25))
        self.assertLess(max(meanwhile), LONGEST)
        self.assertEqual(ours.failures + theirs.failures, [])


if __name__ == '__main__':
    unittest.main()
