"""Callers that never stop: each calls as fast as it is answered, and keeps the error that ended it."""

import itertools
import threading

import grpc

from api_client import Client, Error
from credentials import bearer
from lmp.v1 import customer_service_pb2 as customer_api
from lmp.v1 import license_token_pb2
from processes import wait_until


class ConstantCaller:
    """Of `server`, as whom `credentials` and `token` say. With `anew` each call has a connection of its own, so that
    each needs a handshake."""

    def __init__(self, name, server, credentials, token=None, anew=False):
        self.name, self.server, self.credentials, self.anew = name, server, credentials, anew
        self.metadata = bearer(token) if token else None
        self.calls, self.failure = 0, None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        client = self.server.client(credentials=self.credentials)
        try:
            for number in itertools.count():
                if self._stop.is_set():
                    return
                if self.anew:
                    client.channel.close()
                    client = Client(self.server.target, credentials=self.credentials)
                self._call(client, number)
                self.calls += 1
        except grpc.RpcError as error:
            self.failure = Error(error)
        finally:
            client.channel.close()

    def _call(self, client, number):
        """Two kinds in turns: of what is in the database, and of a file that is read again."""
        if number % 2:
            client.licensing.ListLicenseTokenKeys(license_token_pb2.ListLicenseTokenKeysRequest(), timeout=30,
                                                  metadata=self.metadata)
        else:
            client.customers.ListPartners(customer_api.ListPartnersRequest(), timeout=30, metadata=self.metadata)

    def end(self):
        self._stop.set()
        self._thread.join(60)


class ConstantCallers:
    def __init__(self, callers):
        self.callers = callers

    def go_on(self, calls=2):
        """Until each has been answered so many times more; raises if one was refused."""
        before = [caller.calls for caller in self.callers]
        wait_until(lambda: self.failures() or all(c.calls >= b + calls for c, b in zip(self.callers, before)), 60,
                   'all callers go on')
        if self.failures():
            raise AssertionError(f'refused: {self.failures()}')

    def failures(self):
        return {caller.name: caller.failure for caller in self.callers if caller.failure is not None}

    def end(self):
        for caller in self.callers:
            caller.end()
