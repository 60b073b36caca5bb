"""The story of domain.md at the partner's desk, with the `lmp` tool: what it prints, where, and its exit codes."""

import concurrent.futures
import datetime
import json
import subprocess
import time
import unittest

import lmp_server
from lmp_server import Cli, ServerTestCase

INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION, OUT_OF_RANGE = 3, 5, 6, 9, 11
UNAVAILABLE, USAGE = 14, 64


class CliTestCase(ServerTestCase, unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cli = Cli(cls.server.target)

    def create_customer(self, customer_id, *flags):
        return self.cli.json('customer', 'create', customer_id, '--partner', 'acme-msp', '--display-name',
                             'The Corner Bakery', '--city', 'Bonn', '--region', 'NRW', '--country', 'DE',
                             '--contact-given-name', 'Ada', '--contact-family-name', 'Berg', '--contact-email',
                             'ada@bakery.example', *flags)

    def licenses(self, customer):
        """By product."""
        found = {}
        for one in self.cli.json('license', 'list', customer):
            found.setdefault(one['product'].split('/')[1], []).append(one)
        return found

    def assert_fails(self, code, *args):
        """Standard error of a command that must fail with this exit code and print no result."""
        done = self.cli.run(*args)
        self.assertEqual(done.returncode, code, f'{args}: {done.stdout}{done.stderr}')
        self.assertEqual(done.stdout, '', args)
        self.assertIn('error:', done.stderr, args)
        return done.stderr


class StoryTest(CliTestCase):

    def test_assignment_with_crossgrade_refused_previewed_and_resolved(self):
        customer = self.create_customer('bakery')
        self.assertEqual((customer['name'], customer['state']), ('customers/bakery', 'ENABLED'))

        self.assertIn('cas-monthly', self.cli.ok('plan', 'list'))
        assignable = {p['service_plan']['name']: p for p in self.cli.json('plan', 'assignable', 'bakery')}
        self.assertEqual(set(assignable), {f'servicePlans/{p}' for p in lmp_server.PLANS})
        self.assertEqual({p['assignability'] for p in assignable.values()}, {'ASSIGNABLE'})

        assigned = self.cli.json('assign', 'bakery', 'cas-monthly', '--units', '25')['subscription']
        old = assigned['licenses'][0]
        self.assertEqual((old['units'], old['product']), (25, 'products/cloud-app-security'))

        suite = ('assign', 'bakery', 'suite-annual', '--units', '40', '--units', 'worry-free-services=30')
        refused = self.assert_fails(FAILED_PRECONDITION, *suite)
        for part in ('CROSSGRADE_REQUIRED', 'FAILED_PRECONDITION', 'products/cloud-app-security', old['name'],
                     assigned['name'], 'TRANSFER', '--crossgrade auto', 'hint:'):
            self.assertIn(part, refused)
        self.assertEqual(self.licenses('bakery'), {'cloud-app-security': [old]}, 'a refusal changes nothing')

        preview = self.cli.run(*suite, '--crossgrade', 'auto', '--dry-run')
        self.assertEqual(preview.returncode, 0, preview.stderr)
        self.assertIn('nothing was saved', preview.stderr)
        for part in ('TRANSFER', old['name'], 'units: 25 → 40', 'state: ACTIVE → DISABLED'):
            self.assertIn(part, preview.stdout)
        self.assertEqual(self.licenses('bakery'), {'cloud-app-security': [old]}, 'a preview saves nothing')

        response = self.cli.json(*suite, '--crossgrade', 'auto')
        self.assertEqual(response['changes'], [])
        outcome, = response['crossgrade_outcomes']
        self.assertEqual((outcome['license'], outcome['resolution'], outcome['from_subscription']),
                         (old['name'], 'TRANSFER', assigned['name']))
        replaced, = response['replaced_subscriptions']
        self.assertEqual((replaced['name'], replaced['state'], replaced['replaced_by']),
                         (assigned['name'], 'DISABLED', response['subscription']['name']))

        after = self.licenses('bakery')
        self.assertEqual({p: [x['units'] for x in l] for p, l in after.items()},
                         {'cloud-app-security': [40], 'worry-free-services': [30]})
        self.assertEqual(after['cloud-app-security'][0]['name'], old['name'], 'a transferred license keeps its name')
        check = self.cli.json('license', 'check', 'bakery', 'cloud-app-security')
        self.assertEqual((check['usable'], check['units'], check['license']), (True, 40, old['name']))
        self.assertIn('usable', self.cli.ok('license', 'check', 'bakery', 'cloud-app-security'))
        self.assertEqual({s['state'] for s in self.cli.json('subscription', 'list', 'bakery')}, {'ACTIVE', 'DISABLED'})

    def test_software_is_transferred_or_newly_licensed_per_product(self):
        self.create_customer('workshop')
        first = self.cli.json('assign', 'workshop', 'encryption-annual', '--units', '10')['subscription']['licenses'][0]
        self.assertTrue(first['activation_code'])
        again = ('assign', 'workshop', 'encryption-annual', '--units', '20')
        refused = self.assert_fails(FAILED_PRECONDITION, *again)
        self.assertIn('choices: TRANSFER, NEW_LICENSE', refused)
        self.assertIn('--crossgrade PRODUCT=transfer|new', refused)

        start = (lmp_server.today() + datetime.timedelta(days=40)).isoformat()
        added = self.cli.json(*again, '--crossgrade', 'endpoint-encryption=new', '--start',
                              start)['subscription']['licenses'][0]
        self.assertNotEqual(added['name'], first['name'])
        self.assertNotEqual(added['activation_code'], first['activation_code'])
        self.assertEqual(added['state'], 'PENDING')
        self.assertEqual(len(self.licenses('workshop')['endpoint-encryption']), 2)

        self.create_customer('smithy-1')
        first = self.cli.json('assign', 'smithy-1', 'encryption-annual', '--units', '10')['subscription']['licenses'][0]
        moved = self.cli.json('assign', 'smithy-1', 'encryption-annual', '--units', '20', '--crossgrade',
                              'endpoint-encryption=transfer')['subscription']['licenses'][0]
        self.assertEqual((moved['name'], moved['activation_code'], moved['units']),
                         (first['name'], first['activation_code'], 20))

    def test_the_same_request_id_is_one_change_and_says_so(self):
        self.create_customer('repeater')
        command = ('assign', 'repeater', 'cas-annual', '--units', '5', '--request-id', lmp_server.new_request_id())
        first, second = self.cli.run(*command), self.cli.run(*command)
        self.assertEqual((first.returncode, second.returncode), (0, 0), first.stderr + second.stderr)
        self.assertEqual(first.stdout, second.stdout)
        self.assertNotIn('replayed', first.stderr)
        self.assertIn('replayed', second.stderr)
        self.assertEqual(len(self.cli.json('subscription', 'list', 'repeater')), 1)
        reused = list(command)
        reused[reused.index('5')] = '6'
        self.assertIn('REQUEST_ID_REUSED', self.assert_fails(ALREADY_EXISTS, *reused))

    def test_get_update_and_stale_etag(self):
        etag = self.create_customer('updater', '--annotations', 'crm=4711')['etag']
        updated = self.cli.json('customer', 'update', 'updater', '--city', 'Köln', '--etag', etag)
        self.assertEqual((updated['city'], updated['annotations']), ('Köln', {'crm': '4711'}))
        self.assertEqual(self.cli.json('customer', 'get', 'customers/updater'), updated)
        self.assertIn('ETAG_MISMATCH',
                      self.assert_fails(10, 'customer', 'update', 'updater', '--city', 'Bonn', '--etag', etag))

    def test_lists_end_at_the_limit(self):
        for i in range(3):
            self.create_customer(f'listed-{i}')
        self.assertEqual(len(self.cli.json('customer', 'list', '--limit', '2')), 2)


    def test_the_desk_finds_customers_what_ends_soon_and_ids_by_their_ends(self):
        self.create_customer('florist', '--external-id', 'K-4711')
        name = self.cli.json('assign', 'florist', 'cas-monthly', '--units', '5')['subscription']['licenses'][0]['name']
        for text in ('corner', 'CORNER', 'flor', 'k-4711', 'berg'):
            self.assertIn('customers/florist', self.cli.ok('customer', 'list', text), text)
        self.assertEqual(self.cli.run('customer', 'list', 'nobody-of-that-name').stderr, '(none)\n')
        self.assertIn(name, self.cli.ok('license', 'list', 'florist', '--expires-in', '40d'))
        self.assertNotIn(name, self.cli.ok('license', 'list', 'florist', '--expires-in', '5d'))
        self.assertEqual(self.cli.json('license', 'get', f'florist/…{name[-6:]}')['name'], name)
        self.assertEqual(self.cli.json('license', 'get', 'florist/cloud-app-security')['name'], name)
        renewed = self.cli.json('subscription', 'update', 'florist/cas-monthly', '--units', '8')['subscription']
        self.assertEqual([license['units'] for license in renewed['licenses']], [8])
        self.assertIn('PRODUCT_NOT_FOUND', self.cli.run('license', 'check', 'florist', 'no-such-product').stderr)
        exported = self.cli.ok('license', 'list', 'florist', '-o', 'csv')
        self.assertRegex(exported, r'(?m)^name,product,')
        self.assertIn(f'{name},products/cloud-app-security,SERVICE,USER,8,', exported)

    def test_many_are_changed_by_a_false_a_zero_and_not_by_nothing(self):
        self.create_customer('barber')
        subscription = self.cli.json('assign', 'barber', 'cas-monthly', '--units', '60')['subscription']['name']
        self.cli.ok('subscription', 'update-all', 'barber', '--no-subscription-auto-renewal',
                    '--subscription-expiration-notice-days', '0')
        after = self.cli.json('subscription', 'get', subscription)
        self.assertEqual((after['auto_renewal'], after['expiration_notice_days']), (False, 0))
        self.assertIn('auto_renewal: yes → no', self.cli.ok('event', 'list', 'barber'))
        done = self.cli.run('subscription', 'update', subscription, '--units', 'cloud-app-security=+10')
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertEqual(self.licenses('barber')['cloud-app-security'][0]['units'], 60)
        done = self.cli.run('subscription', 'suspend-all', 'barber')
        self.assertEqual(done.returncode, FAILED_PRECONDITION, 'it does not renew: nothing was done')
        done = self.cli.run('subscription', 'cancel-all', 'barber', '--product', 'endpoint-encryption')
        self.assertEqual((done.returncode, done.stdout), (NOT_FOUND, ''), done.stderr)
        self.cli.ok('subscription', 'cancel-all', 'barber')
        self.assertNotIn(' yes ', self.cli.ok('subscription', 'list', 'barber'))

    def test_a_full_disk_is_no_success(self):
        self.create_customer('printer')
        for args in (('customer', 'list'), ('customer', 'list', '-o', 'json'), ('customer', 'list', '-o', 'csv'),
                     ('--help',)):
            with open('/dev/full', 'w', encoding='utf-8') as full:
                done = subprocess.run([str(lmp_server.BIN / 'lmp'), *args], env=self.cli.env, stdin=subprocess.DEVNULL,
                                      stdout=full, stderr=subprocess.PIPE, encoding='utf-8', timeout=60)
            self.assertEqual(done.returncode, 74, args)
            self.assertIn('could not be written', done.stderr, args)


class CliErrorTest(CliTestCase):

    def test_unknown_things_are_5_with_a_way_to_find_them(self):
        self.create_customer('known')
        self.assertIn('lmp customer list', self.assert_fails(NOT_FOUND, 'license', 'list', 'unknown-one'))
        self.assertIn('CUSTOMER_NOT_FOUND',
                      self.assert_fails(NOT_FOUND, 'assign', 'unknown-one', 'cas-annual', '--units', '5'))
        self.assertIn('SERVICE_PLAN_NOT_FOUND',
                      self.assert_fails(NOT_FOUND, 'assign', 'known', 'no-such-plan', '--units', '5'))
        self.assertIn('PRODUCT_NOT_FOUND', self.assert_fails(NOT_FOUND, 'product', 'get', 'no-such-product'))

    def test_invalid_input_is_3_and_names_every_field(self):
        error = self.assert_fails(INVALID_ARGUMENT, 'customer', 'create', 'X', '--country', 'Germany',
                                  '--contact-email', 'ada')
        for word in ('ID', '--partner', '--display-name', '--city', '--region', '--country', '--contact-given-name',
                     '--contact-family-name', '--contact-email'):
            self.assertRegex(error, rf'(?m)^  {word}: ')
        self.assertNotIn('customer.', error, 'flags as they are typed, once')

    def test_wrong_units_are_3_and_wrong_dates_11(self):
        self.create_customer('wrong-input')
        assign = ('assign', 'wrong-input')
        self.assertIn('5 to 500', self.assert_fails(INVALID_ARGUMENT, *assign, 'encryption-annual', '--units', '3'))
        self.assertIn('cloud-app-security', self.assert_fails(INVALID_ARGUMENT, *assign, 'cas-annual'))
        error = self.assert_fails(INVALID_ARGUMENT, *assign, 'cas-annual', '--units', '5', '--units',
                                  'endpoint-encryption=5')
        self.assertIn('endpoint-encryption', error)
        self.assertIn('DATE_OUT_OF_RANGE',
                      self.assert_fails(OUT_OF_RANGE, *assign, 'cas-annual', '--units', '5', '--start', '2001-01-01'))
        self.assertEqual(self.licenses('wrong-input'), {})

    def test_a_wrong_command_line_is_64_and_asks_no_server(self):
        cli = Cli('127.0.0.1:1')
        for args in (('frobnicate',), ('customer', 'get'), ('partner', 'usage', 'acme-msp', '--month', 'november'),
                     ('assign', 'bakery', 'cas-annual', '--units', 'many'), ('assign',),
                     ('assign', 'bakery', 'cas-annual', '--units', '5', '--start', 'tomorrow'),
                     ('assign', 'bakery', 'cas-annual', '--units', '5', '--crossgrade', 'maybe'),
                     ('license', 'list', '-o', 'xml'),
                     ('customer', 'list', '--dry-run')):
            done = cli.run(*args)
            self.assertEqual(done.returncode, USAGE, f'{args}: {done.stderr}')
            self.assertTrue(done.stderr, args)

    def test_errors_in_json_are_the_status_with_its_details(self):
        done = self.cli.run('customer', 'get', 'unknown-one', '-o', 'json')
        self.assertEqual((done.returncode, done.stdout), (NOT_FOUND, ''))
        status = json.loads(done.stderr)
        self.assertEqual(status['code'], NOT_FOUND)
        self.assertIn('CUSTOMER_NOT_FOUND', [d.get('reason') for d in status['details']])

    def test_without_a_server_it_is_14_and_says_where_to_look(self):
        done = Cli('127.0.0.1:1').run('customer', 'list', '--timeout', '1s')
        self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
        self.assertIn('is the server running?', done.stderr)
        self.assertIn('--server', done.stderr)
        done = Cli('127.0.0.1:1').run('assign', 'bakery', 'cas-nfr', '--timeout', '1s')
        self.assertEqual(done.returncode, UNAVAILABLE, done.stderr)
        self.assertRegex(done.stderr, r'--request-id [0-9a-f-]{36}',
                         'the outcome of a change is unknown: how to ask again')

    def test_a_server_that_starts_late_is_found_soon(self):
        server = lmp_server.LmpServer(self.directory / 'late')
        server.directory.mkdir()
        self.addCleanup(lambda: server.kill())
        self.assertEqual(server.start().stop(), 0)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            answer = pool.submit(Cli(server.target).run, 'partner', 'list', '--timeout', '60s')
            time.sleep(0.5)  # so that the first attempts fail
            server.start()
            started = time.monotonic()
            self.assertEqual(answer.result().returncode, 0, answer.result().stderr)
            # Well below the 5 s after which gRPC would notice without us.
            self.assertLess(time.monotonic() - started, 3)


if __name__ == '__main__':
    unittest.main()
