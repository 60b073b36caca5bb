"""A server with no more than deploy/mysql/grants.sql gives: one database user migrates, one serves, both by TLS."""

import pathlib
import unittest

import lmp_server
from lmp_server import PARTNER, LmpServer, assign_request, create_customer, make_catalog, run_server_command
from private_database import PrivateDatabase
from rpc import Rpc
from tls_test import Authority

GRANTS = pathlib.Path(__file__).parents[2] / 'deploy/mysql/grants.sql'
WORDS = {'CHANGE-ME-MIGRATE': 'first word', 'CHANGE-ME-SERVE': 'second word'}


class GrantsTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        temporary = lmp_server.TemporaryDirectory()
        cls.addClassCleanup(temporary.remove)
        cls.directory = temporary.path
        cls.directory.chmod(0o711)
        cls.authority = Authority(cls.directory, 'authority')
        cert, key = cls.authority.issue('database')
        key.chmod(0o644)  # mariadbd may run as another user
        cls.database = PrivateDatabase(cls.directory)
        cls.addClassCleanup(cls.database.kill)
        cls.database.start(f'--ssl-cert={cert}', f'--ssl-key={key}', f'--ssl-ca={cls.authority.cert}')
        text = GRANTS.read_text()
        for placeholder, word in WORDS.items():
            assert placeholder in text
            text = text.replace(placeholder, word)
        cls.database.sql(text)

    def of(self, user, ca=None):
        """Arguments and environment for this user."""
        url = f'mysql://{user}@127.0.0.1:{self.database.port}/lmp'
        if ca != '':
            url += f'?tls_ca={ca or self.authority.cert}'
        word = WORDS['CHANGE-ME-MIGRATE' if user == 'lmp_migrate' else 'CHANGE-ME-SERVE']
        return ['--mysql-url', url], {'LMP_MYSQL_PASSWORD': word}

    def run_as(self, user, *args, ca=None):
        database, env = self.of(user, ca)
        return run_server_command(*args, *database, env=env)

    def test_one_migrates_and_one_serves(self):
        refused = self.run_as('lmp', 'migrate')
        self.assertNotEqual(refused.returncode, 0, 'who serves makes no tables')
        done = self.run_as('lmp_migrate', 'migrate')
        self.assertEqual(done.returncode, 0, done.stderr)

        database, env = self.of('lmp')
        server = LmpServer(self.directory, ['--time-worker', '1', '--archive-events-days', '400'], database, env)
        self.addCleanup(server.kill)
        server.start()
        self.assertEqual(server.serving['database_tls'], 'verified')
        with server.client() as client:
            client.wait_healthy()
            make_catalog(client)
            customer = create_customer(client, 'bakery')
            client.licensing.AssignServicePlan(assign_request(customer, 'cas-annual', {'cloud-app-security': 5}))
            rpc = Rpc(client)
            key = rpc.CreateApiKey(parent=PARTNER, api_key=dict(roles=['CHECKER']))
            self.assertEqual(rpc.RevokeApiKey(name=key.name).state, 3)
            rpc.CreateProduct(product=dict(display_name='P', kind='SERVICE', unit='SEAT'))
        self.assertEqual(server.stop(), 0)
        worse = [e for e in server.log_entries() if e['severity'] == 'ERROR']
        self.assertEqual(worse, [])
        made = self.run_as('lmp', 'api-key', 'create', '--role', 'ADMIN')
        self.assertEqual(made.returncode, 0, made.stderr)
        check = self.run_as('lmp', 'check')
        self.assertEqual(check.returncode, 0, check.stdout + check.stderr)
        self.assertIn(' 0 violations', check.stdout)

    def test_without_tls_or_with_another_authority_nobody_comes_in(self):
        stranger = Authority(self.directory, 'stranger')
        for ca in ('', stranger.cert):
            done = self.run_as('lmp', 'check', ca=ca)
            self.assertNotEqual(done.returncode, 0)
            self.assertNotIn('second word', done.stderr)


if __name__ == '__main__':
    unittest.main()
