"""Watchers of the history for the Python tests: each keeps what it got, and goes on from its last token."""

import random
import threading

import grpc

from lmp.v1.watch_pb2 import WatchEventsRequest
from lmp_server import Error, run_server_command, wait_until

# What a watcher that comes back takes for a pause.
PASSING = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED)


def watch(client, timeout=30, metadata=None, **fields):
    """The stream's messages, one by one; cancel it in the end."""
    return client.licensing.WatchEvents(WatchEventsRequest(**fields), timeout=timeout, metadata=metadata)


def take(stream, count):
    """So many events, without checkpoints."""
    events = []
    for message in stream:
        events += message.events
        if len(events) >= count:
            return events
    raise AssertionError(f'the stream ended after {len(events)} events')


class Listener(threading.Thread):
    """Takes all that a stream brings, until it ends."""

    def __init__(self, stream):
        super().__init__(daemon=True)
        self._stream = stream
        self.messages = []
        self.error = None
        self.start()

    def run(self):
        try:
            for message in self._stream:
                self.messages.append(message)
        except grpc.RpcError as error:
            self.error = Error(error)


class Watcher(threading.Thread):
    """Takes from `clients`, now of this and now of that, and leaves after a random number of messages, `most` of them
    at most."""

    def __init__(self, clients, most=30, seed=0, **fields):
        super().__init__(daemon=True)
        self._clients = clients
        self._most = most
        self._random = random.Random(seed)
        self._fields = fields
        self._leave = threading.Event()
        self.token = 'earliest'
        self.messages = []  # lists of (sequence, resource, name)
        self.last = 0
        self.streams = 0
        self.failure = None

    def run(self):
        while not self._leave.is_set() and self.failure is None:
            client = self._random.choice(self._clients)
            stream = watch(client, resume_token=self.token, checkpoint_interval=dict(seconds=1), **self._fields)
            self.streams += 1
            try:
                self._take(stream, self._random.randint(1, self._most))
            except grpc.RpcError as error:
                if error.code() not in PASSING:
                    self.failure = error
                self._leave.wait(0.05)
            finally:
                stream.cancel()

    def _take(self, stream, count):
        for message in stream:
            self.token = message.resume_token
            self.last = int(message.resume_token.split('-')[0])
            if message.events:
                self.messages.append([(e.sequence, e.change.resource, e.name) for e in message.events])
                count -= 1
            if count <= 0 or self._leave.is_set():
                return

    def end(self):
        self._leave.set()
        self.join(30)

    def sequences(self):
        return [sequence for message in self.messages for sequence, *_ in message]


class WatchedHistory:
    """Mix into unittest.TestCase: what each watcher got is what the database has. `sql` is a function that asks it."""

    def read_history(self, sql):
        """(sequence, end of its transaction, name) of all events."""
        rows = sql('SELECT sequence, transaction_end, event_id FROM events ORDER BY sequence')
        return [(int(sequence), int(end), f'events/{event}') for sequence, end, event in rows]

    @staticmethod
    def await_arrival(watchers, end, timeout):
        """And ends them."""
        try:
            wait_until(lambda: all(w.failure or w.last >= end for w in watchers), timeout, 'the watchers arrive')
        finally:
            for watcher in watchers:
                watcher.end()
            print(f'\nof {end} events, in so many streams: {[(w.last, w.streams) for w in watchers]}')

    def assert_each_got(self, watchers, history):
        self.assertEqual([s for s, _, _ in history], list(range(1, len(history) + 1)), 'without a gap')
        ends = {s: end for s, end, _ in history}
        for watcher in watchers:
            self.assertIsNone(watcher.failure)
            self.assertGreater(watcher.streams, 3)
            self.assertEqual([(s, name) for message in watcher.messages for s, _, name in message],
                             [(s, name) for s, _, name in history], 'every event once, in order')
            for message in watcher.messages:
                self.assertEqual({ends[s] for s, *_ in message}, {message[-1][0]}, 'a message is a transaction, whole')

    def assert_order_of_rows(self, sql):
        """The revisions of every row, and the events of every customer, are in the order of the commits."""
        wrong = sql('SELECT COUNT(*) FROM events a JOIN events b ON b.row_table = a.row_table AND b.key1 = a.key1 AND '
                    'b.key2 = a.key2 AND b.revision = a.revision + 1 WHERE b.sequence <= a.sequence')
        self.assertEqual(wrong, [['0']])

    def assert_proven(self, history, *database, env=None):
        done = run_server_command('check', '--history', *database, env=env, timeout=60 + len(history) / 2000)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(f'{len(history)} events of the history are as they were recorded', done.stdout)
