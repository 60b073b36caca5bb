"""A database that is set back under a running server, as by a restore or a replica that lagged and took over: whoever
watches is told that its place is gone, and nobody goes on in another history as if it were the same."""

import subprocess
import time
import unittest

import grpc

import lmp_server
from lmp_server import (Error, ServerTestCase, assign_request, call_error, child_environment, create_customer,
                        run_server_command, wait_until)
from credentials import database_of
from license_cache_test import Program
from rpc import Rpc, broken_promises
from watching import take, watch

UNITS = {'cloud-app-security': 5}


class SetBackTest(ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    def setUp(self):
        self.rpc = Rpc(self.client)
        self.kept = create_customer(self.client, f'kept-{self.id()[-4:]}'.replace('_', '-'))
        self.await_history()
        self.before = self.rpc.GetHistoryHead()
        self.backup = self.mariadb('mariadb-dump', '--single-transaction', 'lmp')

    def mariadb(self, program, *args, given=None):
        return subprocess.run([program, '--no-defaults', '--socket', self.server.socket, '--user=root', *args],
                              input=given, env=child_environment(), capture_output=True, check=True, timeout=60).stdout

    def restore(self):
        """By one who forgot to stop the server."""
        self.mariadb('mariadb', 'lmp', given=self.backup)
        self.assertEqual(self.server.sql('SELECT sequence FROM history_head'), [[str(self.before.sequence)]])

    def watch(self, **fields):
        stream = watch(self.client, **fields)
        self.addCleanup(stream.cancel)
        return stream

    def assert_gone(self, error):
        self.assertEqual((error.code, error.reason), (grpc.StatusCode.OUT_OF_RANGE, 'RESUME_TOKEN_GONE'), error)
        self.assertEqual(error.metadata['earliest_token'], '0-0000000000000000')
        self.assertEqual(broken_promises(error), [])

    def make_lost(self, name, count=3):
        lost = [create_customer(self.client, f'{name}-{i}') for i in range(count)]
        self.await_history()
        return lost

    def test_watchers_are_told_and_what_is_left_goes_on(self):
        streams = [self.watch(), self.watch(customer=self.kept), self.watch(event_kinds=['PARTNER_CANCELED'])]
        for stream in streams:
            next(stream)
        lost = self.make_lost('lost')
        take(streams[0], len(lost))
        token = next(self.watch()).resume_token
        self.restore()
        began = time.monotonic()
        for stream in streams:
            self.assert_gone(call_error(list, stream))
        print(f'\nafter {time.monotonic() - began:.2f} s all watchers knew')
        self.assert_gone(call_error(self.rpc.WatchEvents, resume_token=token))
        logged = len(self.server.log_entries())
        # The history goes on, and soon has as many events as before, but others.
        early = self.watch(resume_token=f'{self.before.sequence}-{self.before.chain_hash[:16]}')
        now = self.watch()
        next(now)
        others = self.make_lost('other', 5)
        for stream in (early, now):
            self.assertEqual([e.change.resource for e in take(stream, 5)], others)
        complaints = [e for e in self.server.log_entries()[logged:]
                      if e['message'].startswith('the database was set back')]
        self.assertEqual([(e['severity'], e['history_ended_at']) for e in complaints],
                         [('ERROR', self.before.sequence)], complaints)
        self.assert_gone(call_error(self.rpc.WatchEvents, resume_token=token))
        done = run_server_command('check', '--history', *database_of(self.server))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_license_cache_takes_a_new_snapshot(self):
        program = Program(self, self.server.target)

        def ask(customer):
            return program.ask(f'{customer.split("/")[1]} cloud-app-security')

        lost = self.make_lost('assigned')[0]
        self.client.licensing.AssignServicePlan(assign_request(lost, 'cas-annual', UNITS))
        self.client.licensing.AssignServicePlan(assign_request(self.kept, 'cas-annual', UNITS))
        for customer in (lost, self.kept):
            wait_until(lambda: ask(customer) == 'yes 5 ACTIVE cache', 20, 'the cache has it')
        self.restore()
        wait_until(lambda: ask(self.kept) == 'no 0 STATE_UNSPECIFIED cache', 20, 'it was never assigned')
        self.assertIn('CUSTOMER_NOT_FOUND', ask(lost))
        self.assertRegex(program.ask('state'), '^ready .* streams [2-9] ')
        self.client.licensing.AssignServicePlan(assign_request(self.kept, 'cas-annual', {'cloud-app-security': 6}))
        wait_until(lambda: ask(self.kept) == 'yes 6 ACTIVE cache', 20, 'it follows what comes')


if __name__ == '__main__':
    unittest.main()
