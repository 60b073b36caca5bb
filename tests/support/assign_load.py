"""Load on a server that is stopped, killed or cut off meanwhile, with a book of what it acknowledged."""

import threading
import time

import grpc

from api_client import Error, call_with_retries, new_request_id
from lmp.v1 import customer_service_pb2 as customer_api
from lmp.v1 import licensing_service_pb2 as licensing_api
from processes import wait_until
from small_catalog import assign_request, new_customer


class AssignLoad:
    """Threads that assign, one plan to each new customer, and keep book of what the server said.

    Each has a connection of its own and retries UNAVAILABLE with the same request_id, as a good client does."""

    def __init__(self, server, threads=8, count=None):
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._next = 0
        self._count = count
        self.assigned = {}  # customer → subscription, as acknowledged
        self.failures = []
        self.slowest = 0
        self._clients = [server.client() for _ in range(threads)]
        self._threads = [threading.Thread(target=self._run, args=(c,), daemon=True) for c in self._clients]
        for thread in self._threads:
            thread.start()

    @property
    def done(self):
        with self._lock:
            return len(self.assigned)

    def _take(self):
        with self._lock:
            if self._stop.is_set() or self.failures or self._next == self._count:
                return None
            self._next += 1
            return f'load-{self._next:05}'

    def _run(self, client):
        while (customer_id := self._take()) is not None:
            start = time.monotonic()
            try:
                customer = call_with_retries(client.customers.CreateCustomer, customer_api.CreateCustomerRequest(
                    customer_id=customer_id, customer=new_customer(), request_id=new_request_id())).name
                request = assign_request(customer, 'cas-annual', {'cloud-app-security': 5}, request_id=new_request_id())
                subscription = call_with_retries(client.licensing.AssignServicePlan, request).subscription.name
            except grpc.RpcError as e:
                with self._lock:
                    self.failures.append(Error(e))
                continue
            with self._lock:
                self.assigned[customer] = subscription
                self.slowest = max(self.slowest, time.monotonic() - start)

    def wait_for(self, count, timeout=60):
        """Until `count` assigns are acknowledged."""
        wait_until(lambda: self.failures or self.done >= count, timeout, f'{count} assigns; {self.done} are done')
        if self.failures:
            raise AssertionError(f'failed calls: {self.failures}')

    def wait_for_more(self, count, timeout=60):
        self.wait_for(self.done + count, timeout)

    def finish(self):
        """Lets calls under way end, and raises if one failed."""
        self._stop.set()
        self.join()
        if self.failures:
            raise AssertionError(f'failed calls: {self.failures}')

    def join(self):
        for thread in self._threads:
            thread.join(90)
        if any(t.is_alive() for t in self._threads):
            raise AssertionError('the load does not end')
        for client in self._clients:
            client.channel.close()

    def verify(self, client):
        """What was acknowledged is there, once: one subscription with one license for each customer, and nothing
        else."""
        found = []
        token = ''
        while True:
            page = client.licensing.ListSubscriptions(licensing_api.ListSubscriptionsRequest(
                parent='customers/-', page_size=1000, page_token=token))
            found += [(s.name.split('/subscriptions/')[0], s.name, len(s.licenses)) for s in page.subscriptions]
            token = page.next_page_token
            if not token:
                break
        expected = [(c, s, 1) for c, s in self.assigned.items()]
        if sorted(found) != sorted(expected):
            raise AssertionError(f'acknowledged but not there: {sorted(set(expected) - set(found))[:5]}, '
                                 f'there but not acknowledged: {sorted(set(found) - set(expected))[:5]}, '
                                 f'{len(found)} found, {len(expected)} expected')
