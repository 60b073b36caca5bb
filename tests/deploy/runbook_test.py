"""The commands of deploy/runbook.md, run in order as they stand there (tests/support/runbook.py), but for those of its
failures, which failures_test.py makes; and who runs what else is on deploy's pages."""

import json
import re
import shutil
import subprocess
import unittest

import lmp_server
import runbook
from ageing import age
from authority import Authority
from lmp_server import LmpServer, make_catalog, wait_until
from runbook import DEPLOY, blocks, page

# Blocks that this test does not run, by how they begin, and who does.
ELSEWHERE = {
    'apt-get install ./build/packages/': 'deploy.packages, on a bare machine',
    'apt-get install --allow-downgrades': 'deploy.packages, on a bare machine',
    'kubectl create namespace lmp': 'deploy.kubernetes renders and checks what it would apply',
    'kubectl apply': 'deploy.kubernetes holds it against what is there',
    "jq -R 'fromjson? | select(.x_request_id": 'observe.call_log',
    'jq -nrR': 'here, on its own',
}
PAGES = ('README.md', 'runbook.md')


def operations():
    """The runbook up to its failures."""
    return page('runbook.md').split('\n## Ten failures\n')[0]


class PageTest(unittest.TestCase):
    def test_every_block_of_commands_is_run_by_somebody(self):
        for section, commands in blocks(page(*PAGES), ''):
            self.assertTrue([start for start in ELSEWHERE if commands.startswith(start)], f'{section}: {commands}')
        self.assertEqual(blocks(page('README.md'), 'sh'), [])
        self.assertGreater(len(blocks(operations(), 'sh')), 20)

    def test_the_packages_are_installed_on_a_bare_machine_as_the_page_says(self):
        script = (DEPLOY.parent / 'tests/deploy/packages_on_bare_machine.sh').read_text()
        installs = 'apt-get install ./build/packages/'
        commands = next(c for _, c in blocks(page('README.md'), '') if c.startswith(installs))
        for line in commands.splitlines():
            if line.startswith('setpriv'):  # as_lmp is the same; the runbook's test migrates
                self.assertIn('as_lmp() { setpriv --reuid lmp --regid lmp --init-groups', script)
            elif line.startswith('apt-get'):
                self.assertRegex(script, r'install \./lmp-server_\*\.deb')
        self.assertIn('apt install --allow-downgrades ./old/lmp-server_*.deb', script)

    def test_what_kubernetes_is_given_is_what_the_overlay_wants(self):
        commands = next(c for _, c in blocks(page('README.md'), '') if c.startswith('kubectl create namespace'))
        manifests = ''.join(p.read_text() for p in (DEPLOY / 'kubernetes').rglob('*.yaml'))
        for secret in re.findall(r'secret generic (\S+)', commands):
            self.assertIn(secret, manifests)
        overlay = re.search(r'apply -k (\S+)', commands).group(1)
        self.assertTrue((DEPLOY.parent / overlay / 'kustomization.yaml').exists())

    def test_links_lead_somewhere(self):
        for name in PAGES:
            text = page(name)
            for file, anchor in re.findall(r'\]\(([\w./-]*)#([\w-]+)\)', text):
                titles = re.findall(r'(?m)^#+ (.*)$', page(file) if file else text)
                anchors = {re.sub(r'[^\w -]', '', title.lower()).replace(' ', '-') for title in titles}
                self.assertIn(anchor, anchors, name)


class RunbookTest(unittest.TestCase):
    def setUp(self):
        if not shutil.which('mariadb-dump'):
            self.skipTest('no mariadb-dump here: apt-get install mariadb-client')
        self.machines = runbook.Machines()
        self.addCleanup(self.machines.end)
        self.desk = self.machines.desk
        self.etc = self.machines.servers[0]['place'] / 'etc'
        self.without_backup = not shutil.which('mariadb-backup')

    def test_the_page_from_its_first_command_to_its_last(self):
        said, of_section = {}, {}
        for section, commands in blocks(operations(), 'sh'):
            number = of_section[section] = of_section.get(section, 0) + 1
            if self.without_backup and ('mariadb-backup' in section or 'mariadb-backup' in commands):
                continue
            for machine in self.machines_of(section, commands):
                self.hook('before', section, number)
                said[section] = said.get(section, '') + self.machines.run(commands, machine)
            self.hook('after', section, number, said[section])
        self.assertIn(' 0 violations', said['Is all well?'])
        if self.without_backup:
            self.skipTest('no mariadb-backup here, so that its copies were not made: apt-get install mariadb-backup')

    def hook(self, moment, section, number, *args):
        """What makes the state that a block is for, and looks at what became of it: before_SECTION(number)."""
        hook = getattr(self, runbook.hook_name(moment, section), None)
        if hook:
            hook(number, *args)

    @staticmethod
    def machines_of(section, commands):
        if section == 'Another server':
            return [1]
        return [1, 0] if section == 'Upgrade' and commands.startswith('systemctl') else [0]

    def before_erase_a_customer(self, _):
        self.machines.lmp('customer', 'create', 'corner-shop', '--partner', 'acme-msp', '--display-name', 'Corner Shop',
                          '--city', 'Bonn', '--region', 'NRW', '--country', 'DE', '--contact-given-name', 'Ada',
                          '--contact-family-name', 'Berg', '--contact-email', 'ada@shop.example')
        self.machines.lmp('customer', 'delete', 'corner-shop', '--yes')
        database = self.machines.databases['db.example']
        age(lambda statement: database.sql(f'USE lmp; {statement}'))

    def after_erase_a_customer(self, _, said):
        self.assertIn(' of them without what was erased', said)
        self.assertNotIn('Corner Shop', self.machines.lmp('customer', 'get', 'corner-shop'))

    def licenses(self):
        return self.machines.lmp('license', 'list', 'bakery')

    def after_the_first_server(self, number, said):
        if number == 2:
            self.assertIn('ADMIN', said)
            self.machines.load_demo()

    def after_back_up(self, number, said):
        if number == 1:
            self.assertGreater((self.desk / 'lmp.sql').stat().st_size, 20_000)
            self.assertIn('hash', (self.desk / 'head.json').read_text())
        if number == 2 or self.without_backup:
            self.assign_what_is_taken_back()

    def assign_what_is_taken_back(self):
        self.machines.lmp('assign', 'bakery', 'hes-annual', '--units', '7')
        self.assertIn('hosted-email-security', self.licenses())

    def after_restore(self, number, said):
        self.assertIn(' 0 violations', said)
        self.assertNotIn('hosted-email-security', self.licenses())
        self.assertIn('worry-free-services-advanced', self.licenses())

    def before_restore_a_copy_by_mariadb_backup(self, number):
        if number == 1:
            self.assign_what_is_taken_back()

    def after_restore_a_copy_by_mariadb_backup(self, number, said):
        if number == 2:
            self.after_restore(number, said)

    def before_another_server(self, number):
        first, second = self.machines.servers
        etc = second['place'] / 'etc'
        shutil.copytree(self.etc, etc, dirs_exist_ok=True)
        (etc / 'server.toml').write_text((etc / 'server.toml').read_text().replace(
            str(first['place']), str(second['place'])).replace(f':{first["port"]}', f':{second["port"]}'))

    def after_another_server(self, number, said):
        self.machines.lmp('license', 'check', 'bakery', 'worry-free-services-advanced', server=1)

    def before_upgrade(self, number):
        if number == 2:
            self.assertGreater((self.desk / 'before.sql').stat().st_size, 20_000)

    def after_upgrade(self, number, said):
        if number == 2:
            self.assertRegex(said, r'\(schema \d+ to \d+\)')
        elif number == 3:
            self.assign_what_is_taken_back()

    def before_roll_back(self, number):
        """All servers are stopped, says the page."""
        self.machines.run('systemctl stop lmp-server', 1)

    def after_roll_back(self, number, said):
        self.after_restore(number, said)

    def before_move_the_database(self, number):
        self.assign_what_is_taken_back()

    def after_move_the_database(self, number, said):
        self.assertIn(' 0 violations', said)
        self.machines.end_database(self.machines.databases['db.example'])  # nobody needs it any more
        self.assertIn('hosted-email-security', self.licenses())

    def after_before_it_is_for_real(self, number, said):
        self.assertIn('verified', said)
        self.assertIn('first', said)  # the name of the one ADMIN's key

    def before_a_new_certificate(self, number):
        self.old = self.machines.served_certificate()

    def after_a_new_certificate(self, number, said):
        wait_until(lambda: self.machines.served_certificate() != self.old, 20, 'the new certificate is served')
        self.machines.lmp('whoami')

    def before_a_new_authority_of_callers(self, number):
        if number == 1:
            for name in ('callers', 'new-callers'):
                Authority(self.desk, f'{name}-ca').issue(name, 'DNS:caller')
            shutil.copy(self.desk / 'callers-ca.pem', self.etc / 'callers.pem')
            self.settings = (self.etc / 'server.toml').read_text()
            (self.etc / 'server.toml').write_text(f'{self.settings}tls-client-ca = "{self.etc}/callers.pem"\n')
            self.machines.run('systemctl restart lmp-server')

    def after_a_new_authority_of_callers(self, number, said):
        self.assertEqual([self.comes_in(name) for name in ('callers', 'new-callers')], [number == 1, True])
        if number == 2:
            (self.etc / 'server.toml').write_text(self.settings)
            self.machines.run('systemctl restart lmp-server')

    def comes_in(self, name):
        done = subprocess.run([lmp_server.BIN / 'lmp', 'whoami', '--tls-cert', self.desk / f'{name}.pem', '--tls-key',
                               self.desk / f'{name}.key'], cwd=self.desk, env={**self.machines.exported},
                              capture_output=True, encoding='utf-8', timeout=60)
        return done.returncode == 0

    def after_a_new_key_of_license_tokens(self, number, said):
        self.assertEqual(len(json.loads((self.desk / 'keys.json').read_text())['keys']), 2)

    def after_a_new_api_key(self, number, said):
        self.assertIn('shop, new', said)
        self.assertIn('CHECKER', said)

    def before_a_new_certificate_of_the_database(self, number):
        place = self.machines.directory / 'db.example'
        if number == 1:
            runbook.certificate(place / 'next', 'db.example')
            shutil.copy(place / 'next.pem', self.desk / 'new-db-ca.pem')
        else:
            for kind in ('key', 'pem'):  # the file stays, and its owner
                (place / f'db.{kind}').write_text((place / f'next.{kind}').read_text())


class SlowestMethodsTest(unittest.TestCase):
    def test_the_page_says_how_to_find_them(self):
        if not shutil.which('jq'):
            self.skipTest('no jq here')
        temporary = lmp_server.TemporaryDirectory()
        self.addCleanup(temporary.remove)
        server = LmpServer(temporary.path)
        self.addCleanup(server.kill)
        server.start()
        with server.client() as client:
            make_catalog(client)
        commands = next(c for _, c in blocks(page('README.md'), '') if c.startswith('jq -nrR'))
        self.assertEqual(server.stop(), 0)
        done = subprocess.run(['bash', '-c', commands], cwd=temporary.path, capture_output=True, encoding='utf-8',
                              timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r'(?m)^\d+\t\d+\tlmp\.v1\.LicensingService/CreateServicePlan$')


if __name__ == '__main__':
    unittest.main()
