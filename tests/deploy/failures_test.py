"""The ten failures of deploy/runbook.md: each is made, and the page's commands, as they stand there, show it and mend
it. before_SECTION makes it, after_SECTION looks at what was said and that all is well again."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import unittest

import runbook
from lmp_server import BIN, wait_until
from processes import child_environment, kill, popen
from runbook import blocks, page


def failures():
    text = page('runbook.md')
    return blocks(text[text.index('\n## Ten failures\n'):], 'sh')


class FailuresTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for program, package in (('mariadb', 'mariadb-client'), ('jq', 'jq')):
            if not shutil.which(program):
                raise unittest.SkipTest(f'no {program} here: apt-get install {package}')
        with contextlib.ExitStack() as stack:
            cls.machines = runbook.Machines()
            stack.callback(cls.machines.end)
            for section, commands in blocks(page('runbook.md'), 'sh'):
                if section == 'The first server':
                    cls.machines.run(commands)
            cls.machines.load_demo()
            cls.place = cls.machines.servers[0]['place']
            cls.settings = cls.place / 'etc' / 'server.toml'
            cls.database = cls.machines.databases['db.example']
            cls.addClassCleanup(stack.pop_all().close)

    def test_each_is_made_and_mended(self):
        sections = [section for section, _ in failures()]
        self.assertEqual(len(sections), 10)
        self.assertEqual(len(set(sections)), 10)
        for section, commands in failures():
            with self.subTest(section):
                self.changes = {}  # what stands on the page as an example, and what it is here
                getattr(self, runbook.hook_name('before', section))()
                for example, here in self.changes.items():
                    self.assertIn(example, commands)
                    commands = commands.replace(example, here)
                said = self.machines.run(commands, careful=False)
                getattr(self, runbook.hook_name('after', section))(said)
                self.machines.run('lmp-server health --config /etc/lmp/server.toml')

    def sql(self, statement):
        return self.database.sql(statement)

    def before_the_database_is_away(self):
        os.kill(int((self.database.directory / 'pid').read_text()), signal.SIGKILL)
        wait_until(lambda: 'the database is away' in self.machines.log(), 30, 'the log says so')

    def after_the_database_is_away(self, said):
        self.assertRegex(said, r"the database is away: .*(Can't connect|server has gone away|Lost connection)")

    def before_a_server_does_not_start(self):
        self.machines.run('systemctl stop lmp-server')
        good = self.settings.read_text()
        self.settings.write_text(good.replace('tls-cert =', 'tls-crt ='))
        # Whoever mends it does so in an editor.
        editor = self.machines.bin / 'editor'
        editor.write_text("#!/bin/sh\nexec sed -i 's/^tls-crt =/tls-cert =/' \"$1\"\n")
        editor.chmod(0o755)

    def after_a_server_does_not_start(self, said):
        line = self.settings.read_text().splitlines().index(f'tls-cert = "{self.place}/etc/server.pem"') + 1
        self.assertRegex(said, rf'server\.toml:{line}.*tls-crt')

    def before_the_database_refuses_the_server(self):
        self.machines.run('systemctl stop lmp-server')
        self.sql("ALTER USER lmp@'%' IDENTIFIED BY 'another'")
        with self.assertRaisesRegex(AssertionError, 'it ended'):
            self.machines.run('systemctl start lmp-server')

    def after_the_database_refuses_the_server(self, said):
        self.assertIn('Access denied', said)

    def before_a_certificate_has_ended(self):
        runbook.certificate(self.place / 'ended', 'lmp')
        signed = subprocess.run(['openssl', 'x509', '-x509toreq', '-in', self.place / 'ended.pem', '-signkey',
                                 self.place / 'ended.key'], capture_output=True, check=True).stdout
        subprocess.run(['openssl', 'x509', '-req', '-signkey', self.place / 'ended.key', '-days', '0', '-out',
                        self.place / 'ended.pem'], input=signed, check=True, capture_output=True)
        for kind in ('pem', 'key'):
            (self.place / 'etc' / f'server.{kind}').write_text((self.place / f'ended.{kind}').read_text())
        self.machines.run('systemctl restart lmp-server')

    def after_a_certificate_has_ended(self, said):
        before, _, after = said.partition('UNAVAILABLE')
        self.assertRegex(before, r'notAfter=')
        self.assertIn('ADMIN', after)

    def before_another_session_holds_rows(self):
        self.forgotten = popen(['mariadb', '--no-defaults', '--batch', '--skip-column-names', '--unbuffered',
                                '--socket', self.database.socket, '--user=root', 'lmp'],
                               env=child_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               encoding='utf-8')
        self.addCleanup(self.forgotten.communicate)
        self.addCleanup(self.forgotten.kill)
        self.forgotten.stdin.write("BEGIN; SELECT CONNECTION_ID() FROM history_head WHERE id = 1 FOR UPDATE;\n")
        self.forgotten.stdin.flush()
        self.changes = {'4711': self.forgotten.stdout.readline().strip()}

    def after_another_session_holds_rows(self, said):
        self.assertRegex(said, rf'(?m)^{self.changes["4711"]}\s+root')
        self.assertEqual(self.sql('SELECT COUNT(*) FROM information_schema.innodb_trx WHERE '
                                  f'trx_mysql_thread_id = {self.changes["4711"]}'), [['0']])

    def before_one_caller_takes_all(self):
        made = self.machines.lmp('api-key', 'create', 'acme-msp', '--role', 'checker')
        (self.machines.desk / 'greedy.key').write_text(re.search(r'(?m)^secret +(\S+)', made).group(1))
        self.calls = self.machines.log().count('"message":"call"')
        for _ in range(self.calls + 5):  # more than all others have made
            self.machines.lmp('license', 'check', 'bakery', 'worry-free-services-advanced', '--token-file',
                              'greedy.key')

    def after_one_caller_takes_all(self, said):
        first = said.splitlines()[0].split('\t')
        self.assertGreater(int(first[0]), self.calls)
        self.assertRegex(first[2], r'^partners/acme-msp/apiKeys/\w+$')
        self.assertEqual(first[3], 'lmp.v1.LicensingService/CheckLicense')
        self.assertIn('rate-limit = 50', self.settings.read_text())

    def before_the_database_takes_no_more_connections(self):
        self.sql("CREATE USER hoarder@localhost; SET GLOBAL max_connections = 10")
        self.hoarders = []
        self.addCleanup(lambda: [kill(h) for h in self.hoarders])

        def crowded():
            with contextlib.suppress(AssertionError):  # a session may have ended by itself, or none is left for us
                for session, in self.sql("SELECT id FROM information_schema.processlist WHERE user = 'lmp'"):
                    self.sql(f'KILL {session}')
            self.hoarders = [h for h in self.hoarders if h.poll() is None]
            if len(self.hoarders) < 12:
                self.hoarders.append(popen(['mariadb', '--no-defaults', '--socket', self.database.socket,
                                            '--user=hoarder', '-e', 'SELECT SLEEP(600)'], stdin=subprocess.DEVNULL,
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            last = [line for line in self.machines.log().splitlines() if '"severity":"ERROR"' in line][-1]
            return 'Too many connections' in last

        wait_until(crowded, 60, 'the log says that there are too many')

    def after_the_database_takes_no_more_connections(self, said):
        self.assertIn('Too many connections', said)
        self.assertRegex(said, r'hoarder\s+\d')
        for hoarder in self.hoarders:
            kill(hoarder)

    def before_the_database_s_disk_fills(self):
        """A disk is not filled here: that the commands are right is what is shown."""

    def after_the_database_s_disk_fills(self, said):
        self.assertEqual(len(re.findall(r'(?m)^[a-z_]+\t\d+$', said)), 5, 'the largest tables')
        self.assertEqual(self.sql("SELECT row_format FROM information_schema.tables WHERE table_schema = 'lmp' AND "
                                  "table_name = 'events_archive'"), [['Compressed']])

    def before_a_key_is_in_wrong_hands(self):
        made = self.machines.lmp('api-key', 'create', 'acme-msp', '--role', 'partner-admin')
        key = re.search(r'(?m)^name +partners/acme-msp/apiKeys/(\w+)', made).group(1)
        (self.machines.desk / 'stolen.key').write_text(re.search(r'(?m)^secret +(\S+)', made).group(1))
        self.machines.lmp('assign', 'bakery', 'hes-annual', '--units', '7', '--token-file', 'stolen.key')
        self.changes = {'01m8p5s34fe0sgb4ya0cbcck81': key}

    def after_a_key_is_in_wrong_hands(self, said):
        key = self.changes['01m8p5s34fe0sgb4ya0cbcck81']
        self.assertIn('REVOKED', said)
        self.assertIn('hosted-email-security', said)
        self.assertIn(key, said)

    def before_check_finds_something(self):
        (license_id,), = self.sql("SELECT license_id FROM lmp.licenses WHERE customer_id = 'bakery' AND "
                                  "product_id = 'worry-free-services-advanced' LIMIT 1")
        self.sql(f"UPDATE lmp.licenses SET units = 999 WHERE license_id = '{license_id}'")
        self.changes = {'01m8p5s34fe0sgb4ya0cbcck81': license_id}

    def after_check_finds_something(self, said):
        found, _, mended = said.partition('event_time')
        self.assertIn(self.changes['01m8p5s34fe0sgb4ya0cbcck81'], found)
        self.assertRegex(mended, r'\t10\n')
        self.assertIn(' 0 violations', mended)


if __name__ == '__main__':
    unittest.main()
