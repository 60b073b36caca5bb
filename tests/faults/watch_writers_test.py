"""16 writers on two servers, watchers that come and go, a server and a database that are killed: what each watcher got
is the history, in its order, without a gap and nothing twice.

The long form, of at least so many events:
LMP_WATCH_EVENTS=1000000 ctest --test-dir build/test -V -R faults.watch_writers --timeout 7200
"""

import os
import random
import signal
import threading
import time
import unittest

import grpc

import lmp_server
from credentials import database_of
from lmp_server import (LmpServer, ServerTestCase, assign_request, call_with_retries, create_customer, customer_api,
                        new_customer, new_request_id)
from watching import WatchedHistory, Watcher

SECONDS = 4  # between two kills; later, in the long form, half a minute
EVENTS = int(os.environ.get('LMP_WATCH_EVENTS', '1000'))
EVENTS_A_SECOND = 500  # at least, of all watchers and writers on a busy machine
WRITERS, WATCHERS, SHARED = 16, 8, 6
UNITS = {'cloud-app-security': 5, 'worry-free-services': 7}


class WatchWritersTest(WatchedHistory, ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = LmpServer(cls.directory / 'second', ('--time-worker', '0'), database=list(database_of(cls.server)))
        cls.second.directory.mkdir()
        cls.addClassCleanup(cls.second.kill)
        cls.second.start()

    def write(self, target, number, stop, failures):
        """Each changes what others change, too, and makes something of its own."""
        random_ = random.Random(number)
        try:
            with target.client() as client:
                while not stop.is_set():
                    customer = f'customers/shared-{random_.randrange(SHARED)}'
                    call_with_retries(client.customers.UpdateCustomer, customer_api.UpdateCustomerRequest(
                        customer=dict(name=customer, city=f'City {random_.randrange(10 ** 9)}'),
                        request_id=new_request_id()))
                    own = call_with_retries(client.customers.CreateCustomer, customer_api.CreateCustomerRequest(
                        customer=new_customer(), request_id=new_request_id())).name
                    call_with_retries(client.licensing.AssignServicePlan, assign_request(
                        own, 'suite-annual', UNITS, request_id=new_request_id()))
        except (grpc.RpcError, AssertionError) as error:
            failures.append(error)

    def count(self):
        """Of events; whether they have their numbers or not. The database may be away."""
        try:
            return int(self.server.sql('SELECT COUNT(*) FROM events')[0][0])
        except AssertionError:
            return 0

    def test_each_watcher_gets_the_history(self):
        for i in range(SHARED):
            create_customer(self.client, f'shared-{i}')
        stop, failures = threading.Event(), []
        writers = [threading.Thread(target=self.write, args=(t, i, stop, failures))
                   for i in range(WRITERS) for t in [(self.server, self.second)[i % 2]]]
        with self.second.client() as other:
            watchers = [Watcher([self.client, other], most=100, seed=i) for i in range(WATCHERS)]
            for thread in writers + watchers:
                thread.start()
            began = time.monotonic()
            kills = 0
            while kills < 3 or self.count() < EVENTS:
                stop.wait(SECONDS if kills < 3 else 30)
                if kills % 3 == 1:
                    os.kill(self.server.database_pid(), signal.SIGKILL)
                else:
                    self.second.kill()  # with what it has committed and not numbered
                    self.second.start()
                kills += 1
                self.assertEqual(failures, [])
            stop.wait(SECONDS)
            stop.set()
            rate = self.count() / (time.monotonic() - began)
            for thread in writers:
                thread.join(90)
            self.await_history()
            history = self.read_history(self.server.sql)
            self.await_arrival(watchers, len(history), 60 + EVENTS / EVENTS_A_SECOND)
        self.assertEqual(failures, [])
        self.assert_each_got(watchers, history)
        print(f'\n{len(history)} events, {rate:.0f} a second, {len({end for _, end, _ in history})} transactions, '
              f'{kills} kills, {sum(w.streams for w in watchers)} streams of {WATCHERS} watchers')
        self.assert_order_of_rows(self.server.sql)
        self.assertEqual(self.second.stop(), 0)
        self.assertEqual(self.server.stop(), 0)
        self.assert_proven(history, *self.server.database)


if __name__ == '__main__':
    unittest.main()
