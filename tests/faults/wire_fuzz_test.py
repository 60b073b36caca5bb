"""Nothing that a client sends makes the server fail: every RPC, many times, with messages that are nearly right.

LMP_WIRE_FUZZ_CALLS is the number of calls (CI: 20 000), LMP_WIRE_FUZZ_SEED the seed; both are printed. One million
takes about half an hour:  LMP_WIRE_FUZZ_CALLS=1000000 ctest --test-dir build/test -V -R wire_fuzz --timeout 7200
"""

import collections
import contextlib
import os
import random
import subprocess
import time
import unittest

import grpc

import lists_data
import lmp_server
import rpc
from lmp_server import PARTNER, ServerTestCase, create_customer
from processes import resident_mib
from wire_messages import Messages

CALLS = int(os.environ.get('LMP_WIRE_FUZZ_CALLS', '20000'))
SEED = int(os.environ.get('LMP_WIRE_FUZZ_SEED', '0')) or random.randrange(1, 2**31)
CLIENTS = 8
LONGEST = 1  # seconds that a call may take
# What no request may end in. An answer of more than a minute's work ends in DEADLINE_EXCEEDED, too.
FAULTS = {'INTERNAL', 'UNKNOWN', 'DATA_LOSS', 'UNIMPLEMENTED', 'DEADLINE_EXCEEDED', 'UNAVAILABLE'}
# Where a caller finds names.
LISTS = {'ListPartners': '', 'ListProducts': '', 'ListServicePlans': '', 'ListRegistrationKeys': '',
         'ListCustomers': '', 'ListSubscriptions': 'customers/-', 'ListLicenses': 'customers/-',
         'ListScheduledChanges': 'customers/-/subscriptions/-', 'ListLicensePools': 'partners/-',
         'ListApiKeys': 'partners/-', 'ListEvents': '-'}


class Tally:
    def __init__(self):
        self.codes = collections.Counter()  # (method, code)
        self.faults = []
        self.slowest = (0, '', b'')

    def add(self, method, code, seconds, request, error=''):
        self.codes[method, code] += 1
        if method not in rpc.STREAMS:
            self.slowest = max(self.slowest, (seconds, method, request))
        if code in FAULTS:
            self.faults.append(f'{method}: {code} {error[:300]} for {request.hex()[:2000]}')


class WireFuzzTest(ServerTestCase, unittest.TestCase):
    @classmethod
    def make_server(cls, stack):
        key = cls.directory / 'key.pem'
        subprocess.run(['openssl', 'genpkey', '-algorithm', 'ed25519', '-out', key], check=True, capture_output=True)
        return lmp_server.LmpServer(cls.directory, ['--token-key-file', key])

    def play(self, number, calls, tally):
        messages = Messages(random.Random(SEED * 1000 + number))
        with self.server.client() as client:
            for method in LISTS:
                call, request = rpc.Rpc(client).method(method)
                parent = {'parent': LISTS[method]} if LISTS[method] else {}
                messages.harvest(call(request(page_size=100, **parent), timeout=60))
            for i in range(calls):
                method = messages.random.choice(sorted(rpc.METHODS))
                self.call(client, method, messages, tally)
                if i % 100 == 99:
                    self.replace_what_ended(client, f'n{number}-{i}')

    @staticmethod
    def replace_what_ended(client, key):
        """A partner with a plan and a customer who has it."""
        api, product = rpc.Rpc(client), 'products/cloud-app-security'
        with contextlib.suppress(grpc.RpcError):  # the product may have ended
            partner = api.CreatePartner(partner_id=key, partner=dict(display_name=key, tier='DISTRIBUTOR')).name
            api.CreateServicePlan(service_plan_id=key, service_plan=dict(
                display_name=key, partner=partner, product=product, initial_term_months=12, auto_renewal=True))
            customer = create_customer(client, key, partner=partner)
            api.AssignServicePlan(parent=customer, service_plan=f'servicePlans/{key}',
                                  units=[dict(product=product, units=9)])

    def call(self, client, method, messages, tally):
        self.send(client, method, messages.request(method), messages, tally)

    @staticmethod
    def send(client, method, request, messages, tally):
        descriptor = rpc.METHODS[method]
        path = f'/{descriptor.containing_service.full_name}/{method}'
        answer_class = rpc.message_class(descriptor.output_type)
        call = client.channel.unary_unary(path, response_deserializer=answer_class.FromString)
        if method in rpc.STREAMS:
            call = rpc.first_of(client.channel.unary_stream(path, response_deserializer=answer_class.FromString))
        began = time.monotonic()
        try:
            # A stream may have nothing to say for long.
            answer = call(request, timeout=0.5 if method in rpc.STREAMS else 60)
            tally.add(method, 'OK', time.monotonic() - began, request)
            messages.harvest(answer)
        except grpc.RpcError as error:
            code = error.code().name
            if method in rpc.STREAMS and code == 'DEADLINE_EXCEEDED':
                code = 'OK'
            tally.add(method, code, time.monotonic() - began, request, error.details() or '')

    def alone(self, client, seconds, method, request):
        """How long the slowest call takes, if it took long, with nothing beside it, which may have been what was slow:
        the best of three."""
        if seconds < LONGEST:
            return seconds
        best = seconds
        for _ in range(3):
            again = Tally()
            self.send(client, method, request, Messages(random.Random(SEED)), again)
            best = min(best, again.slowest[0])
        print(f'the slowest one, {method}, takes {best:.2f} s alone')
        return best

    def test_no_call_fails_for_a_reason_of_the_servers(self):
        print(f'seed {SEED}, {CALLS} calls', flush=True)
        with self.server.client() as client:
            lists_data.make_data(client, self.server)
            rpc.Rpc(client).CreateApiKey(parent=PARTNER, api_key=dict(display_name='Desk', roles=['PARTNER_ADMIN']))
        pid, tallies = self.server.process.pid, [Tally() for _ in range(CLIENTS)]
        memory = []
        for part in range(5):
            def play(client, part=part):
                self.play(client + part * CLIENTS, CALLS // CLIENTS // 5, tallies[client])

            lmp_server.in_parallel(play, range(CLIENTS), CLIENTS)
            memory.append(resident_mib(pid))
            print(f'{(part + 1) * CALLS // 5} calls, slowest {max(tally.slowest for tally in tallies)[:2]}, '
                  f'{memory[-1]:.0f} MiB', flush=True)
        codes = sum((tally.codes for tally in tallies), collections.Counter())
        print(collections.Counter(code for (_, code), count in codes.items() for _ in range(count)))
        self.assertEqual([], [fault for tally in tallies for fault in tally.faults][:5])
        self.assertIsNone(self.server.process.poll(), 'the server lives')
        self.assertEqual(set(rpc.METHODS), {method for method, _ in codes}, 'every RPC was called')
        understood = {method for (method, code) in codes if code != 'INVALID_ARGUMENT'}
        self.assertLess(len(set(rpc.METHODS) - understood), 5, 'and got past the parsing of its request')
        self.assertLess(memory[-1], memory[1] * 1.5 + 64, f'memory stays flat: {memory}')
        logged = [entry for entry in self.server.log_entries() if entry['severity'] == 'ERROR']
        self.assertEqual([], logged[:5], 'nothing went wrong that was not told')
        with self.server.client() as client:
            self.assertEqual(lmp_server.SERVING, client.health_status())
            self.assertLess(self.alone(client, *max(tally.slowest for tally in tallies)), LONGEST)


if __name__ == '__main__':
    unittest.main()
