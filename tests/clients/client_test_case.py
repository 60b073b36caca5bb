"""The story for clients that we did not write. Each client is a program that plays it and prints what it sees, a line
of JSON for each step; here is the server that it plays with, and what it must have seen."""

import contextlib
import json
import pathlib
import subprocess
import threading
import time

import lmp_server
from lmp_server import ServerTestCase, call_with_retries, licensing_api

ROOT = pathlib.Path(__file__).parents[2]
PROTO = ROOT / 'proto'
PLAY_TIMEOUT = 50  # seconds


class ClientTestCase(ServerTestCase):
    """Mix into unittest.TestCase. The story is played once; each test looks at a step of it."""

    with_catalog = False

    @classmethod
    def command(cls):
        """(argv without the server's address, environment) of the client, or unittest.SkipTest."""
        raise NotImplementedError

    exit_code = None  # the server's, from its stop in the middle

    @classmethod
    def setUpClass(cls):
        argv, env = cls.command()  # first, so that nothing is started only to be skipped
        super().setUpClass()
        cls.steps = {}
        log = cls.directory / 'client.log'
        with open(log, 'wb') as stderr:
            client = lmp_server.popen([*argv, cls.server.target], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=stderr, encoding='utf-8', env=lmp_server.child_environment(env))
        cls.addClassCleanup(lmp_server.kill, client)
        timer = threading.Timer(PLAY_TIMEOUT, client.kill)
        timer.start()
        try:
            cls.follow(client)
        finally:
            timer.cancel()
            client.stdout.close()
        if client.wait(10) != 0:
            raise AssertionError(f'the client ended with {client.returncode} after '
                                 f'{list(cls.steps)}:\n{log.read_text()[-3000:]}')

    @classmethod
    def follow(cls, client):
        """Reads the steps to the end; on "restart" stops the server and starts it again, on the same port and
        database."""
        for line in client.stdout:
            step = json.loads(line)
            cls.steps[step.pop('step')] = step
            if 'restart' in cls.steps and cls.exit_code is None:
                time.sleep(0.3)  # so that calls are under way
                cls.exit_code = cls.server.stop()
                time.sleep(0.5)  # so that every client meets a server that is away
                cls.server.start()
                with contextlib.suppress(BrokenPipeError), client.stdin:  # a client that has failed says why in its log
                    client.stdin.write('restarted\n')

    def everything(self, list_page, request_class, items):
        """{customer id: its subscriptions or licenses}"""
        found, token = {}, ''
        while True:
            page = call_with_retries(list_page, request_class(parent='customers/-', page_size=1000, page_token=token))
            for one in getattr(page, items):
                found.setdefault(one.name.split('/')[1], []).append(one)
            token = page.next_page_token
            if not token:
                return found

    def subscriptions(self):
        return self.everything(self.client.licensing.ListSubscriptions, licensing_api.ListSubscriptionsRequest,
                               'subscriptions')

    def licenses(self):
        return self.everything(self.client.licensing.ListLicenses, licensing_api.ListLicensesRequest, 'licenses')

    def test_every_wrong_field_was_named(self):
        fields = ['city', 'contact.email', 'contact.family_name', 'contact.given_name', 'country', 'display_name',
                  'partner',
                  'region']
        self.assertEqual(self.steps['invalid'], dict(code=3, reason='INVALID_FIELDS', domain='lmp',
                                                     fields=[f'customer.{field}' for field in fields]))

    def test_the_crossgrade_was_refused_with_the_duplicates_and_their_choices(self):
        first = {}  # by product; names are in order of time
        for license in self.licenses()['bakery']:
            first.setdefault(license.product, license.name)
        self.assertEqual(self.steps['refused'], dict(code=9, reason='CROSSGRADE_REQUIRED', duplicates=[
            dict(product='products/disk', license=first['products/disk'], choices=['TRANSFER', 'NEW_LICENSE']),
            dict(product='products/drive', license=first['products/drive'], choices=['TRANSFER'])]))

    def test_the_resolved_crossgrade_was_assigned(self):
        step = self.steps['assigned']
        self.assertEqual(step['outcomes'], [dict(product='products/disk', resolution='NEW_LICENSE'),
                                            dict(product='products/drive', resolution='TRANSFER')])
        self.assertEqual([(l['product'], l['units']) for l in step['licenses']],
                         [('products/disk', 10), ('products/drive', 40), ('products/mail', 60)])
        stored = {l.name: l for l in self.licenses()['bakery']}
        self.assertEqual(len(stored), 4, 'a second one of the software')
        for license in step['licenses']:
            one = stored[license['name']]
            self.assertEqual((one.product, one.units, one.subscription),
                             (license['product'], license['units'], step['subscription']))

    def test_pages_were_followed_to_the_end(self):
        names = [f'customers/{c}' for c in ('bakery', 'cinema', 'dairy', 'florist', 'gym-one')]
        self.assertEqual(self.steps['pages'], dict(pages=[names[0:2], names[2:4], names[4:]]))

    def test_each_request_had_its_effect_once_across_the_restart(self):
        self.assertEqual(self.exit_code, 0, 'of the server that was stopped')
        step = self.steps['resumed']
        self.assertGreater(step['unavailable'], 0, 'the client met a server that was away')
        self.assertEqual(step['replayed'], [False, True])
        self.assertEqual(step['again'], step['first'])
        assigned = {'cinema': step['first'], **step['assigned']}
        self.assertGreater(len(assigned), 3)
        subscriptions, licenses = self.subscriptions(), self.licenses()
        del subscriptions['bakery'], licenses['bakery']
        self.assertEqual({c: [s.name for s in found] for c, found in subscriptions.items()},
                         {c: [s] for c, s in assigned.items()})
        self.assertEqual({c: [l.subscription for l in found] for c, found in licenses.items()},
                         {c: [s] for c, s in assigned.items()})

    def test_no_call_failed_but_for_a_server_that_was_away(self):
        self.assertEqual(self.steps['resumed']['unexpected'], [])
