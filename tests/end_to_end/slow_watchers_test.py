"""Many watch the history, and some of them take nothing: the others notice nothing of it, the server keeps nothing for
the slow ones, and what is new is read from the database once for all."""

import threading
import time
import unittest

import grpc

from lmp_server import (ServerTestCase, create_customer, customer_api, in_parallel, new_request_id, wait_until)
from processes import resident_mib
from rpc import Rpc
from watching import take, watch

FIRST, CHANGES = 280, 480  # events of 64 kB: more than the feed keeps, and then twice as much
SLOW, GO_ON, PROMPT = 20, 2, 2
MEMORY = 250  # MiB: what malloc keeps of what was freed; with a queue for each of the slow ones it was 670
MUCH = 200  # events of 64 kB: more than gRPC takes on the way for a client that does not
PATIENCE = 60  # seconds that a client may take nothing
MANY, FEW = 50, 20  # watchers, and what they watch


def annotations(number):
    """32 of 1 kB, the most that a customer may have, of which each is another for another number."""
    return {f'{i:02}': f'{number:08}' + '😀' * 248 for i in range(32)}


class Reader(threading.Thread):
    """Takes all that a client's stream brings, and notes when each event came."""

    def __init__(self, server, **fields):
        super().__init__(daemon=True)
        self._client = server.client()
        self._stream = watch(self._client, timeout=300, **fields)
        next(self._stream)
        self.came = {}  # sequence → when
        self.start()

    def run(self):
        try:
            for message in self._stream:
                now = time.monotonic()
                self.came.update((event.sequence, now) for event in message.events)
        except grpc.RpcError:
            pass  # who looks at `came` says what is missing

    def end(self):
        self._stream.cancel()
        self.join(20)
        self._client.channel.close()


class SlowWatchersTestCase(ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    def setUp(self):
        self.rpc = Rpc(self.client)

    def head(self):
        self.await_history()
        return self.rpc.GetHistoryHead().sequence

    def opened(self, **fields):
        """A stream on a connection of its own, of which one message was taken."""
        client = self.server.client()
        self.addCleanup(client.channel.close)
        stream = watch(client, timeout=300, **fields)
        self.addCleanup(stream.cancel)
        next(stream)
        return stream

    def reader(self, **fields):
        reader = Reader(self.server, **fields)
        self.addCleanup(reader.end)
        return reader

    def change(self, customer, **fields):
        self.client.customers.UpdateCustomer(customer_api.UpdateCustomerRequest(
            customer=dict(name=customer, **fields), request_id=new_request_id()), timeout=60)


class SlowWatchersTest(SlowWatchersTestCase):

    def test_who_takes_nothing_costs_no_memory_delays_nobody_and_misses_nothing(self):
        self.names = [create_customer(self.client, f'large-{i}') for i in range(8)]
        first = self.head() + 1
        slow = [self.opened() for _ in range(SLOW)]
        readers = [self.reader() for _ in range(PROMPT)]
        self.write_much(FIRST)
        before = resident_mib(self.server.process.pid)
        last = self.write_much(CHANGES)
        wait_until(lambda: all(last in r.came for r in readers), 10, 'those who read have it all')
        grown = resident_mib(self.server.process.pid) - before
        delays = self.delays(readers)
        print(f'\n{last - first + 1} events, from {before:.0f} MiB to {grown:.0f} MiB more; a change came to those '
              f'who read after {max(delays) * 1000:.0f} ms at most')
        self.assertLess(grown, MEMORY)
        self.assertLess(sorted(delays)[len(delays) // 2], 0.5)
        self.assertLess(max(delays), 3)
        wanted = list(range(first, self.head() + 1))
        for reader in readers:
            self.assertEqual(list(reader.came), wanted)
        for stream in slow[:GO_ON]:
            self.assertEqual([e.sequence for e in take(stream, len(wanted))], wanted, 'late, and all of it')

    def write_much(self, changes):
        """The number of the last event."""
        def write(name):
            for number in range(changes // len(self.names)):
                self.change(name, annotations=annotations(number % 7))

        in_parallel(write, self.names, len(self.names))
        return self.head()

    def delays(self, readers):
        """How long 20 changes were under way to each."""
        customer, taken = create_customer(self.client, 'small'), []
        for number in range(19):
            sequence = self.head() + 1
            self.change(customer, city=f'City {number}')
            done = time.monotonic()
            wait_until(lambda: all(sequence in r.came for r in readers), 10, 'a change comes')
            taken += [r.came[sequence] - done for r in readers]
        return taken


class ManyWatchersTest(SlowWatchersTestCase):

    def reads_of(self, watchers):
        """How often events were read while so many watched FEW changes, by the database's own log."""
        customer = create_customer(self.client, f'watched-by-{watchers}')
        self.head()
        readers = [self.reader() for _ in range(watchers)]
        self.server.sql("SET GLOBAL log_output = 'TABLE'; TRUNCATE mysql.general_log; SET GLOBAL general_log = ON")
        try:
            for number in range(FEW):
                sequence = self.head() + 1
                self.change(customer, city=f'City {number}')
                wait_until(lambda: all(sequence in r.came for r in readers), 10, 'everybody has it')
        finally:
            self.server.sql('SET GLOBAL general_log = OFF')
        for reader in readers:
            reader.end()
        return int(self.server.sql("SELECT COUNT(*) FROM mysql.general_log WHERE command_type = 'Execute' AND argument "
                                   "LIKE 'SELECT %before_image%FROM events %sequence >%'")[0][0])

    def test_what_is_new_is_read_once_for_all_of_them(self):
        reads = {watchers: self.reads_of(watchers) for watchers in (1, MANY)}
        print(f'\nof {FEW} changes, by the number of watchers: {reads} reads')
        self.assertEqual(reads, {1: FEW, MANY: FEW})


class EndTest(SlowWatchersTestCase):

    def test_who_takes_nothing_for_a_minute_is_cut_off_and_goes_on_from_its_last_token(self):
        customer = create_customer(self.client, 'much')
        self.head()
        began = time.monotonic()
        stream, token = self.opened(), None
        beside = self.reader()
        for number in range(MUCH):
            self.change(customer, annotations=annotations(number))
        wanted = list(range(self.head() - MUCH + 1, self.head() + 1))
        ended, = wait_until(lambda: [entry for entry in self.server.log_entries()
                                     if entry.get('method', '').endswith('/WatchEvents')],
                            PATIENCE + 20, 'it is cut off')
        self.assertEqual(ended['error'], 'the client took nothing for a minute')
        self.assertGreater(time.monotonic() - began, PATIENCE - 1)
        taken = []
        try:
            for message in stream:
                token = message.resume_token
                taken += [event.sequence for event in message.events]
            self.fail('it goes on')
        except grpc.RpcError as error:
            self.assertEqual(error.code(), grpc.StatusCode.CANCELLED)
        self.assertEqual(list(beside.came), wanted)
        later = take(self.opened(resume_token=token), len(wanted) - len(taken))
        self.assertEqual(taken + [e.sequence for e in later], wanted)


if __name__ == '__main__':
    unittest.main()
