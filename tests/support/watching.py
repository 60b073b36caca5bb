"""Watchers of the history for the Python tests: each keeps what it got, and goes on from its last token."""

import random
import threading

import grpc

from lmp.v1.watch_pb2 import WatchEventsRequest

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
