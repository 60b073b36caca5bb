"""`lmp-server config`: what is set, where it comes from, and what is wrong with it, without serving."""

import pathlib
import tomllib
import unittest

import lmp_server
from lmp_server import run_server_command

USAGE = 64
PROJECT = pathlib.Path(__file__).parents[2]


class ConfigTest(unittest.TestCase):

    def setUp(self):
        temporary = lmp_server.TemporaryDirectory()
        self.addCleanup(temporary.remove)
        self.directory = temporary.path
        self.file = self.directory / 'lmp.toml'

    def config(self, action, *args, env=None, code=0):
        done = run_server_command('config', action, *args, env=env)
        self.assertEqual(done.returncode, code, f'{args}: {done.stdout}{done.stderr}')
        return done.stdout if code == 0 else done.stderr

    def test_each_setting_says_where_it_comes_from(self):
        self.file.write_text('max-batch = 5\nread-workers = 3\n[serve]\nmax-queue = 7\n')
        lines = self.config('print', '--config', self.file, '--read-workers', '4', '--insecure',
                            env={'LMP_MAX_QUEUE': '9'}).splitlines()
        self.assertIn(f'max-batch = 5  # {self.file}', lines)
        self.assertIn('read-workers = 4  # flag', lines)
        self.assertIn('max-queue = 9  # LMP_MAX_QUEUE', lines)
        self.assertIn('insecure = true  # flag', lines)
        self.assertIn('drain-timeout = 20  # default', lines)

    def test_what_is_printed_is_a_config_file_that_says_the_same(self):
        args = ['--token-key-file', 'a.pem,b "c".pem', '--log-level', 'error', '--embedded-mysql', 'x\\y']
        printed = self.config('print', *args)
        self.assertEqual(tomllib.loads(printed)['token-key-file'], ['a.pem', 'b "c".pem'])
        self.assertEqual(tomllib.loads(printed)['embedded-mysql'], 'x\\y')
        self.file.write_text(self.config('print', '--max-batch', '5', '--log-level', 'error', '--insecure'))
        values = tomllib.loads(self.config('print', '--config', self.file))
        self.assertEqual(values, tomllib.loads(self.file.read_text()))

    def test_passwords_are_masked(self):
        for args, env in ((['--mysql-url', 'mysql://lmp:hunter2@db/lmp'], {}), ([], {'LMP_MYSQL_PASSWORD': 'hunter2'})):
            printed = self.config('print', *args, env=env)
            self.assertNotIn('hunter2', printed)
            self.assertEqual('mysql://lmp:***@db/lmp' in printed, not env)
            self.assertIn('LMP_MYSQL_PASSWORD is ' + ('set' if env else 'not set'), printed)

    def test_an_unknown_key_is_refused_with_file_and_line(self):
        for text, line in (('max-batch = 5\nmax-batsch = 5\n', 2), ('# max-batsch\n[serve]\n  max-batsch=1\n', 3),
                           ('[database]\nmax-batch = 5\n', 2)):
            self.file.write_text(text)
            for action in ('check', 'print'):
                error = self.config(action, '--config', self.file, code=USAGE)
                self.assertIn(f'{self.file}:{line}: there is no setting', error)

    def test_check_says_what_serve_would(self):
        database = ('--embedded-mysql', self.directory / 'db')
        self.assertIn('valid', self.config('check', *database))
        self.assertFalse((self.directory / 'db').exists())
        self.assertIn('no database', self.config('check', code=USAGE))
        self.assertIn('--tls-cert', self.config('check', *database, '--tls-cert', 'nowhere.pem', code=USAGE))
        self.assertIn('1 to 256', self.config('check', *database, '--max-batch', '0', code=USAGE))

    def test_the_table_is_the_one_that_is_in_the_project(self):
        self.assertEqual(self.config('table'), (PROJECT / 'deploy/settings.md').read_text(),
                         'lmp-server config table > deploy/settings.md')


if __name__ == '__main__':
    unittest.main()
