"""From every schema since version 5 to this one: the rows of a kept database are what they were, and go on."""

import json
import re
import subprocess
import unittest

from google.protobuf import json_format

import old_schema
from credentials import bearer
from listings import LISTINGS, Lists, instant
from lmp.v1.api_key_pb2 import Role
from lmp_server import (PARTNER, LmpServer, TemporaryDirectory, assign_request, create_customer, customer_api,
                        licensing_api, new_request_id, run_server_command, wait_until)
from private_database import PASSWORD, PrivateDatabase
from rpc import Rpc

ENV = {'LMP_MYSQL_PASSWORD': PASSWORD}


class UpgradeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = TemporaryDirectory()
        cls.addClassCleanup(temporary.remove)
        cls.directory = temporary.path
        cls.database = PrivateDatabase(cls.directory)
        cls.addClassCleanup(cls.database.kill)
        cls.database.start()
        cls.kept = json.loads((old_schema.KEPT / 'answers.json').read_text())

    def old_database(self, version, name):
        """Its URL."""
        url = self.database.make(name)
        self.database.sql(f'USE {name};\n{old_schema.kept(version)}')
        return url

    def run_ok(self, *args):
        done = run_server_command(*args, env=ENV)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def serve(self, url, *args):
        directory = self.directory / url.rsplit('/', 1)[1]
        directory.mkdir()
        server = LmpServer(directory, ['--time-worker', '0', *args], database=['--mysql-url', url], env=ENV)
        self.addCleanup(server.kill)
        return server.start()

    def test_from_every_version(self):
        for version in range(old_schema.KEPT_VERSION, old_schema.newest()):
            with self.subTest(version=version):
                url = self.old_database(version, f'from_{version}')
                said = self.run_ok('migrate', '--mysql-url', url)
                self.assertIn(f'schema is at version {old_schema.newest()}', said)
                self.assertIn(' 0 violations', self.run_ok('check', '--mysql-url', url))
                server = self.serve(url)
                self.all_is_as_it_was(server)
                self.events_get_their_places(server, f'from_{version}')
                self.it_goes_on(server)
                self.assertEqual(server.stop(), 0)
                self.assertIn(' 0 violations', self.run_ok('check', '--history', '--mysql-url', url))

    def all_is_as_it_was(self, server):
        with server.client() as client:
            lists = Lists(client)
            for collection in LISTINGS:
                then = lists.all(collection, read_time=instant(self.kept['read_time_micros']))
                self.assertEqual([json_format.MessageToDict(r) for r in then], self.kept['answers'][collection],
                                 collection)

    def events_get_their_places(self, server, schema):
        (events,), = self.database.sql(f'SELECT COUNT(*) FROM {schema}.events')
        with server.client() as client:
            def places():
                return [e.sequence for e in Rpc(client).ListEvents(parent='-', page_size=1000).events]

            wait_until(lambda: places() == list(range(1, int(events) + 1)), 30, 'each event has its place')

    def it_goes_on(self, server):
        with server.client() as client:
            customer = create_customer(client, 'of-today')
            client.licensing.AssignServicePlan(assign_request(customer, 'cas-annual', {'cloud-app-security': 5},
                                                              request_id=new_request_id()))
            self.assertTrue(client.licensing.CheckLicense(licensing_api.CheckLicenseRequest(
                customer=customer, product='products/cloud-app-security')).usable)
            # Of each customer there was, something is written: time passes for it, and its history goes on.
            for name in (c['name'] for c in self.kept['answers']['customers'] if 'deleteTime' not in c):
                now = client.customers.GetCustomer(customer_api.GetCustomerRequest(name=name))
                request = customer_api.UpdateCustomerRequest(customer=now, request_id=new_request_id())
                request.customer.note = 'after the upgrade'
                request.update_mask.paths.append('note')
                client.customers.UpdateCustomer(request)
                self.assertEqual(client.customers.GetCustomer(customer_api.GetCustomerRequest(name=name)).note,
                                 'after the upgrade')

    def test_a_backup_of_before_is_the_way_back(self):
        """By the runbook's own command: of the newer schema nothing may be left, or no second attempt would succeed."""
        url = self.old_database(old_schema.KEPT_VERSION, 'there_and_back')
        page = (old_schema.MIGRATIONS.parents[1] / 'deploy' / 'runbook.md').read_text()
        flags = re.search(r'(?m)^mariadb-dump (.*) --databases lmp -h .* > before.sql$', page).group(1).split()
        root = ['--no-defaults', '--socket', self.database.socket, '--user=root']
        backup = subprocess.run(['mariadb-dump', *root, *flags, '--databases', 'there_and_back'], check=True,
                                stdout=subprocess.PIPE).stdout
        for _ in range(2):
            self.assertIn('migration 13 ', self.run_ok('migrate', '--mysql-url', url))
            subprocess.run(['mariadb', *root], input=backup, check=True)
        self.assertEqual(self.database.sql('SELECT MAX(version) FROM there_and_back.schema_migrations'),
                         [[str(old_schema.KEPT_VERSION)]])

    def test_a_key_of_before_lets_in_and_has_its_event(self):
        """Version 11 made a resource of what version 10 kept."""
        new, old = self.old_database(old_schema.KEPT_VERSION, 'keys_new'), self.old_database(10, 'keys_old')
        self.run_ok('migrate', '--mysql-url', new)
        secret = self.run_ok('api-key', 'create', '--role', 'CHECKER', '--partner', PARTNER.split('/')[1],
                             '--mysql-url', new).strip()
        both = 'key_id, partner_id, display_name, secret_hash, expire_time, create_time'
        self.database.sql(f"INSERT INTO keys_old.api_keys ({both}, role) "
                          f"SELECT {both}, 'CHECKER' FROM keys_new.api_keys")
        self.run_ok('migrate', '--mysql-url', old)
        self.assertIn(' 0 violations', self.run_ok('check', '--mysql-url', old))
        server = self.serve(old, '--require-authentication')
        with server.client() as client:
            me = Rpc(client).WhoAmI(metadata=bearer(secret))
        self.assertEqual((list(me.roles), me.partner), ([Role.CHECKER], PARTNER))

    def test_what_is_past_when_version_14_comes_is_not_told_and_what_comes_is(self):
        url = self.old_database(13, 'announced')
        running = self.database.sql(
            "SELECT l.customer_id, l.license_id FROM announced.licenses l "
            "JOIN announced.customers c USING (customer_id) JOIN announced.products p USING (product_id) "
            "WHERE l.closed = 0 AND l.suspend_date IS NULL AND "
            "l.activation_policy = 'ON_ASSIGNMENT' AND c.state = 'ENABLED' AND c.delete_time IS NULL AND "
            "p.end_of_life_date IS NULL ORDER BY l.license_id LIMIT 4")
        # Days from today to the expiration; the notice is 30 days before, and grace lasts 20.
        cases = {'in the notice': 10, 'in grace': -5, 'its notice begins today': 30, 'later': 40}
        self.assertEqual(len(running), len(cases))
        for (customer, license), days in zip(running, cases.values()):
            self.database.sql(f"""
                UPDATE announced.subscriptions SET auto_renewal = 0 WHERE customer_id = '{customer}';
                UPDATE announced.scheduled_changes SET state = 'CANCELED' WHERE customer_id = '{customer}';
                UPDATE announced.licenses SET start_date = UTC_DATE() - INTERVAL 300 DAY, expiration_notice_days = 30,
                    expiration_date = UTC_DATE() + INTERVAL {days} DAY,
                    due_date = UTC_DATE() + INTERVAL {days + 20} DAY,
                    grace_end_date = UTC_DATE() + INTERVAL {days + 20} DAY WHERE license_id = '{license}'""")
        self.run_ok('migrate', '--mysql-url', url)

        def of(license, what):
            rows = self.database.sql(f"SELECT {what} FROM announced.licenses WHERE license_id = '{license}'")
            return rows[0][0]

        days_to = "COALESCE(DATEDIFF({}, UTC_DATE()), 'none')".format
        self.assertEqual([(of(license, days_to('announced_date')), of(license, days_to('due_date')))
                          for _, license in running], [('10', '10'), ('15', '15'), ('none', '0'), ('none', '10')])
        server = self.serve(url)
        with server.client() as client:
            for customer in {customer for customer, _ in running}:
                Rpc(client).UpdateCustomer(customer=dict(name=f'customers/{customer}', note='after'),
                                           update_mask=dict(paths=['note']))
        told = self.database.sql("SELECT key2, kind, effective_date = UTC_DATE() FROM announced.events WHERE kind IN "
                                 "('LICENSE_EXPIRING_SOON', 'LICENSE_EXPIRED')")
        ours = {license for _, license in running}
        self.assertEqual([row for row in told if row[0] in ours], [[running[2][1], 'LICENSE_EXPIRING_SOON', '1']])

    def test_a_server_does_not_start_on_it_before_and_says_why(self):
        url = self.old_database(old_schema.newest() - 1, 'too_early')
        directory = self.directory / 'too-early'
        directory.mkdir()
        server = LmpServer(directory, database=['--mysql-url', url], env=ENV, listen='127.0.0.1:0')
        self.addCleanup(server.kill)
        server.start(wait=False)
        wait_until(lambda: 'run lmp-server migrate' in server.log_text(), 30, 'it says what to do')


if __name__ == '__main__':
    unittest.main()
