"""Two servers that write to two nodes of a Galera cluster, where a row's lock is of one node alone: the history has no
gap, is the same for whoever watches, and of each customer is in the order in which its changes could be made."""

import contextlib
import os
import random
import shutil
import threading
import unittest

import grpc

import lmp_server
from galera import Cluster
from lmp_server import (Error, LmpServer, TemporaryDirectory, assign_request, call_with_retries, create_customer,
                        customer_api, licensing_api, new_customer, new_request_id, run_server_command, wait_until)
from private_database import PASSWORD
from watching import WatchedHistory, Watcher, watch

SECONDS, WRITERS, WATCHERS, SHARED = 12, 16, 8, 4
CAS = 'products/cloud-app-security'
PASSWORD_THERE = {'LMP_MYSQL_PASSWORD': PASSWORD}
# Another writer was faster, again and again.
RETRIED = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.ABORTED, grpc.StatusCode.DEADLINE_EXCEEDED)


@unittest.skipUnless(shutil.which('mariadbd', path=os.environ['PATH'] + ':/usr/sbin'), 'no MariaDB here')
class GaleraTest(WatchedHistory, unittest.TestCase):

    def setUp(self):
        directory = TemporaryDirectory()
        self.addCleanup(directory.remove)
        self.cluster = Cluster(directory.path)
        self.addCleanup(self.cluster.kill)
        self.urls = self.cluster.start().make('lmp')
        done = run_server_command('migrate', '--mysql-url', self.urls[0], env=PASSWORD_THERE)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.servers = []
        for i, url in enumerate(self.urls):
            (directory.path / f'server{i}').mkdir()
            server = LmpServer(directory.path / f'server{i}', ['--time-worker', '0'],
                               database=['--mysql-url', url], env=PASSWORD_THERE)
            self.addCleanup(server.kill)
            self.servers.append(server.start())

    def sql(self, statement, node=0):
        return self.cluster.nodes[node].sql(f'USE lmp; {statement}')

    def call(self, method, request):
        """The customer's state may not allow it."""
        try:
            call_with_retries(method, request, timeout=90, retried=RETRIED)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.FAILED_PRECONDITION:
                raise

    def write(self, server, number, stop, failures):
        """Disables, enables and works for customers that others write to, too; each is refused after its opposite."""
        chance = random.Random(number)
        try:
            with server.client() as client:
                while not stop.is_set():
                    name = f'customers/shared-{chance.randrange(SHARED)}'
                    done = chance.choice(['disable', 'enable', 'enable', 'update', 'update', 'update', 'create'])
                    if done == 'disable':
                        self.call(client.customers.DisableCustomer, customer_api.DisableCustomerRequest(
                            name=name, request_id=new_request_id()))
                    elif done == 'enable':
                        self.call(client.customers.EnableCustomer, customer_api.EnableCustomerRequest(
                            name=name, request_id=new_request_id()))
                    elif done == 'update':
                        units = [licensing_api.LicenseUnits(product=CAS, units=chance.randrange(5, 1000))]
                        self.call(client.licensing.UpdateSubscription, licensing_api.UpdateSubscriptionRequest(
                            subscription=dict(name=self.subscriptions[name]), units=units, request_id=new_request_id()))
                    else:
                        self.call(client.customers.CreateCustomer, customer_api.CreateCustomerRequest(
                            customer=new_customer(), request_id=new_request_id()))
        except (grpc.RpcError, AssertionError) as error:
            failures.append(Error(error) if isinstance(error, grpc.RpcError) else error)

    def test_each_watcher_gets_one_history_that_could_have_happened(self):
        clients = [server.client() for server in self.servers]
        for client in clients:
            self.addCleanup(client.channel.close)
        lmp_server.make_catalog(clients[0])
        self.subscriptions = {}
        for i in range(SHARED):
            customer = create_customer(clients[0], f'shared-{i}')
            self.subscriptions[customer] = clients[0].licensing.AssignServicePlan(assign_request(
                customer, 'cas-annual', {'cloud-app-security': 5})).subscription.name
        stop, failures = threading.Event(), []
        writers = [threading.Thread(target=self.write, args=(self.servers[i % 2], i, stop, failures))
                   for i in range(WRITERS)]
        watchers = [Watcher(clients, most=100, seed=i) for i in range(WATCHERS)]
        for thread in writers + watchers:
            thread.start()
        stop.wait(SECONDS / 3)
        self.servers[1].kill()
        self.servers[1].start()
        stop.wait(SECONDS / 3)
        self.cluster.nodes[1].kill()
        self.cluster.start_node(self.cluster.nodes[1])
        stop.wait(SECONDS / 3)
        stop.set()
        for thread in writers:
            thread.join(120)
        for node in range(2):
            wait_until(lambda: self.sql('SELECT COUNT(*) FROM events WHERE sequence = 0', node) == [['0']], 20,
                       'all events have their numbers')
        history = self.read_history(self.sql)
        self.await_arrival(watchers, len(history), 60)
        self.assertEqual(failures, [])
        self.assert_each_got(watchers, history)
        self.assert_could_have_happened()
        self.assert_order_of_rows(self.sql)
        for server in self.servers:
            self.assertEqual(server.stop(), 0)
        for url in self.urls:
            self.assert_proven(history, '--mysql-url', url, env=PASSWORD_THERE)

    @contextlib.contextmanager
    def held_back(self, node, seconds):
        """The node applies nothing of the others for so long."""
        holder = threading.Thread(target=self.sql,
                                  args=(f'FLUSH TABLES WITH READ LOCK; SELECT SLEEP({seconds})', node))
        holder.start()
        wait_until(lambda: self.sql("SELECT 1 FROM information_schema.processlist WHERE state = 'User sleep'", node),
                   10, 'the node is held back')
        try:
            yield
        finally:
            holder.join()

    def test_a_token_of_a_node_that_is_ahead_is_waited_for(self):
        ahead, behind = [server.client() for server in self.servers]
        for client in ahead, behind:
            self.addCleanup(client.channel.close)
        lmp_server.make_catalog(ahead)
        for node in range(2):
            wait_until(lambda: self.sql('SELECT MIN(sequence) > 0 FROM events', node) == [['1']], 20,
                       'each node has the catalog, and numbers for its events')
        stream = watch(ahead)
        self.addCleanup(stream.cancel)
        next(stream)
        with self.held_back(1, seconds=6):
            name = create_customer(ahead, 'ahead')
            told = next(message for message in stream if message.events)
            self.assertEqual([event.change.resource for event in told.events], [name])
            self.assertEqual(self.sql("SELECT * FROM customers WHERE customer_id = 'ahead'", 1), [])
            other = watch(behind, resume_token=told.resume_token)
            self.addCleanup(other.cancel)
            self.assertEqual(next(other).resume_token, told.resume_token)
        again = create_customer(ahead, 'again')
        told = next(message for message in other if message.events)
        self.assertEqual([event.change.resource for event in told.events], [again])

    def assert_could_have_happened(self):
        """Nobody works for a customer after it was disabled, and before it is enabled."""
        disabled, changes, wrong = set(), {}, []
        for sequence, customer, kind in self.sql(
                "SELECT sequence, key1, kind FROM events WHERE key1 LIKE 'shared-%' ORDER BY sequence"):
            changes[kind] = changes.get(kind, 0) + 1
            if kind == 'CUSTOMER_DISABLED':
                disabled.add(customer)
            elif kind == 'CUSTOMER_ENABLED':
                disabled.remove(customer)
            elif customer in disabled:
                wrong.append((int(sequence), customer, kind))
        self.assertEqual(wrong, [], f'of {changes}')
        for kind in 'CUSTOMER_DISABLED', 'CUSTOMER_ENABLED', 'SUBSCRIPTION_UPDATED':
            self.assertGreater(changes[kind], 10)


if __name__ == '__main__':
    unittest.main()
