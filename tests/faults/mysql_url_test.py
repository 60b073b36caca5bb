"""--mysql-url: a database that is not ours, reached over TCP with a password and the least privileges."""

import contextlib
import unittest

import grpc

import lmp_server
from lmp_server import (LmpServer, TemporaryDirectory, assign_request, call_error, create_customer, customer_api,
                        new_request_id,
                        run_server_command)
from private_database import PASSWORD, PrivateDatabase

CAS = {'cloud-app-security': 5}


class MysqlUrlTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        with contextlib.ExitStack() as stack:
            directory = TemporaryDirectory()
            stack.callback(directory.remove)
            cls.directory = directory.path
            cls.database = PrivateDatabase(cls.directory)
            stack.callback(cls.database.kill)
            cls.database.start()
            cls.password_file = cls.directory / 'password'
            cls.password_file.write_text(PASSWORD + '\n')
            cls.password_file.chmod(0o600)
            cls.addClassCleanup(stack.pop_all().close)

    def server(self, name, url, *args, env=None):
        directory = self.directory / name
        directory.mkdir()
        server = LmpServer(directory, args, database=['--mysql-url', url], env=env)
        self.addCleanup(server.kill)
        return server

    def assert_refused(self, code, *args, env=None):
        done = run_server_command(*args, env=env)
        self.assertEqual((done.returncode, done.stdout), (code, ''), done.stderr)
        return done.stderr

    def test_migrate_then_serve_with_the_password_from_the_environment(self):
        url = self.database.make('stepwise')
        env = {'LMP_MYSQL_PASSWORD': PASSWORD}
        for command in 'serve', 'check':
            error = self.assert_refused(1, command, '--mysql-url', url,
                                        *(('--listen', '127.0.0.1:0') if command == 'serve' else ()), env=env)
            self.assertIn('run lmp-server migrate', error)
        done = run_server_command('migrate', '--mysql-url', url, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('schema is at version', done.stdout)
        server = self.server('stepwise', url, env=env).start()
        with server.client() as client:
            client.wait_healthy()
            lmp_server.make_catalog(client)
            customer = create_customer(client, 'stepwise')
            client.licensing.AssignServicePlan(assign_request(customer, 'cas-annual', CAS))
        done = server.check()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(' 0 violations', done.stdout, 'while it is being served')
        self.assertNotIn(PASSWORD, server.log_text())
        self.assertEqual(server.stop(), 0)

    def test_auto_migrate_with_the_password_from_a_file(self):
        url = self.database.make('automatic')
        server = self.server('automatic', url, '--auto-migrate', '--mysql-password-file', self.password_file).start()
        with server.client() as client:
            client.wait_healthy()
            lmp_server.make_catalog(client)
        self.assertEqual(server.stop(), 0)

    def test_a_wrong_password_is_said_and_not_repeated(self):
        url = self.database.make('guarded')
        error = self.assert_refused(1, 'migrate', '--mysql-url', url, env={'LMP_MYSQL_PASSWORD': 'hunter2'})
        self.assertIn('refuses our user', error)
        self.assertNotIn('hunter2', error)
        self.assert_refused(1, 'migrate', '--mysql-url', url)
        missing = self.directory / 'no-such-file'
        error = self.assert_refused(64, 'migrate', '--mysql-url', url, '--mysql-password-file', missing)
        self.assertIn(str(missing), error)

    def test_nobody_there_and_no_such_database_are_said(self):
        url = self.database.make('present')
        env = {'LMP_MYSQL_PASSWORD': PASSWORD}
        self.assertTrue(self.assert_refused(1, 'migrate', '--mysql-url', 'mysql://present@127.0.0.1:1/present',
                                            env=env))
        self.assertTrue(self.assert_refused(1, 'migrate', '--mysql-url', url + 'not', env=env))

    def test_a_database_that_becomes_read_only_still_answers_reads(self):
        url = self.database.make('frozen')
        server = self.server('frozen', url, '--auto-migrate', env={'LMP_MYSQL_PASSWORD': PASSWORD}).start()
        with server.client() as client:
            client.wait_healthy()
            lmp_server.make_catalog(client)
            customer = create_customer(client, 'frozen')
            request = assign_request(customer, 'cas-annual', CAS, request_id=new_request_id())
            self.database.sql('SET GLOBAL read_only = ON')
            try:
                error = call_error(client.licensing.AssignServicePlan, request, timeout=10)
                self.assertEqual((error.code, error.reason),
                                 (grpc.StatusCode.FAILED_PRECONDITION, 'DATABASE_READ_ONLY'), error)
                self.assertEqual(client.customers.GetCustomer(customer_api.GetCustomerRequest(name=customer)).name,
                                 customer)
                self.assertEqual(client.health_status('liveness'), lmp_server.SERVING)
            finally:
                self.database.sql('SET GLOBAL read_only = OFF')
            answer = client.licensing.AssignServicePlan(request, timeout=10)
            self.assertEqual(len(answer.subscription.licenses), 1)
        self.assertEqual(server.stop(), 0)
        done = server.check()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == '__main__':
    unittest.main()
