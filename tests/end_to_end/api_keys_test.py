"""API keys as a resource: made, read, changed and revoked by RPC and by the tool, each with all that mutations have."""

import datetime
import time
import unittest

import grpc

import lmp_server
from credentials import api_key, bearer
from lmp_server import PARTNER, LmpServer, ServerTestCase, call_error, create_customer, new_request_id
from rpc import Rpc, broken_promises

OTHER = 'partners/north-distribution'


class ApiKeysTest(ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rpc = Rpc(cls.client)
        cls.admin = bearer(api_key(cls.server, '--role', 'PARTNER_ADMIN', '--partner', PARTNER))

    def make(self, roles=('CHECKER',), parent=PARTNER, metadata=None, **fields):
        request = {k: fields.pop(k) for k in ('request_id', 'validate_only', 'preview_token') if k in fields}
        return self.rpc.CreateApiKey(parent=parent, api_key=dict(roles=roles, **fields), metadata=metadata, **request)

    def reason(self, call, *args, **fields):
        error = call_error(call, *args, **fields)
        self.assertEqual(broken_promises(error), [], error)
        return error.reason

    def who(self, secret):
        return self.rpc.WhoAmI(metadata=bearer(secret))

    def comes_in(self, secret, rpc=None):
        try:
            return bool((rpc or self.rpc).WhoAmI(metadata=bearer(secret)).actor)
        except grpc.RpcError:
            return False

    # Who am I?

    def test_whoever_is_let_in_may_ask_who_it_is(self):
        local = self.rpc.WhoAmI()
        self.assertEqual((local.actor, list(local.roles), local.partner), ('local-admin', [1], ''))
        self.assertFalse(local.HasField('expire_time'))
        self.assertIn('MANAGE_PARTNERS', local.permissions)
        key = self.make(roles=['METER', 'CHECKER'])
        caller = self.who(key.secret)
        self.assertEqual((caller.actor, caller.partner, caller.customer), (key.name, PARTNER, ''))
        self.assertEqual(list(caller.roles), list(key.roles))
        self.assertEqual(set(caller.permissions), {'ACTIVATE_LICENSES', 'REPORT_USAGE', 'CHECK_LICENSES',
                                                   'READ_LICENSE_TOKEN_KEYS'})
        self.assertEqual(caller.expire_time, key.expire_time)

    # Made.

    def test_a_secret_is_shown_once_and_kept_nowhere(self):
        request_id = new_request_id()
        key = self.make(request_id=request_id, display_name='shop')
        self.assertRegex(key.secret, r'^lmp_[0-9a-hjkmnp-tv-z]{39}$')
        self.assertRegex(key.name, rf'^{PARTNER}/apiKeys/[0-9a-z]+$')
        again = self.make(request_id=request_id, display_name='shop')
        self.assertEqual((again.name, again.secret), (key.name, ''), 'a repeat is answered, without the secret')
        self.assertEqual(self.rpc.GetApiKey(name=key.name).secret, '')
        events = self.rpc.ListEvents(parent=key.name).events
        self.assertEqual([e.change.event_kind for e in events], ['API_KEY_CREATED'])
        kept = [str(self.server.sql(f'SELECT * FROM {table}')) for table in ('api_keys', 'events')]
        kept.append(str(self.server.sql('SELECT HEX(response) FROM requests')))
        kept.append(self.server.log_text())
        kept.append(str(events) + str(self.rpc.ListApiKeys()))
        for text in kept:
            for secret in (key.secret, key.secret[4:], key.secret.encode().hex().upper()):
                self.assertNotIn(secret, text)

    def test_the_default_end_is_a_year_ahead_and_another_can_be_chosen(self):
        today = datetime.datetime.now(datetime.timezone.utc).date()
        end = self.make().expire_time.ToDatetime()
        self.assertEqual((end.date() - today).days, 366)
        self.assertEqual(end.time(), datetime.time())
        for seconds in (-10, 3651 * 86400):
            reason = self.reason(self.make, expire_time=dict(seconds=int(time.time()) + seconds))
            self.assertEqual(reason, 'DATE_OUT_OF_RANGE')

    def test_roles_are_those_that_go_with_the_binding(self):
        for parent, roles, field in ((PARTNER, ['ADMIN'], 'api_key.roles'), ('', ['PARTNER_ADMIN'], 'api_key.roles'),
                                     (PARTNER, ['CUSTOMER_VIEWER'], 'api_key.roles'), (PARTNER, [], 'api_key.roles'),
                                     (PARTNER, [77], 'api_key.roles[0]'),
                                     (PARTNER, ['CHECKER', 'CATALOG_MANAGER'], 'api_key.roles')):
            with self.subTest(parent=parent, roles=roles):
                error = call_error(self.make, roles=roles, parent=parent)
                self.assertEqual(list(error.fields), [field])
        self.assertEqual(self.make(roles=['CHECKER', 'METER', 'CHECKER']).roles, [7, 8], 'each once, in order')

    def test_a_partners_administrator_makes_keys_for_its_own_partner_alone(self):
        key = self.make(roles=['PARTNER_ADMIN'], metadata=self.admin)
        self.assertEqual(self.who(key.secret).partner, PARTNER)
        self.assertEqual(self.reason(self.make, parent=OTHER, metadata=self.admin), 'PARTNER_NOT_FOUND')
        self.assertEqual(self.reason(self.make, parent='', metadata=self.admin), 'INVALID_FIELDS')
        support = self.make(roles=['SUPPORT'])
        self.assertEqual(self.reason(self.make, metadata=bearer(support.secret)), 'PERMISSION_DENIED')

    def test_a_key_that_is_bound_to_nothing_has_a_name_of_its_own(self):
        key = self.make(parent='', roles=['SUPPORT'])
        self.assertRegex(key.name, r'^apiKeys/[0-9a-z]+$')
        self.assertEqual(self.rpc.ListEvents(parent=key.name).events[0].change.resource, key.name)
        for call, fields in ((self.rpc.GetApiKey, dict(name=key.name)), (self.rpc.RevokeApiKey, dict(name=key.name)),
                             (self.rpc.ListEvents, dict(parent=key.name))):
            self.assertEqual(self.reason(call, metadata=self.admin, **fields), 'API_KEY_NOT_FOUND')
        wrong = f'{PARTNER}/{key.name}'  # of another partner, by its name, it is none
        for call, fields in ((self.rpc.GetApiKey, dict(name=wrong)), (self.rpc.ListEvents, dict(parent=wrong))):
            self.assertEqual(self.reason(call, **fields), 'API_KEY_NOT_FOUND')

    def test_a_key_of_one_customer(self):
        customer = create_customer(self.client, 'viewed')
        key = self.make(roles=['CUSTOMER_VIEWER'], customer=customer, metadata=self.admin)
        caller = self.who(key.secret)
        self.assertEqual((caller.partner, caller.customer), ('', customer))
        self.assertEqual(self.rpc.GetCustomer(name=customer, metadata=bearer(key.secret)).name, customer)
        self.assertEqual(self.reason(self.make, roles=['CHECKER'], customer=customer), 'INVALID_FIELDS')
        reason = self.reason(self.make, parent=OTHER, roles=['CUSTOMER_VIEWER'], customer=customer)
        self.assertEqual(reason, 'CUSTOMER_NOT_FOUND')

    # Read and changed.

    def test_a_preview_makes_nothing_and_can_be_applied(self):
        before = len(self.rpc.ListApiKeys().api_keys)
        request_id = new_request_id()
        preview = self.make(validate_only=True, request_id=request_id, display_name='planned')
        self.assertEqual(preview.secret, '')
        self.assertEqual(preview.changes[0].event_kind, 'API_KEY_CREATED')
        self.assertEqual(len(self.rpc.ListApiKeys().api_keys), before)
        time.sleep(1.1)  # the end it shows does not depend on when it is made
        key = self.make(preview_token=preview.preview_token, request_id=request_id, display_name='planned')
        self.assertTrue(self.comes_in(key.secret))

    def test_an_update_changes_name_and_end(self):
        key = self.make()
        end = key.expire_time.seconds + 86400
        changed = self.rpc.UpdateApiKey(api_key=dict(name=key.name, etag=key.etag, display_name='till',
                                                     expire_time=dict(seconds=end)), metadata=self.admin)
        self.assertEqual((changed.display_name, changed.expire_time.seconds, changed.secret), ('till', end, ''))
        self.assertEqual(self.reason(self.rpc.UpdateApiKey, api_key=dict(name=key.name, etag=key.etag,
                                                                          display_name='x')), 'ETAG_MISMATCH')
        error = call_error(self.rpc.UpdateApiKey, api_key=dict(name=key.name, roles=['METER']),
                           update_mask=dict(paths=['roles']))
        self.assertEqual(list(error.fields), ['update_mask'])
        then = self.rpc.GetApiKey(name=key.name, read_time=key.create_time)
        self.assertEqual(then.display_name, '')

    def test_a_list_has_what_the_caller_may_see_and_is_filtered(self):
        named = new_request_id()
        self.make(display_name=named)
        gone = self.make(display_name=named)
        unbound = self.make(parent='', roles=['CHECKER'], display_name=named)
        self.rpc.RevokeApiKey(name=gone.name)
        same = f'display_name = "{named}"'

        def names(**fields):
            return [k.name for k in self.rpc.ListApiKeys(**fields).api_keys]

        self.assertEqual(len(names(filter=same)), 3)
        self.assertEqual(names(filter=f'{same} AND state = REVOKED'), [gone.name])
        self.assertNotIn(unbound.name, names(metadata=self.admin))
        self.assertEqual(len(names(filter=same, parent=PARTNER)), 2)
        self.assertEqual(len(names(filter=same, metadata=self.admin)), 2)
        self.assertEqual(self.reason(self.rpc.ListApiKeys, parent='partners/nobody'), 'PARTNER_NOT_FOUND')

    def test_a_use_is_noted_to_the_hour_and_is_no_change(self):
        key = self.make()
        self.who(key.secret)
        seen = lmp_server.wait_until(lambda: self.rpc.GetApiKey(name=key.name).last_use_time.seconds, 10, 'the note')
        self.assertEqual(seen % 3600, 0)
        self.assertEqual(self.rpc.GetApiKey(name=key.name).etag, key.etag)
        self.rpc.UpdateApiKey(api_key=dict(name=key.name, display_name='x'))
        self.assertEqual(self.rpc.GetApiKey(name=key.name).last_use_time.seconds, seen, 'an update keeps it')

    # Ended.

    def test_a_revoked_key_is_refused_by_every_server_within_five_seconds(self):
        other = LmpServer(self.directory / 'other', ['--time-worker', '0'], [
            '--mysql-url', f'mysql://root@localhost/lmp?socket={self.server.socket}'])
        other.directory.mkdir()
        self.addCleanup(other.kill)
        with other.start().client() as client:
            client.wait_healthy()
            there = Rpc(client)
            key = self.make()
            self.assertTrue(self.comes_in(key.secret) and self.comes_in(key.secret, there))
            revoked = self.rpc.RevokeApiKey(name=key.name, metadata=self.admin)
            started = time.monotonic()
            self.assertEqual(revoked.state, 3)
            lmp_server.wait_until(lambda: not self.comes_in(key.secret) and not self.comes_in(key.secret, there), 20,
                                  'both refuse it')
            print(f'\nrefused by both after {time.monotonic() - started:.1f} s')
        self.assertEqual(self.reason(self.who, key.secret), 'UNAUTHENTICATED_INVALID')
        self.assertEqual(self.reason(self.rpc.RevokeApiKey, name=key.name), 'WRONG_STATE')
        self.assertEqual(self.reason(self.rpc.UpdateApiKey, api_key=dict(name=key.name, display_name='x')),
                         'WRONG_STATE')
        events = [(e.change.event_kind, e.actor) for e in self.rpc.ListEvents(parent=key.name).events]
        self.assertEqual(events[0], ('API_KEY_CREATED', 'local-admin'))
        self.assertEqual(events[1][0], 'API_KEY_REVOKED')
        self.assertRegex(events[1][1], rf'^{PARTNER}/apiKeys/')

    def test_an_expired_key_is_refused_until_it_is_given_more_time(self):
        key = self.make(expire_time=dict(seconds=int(time.time()) + 2))
        lmp_server.wait_until(lambda: not self.comes_in(key.secret), 10, 'it expires')
        self.assertEqual(self.reason(self.who, key.secret), 'UNAUTHENTICATED_EXPIRED')
        self.assertEqual(self.rpc.GetApiKey(name=key.name).state, 2)
        self.assertIn(key.name, [k.name for k in self.rpc.ListApiKeys(filter='state = EXPIRED').api_keys])
        self.rpc.UpdateApiKey(api_key=dict(name=key.name, expire_time=dict(seconds=int(time.time()) + 3600)))
        lmp_server.wait_until(lambda: self.comes_in(key.secret), 10, 'it holds again')

    def test_a_key_of_a_canceled_partner_can_be_revoked_and_no_new_one_made(self):
        partner = self.rpc.CreatePartner(partner=dict(display_name='Gone', tier='DISTRIBUTOR')).name
        key = self.make(parent=partner, roles=['PARTNER_ADMIN'])
        self.rpc.CancelPartner(name=partner)
        self.assertEqual(self.reason(self.make, parent=partner), 'PARTNER_CANCELED')
        self.assertEqual(self.rpc.RevokeApiKey(name=key.name, metadata=bearer(key.secret)).state, 3)


class Tool(ServerTestCase, unittest.TestCase):
    """`lmp api-key`, `lmp login`, `lmp logout` and `lmp whoami`, at a server that must know who calls."""

    server_args = ('--time-worker', '0', '--require-authentication')
    with_catalog = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secret = api_key(cls.server, '--role', 'ADMIN')
        cls.file = cls.directory / 'key'
        cls.file.write_text(cls.secret)
        cls.file.chmod(0o600)

    def setUp(self):
        self.home = self.directory / self.id()
        self.cli = lmp_server.Cli(self.server.target, {'LMP_CREDENTIALS_DIR': str(self.home)})

    def login(self, *args, key=''):
        return lmp_server.subprocess.run([str(lmp_server.BIN / 'lmp'), 'login', *args], env=self.cli.env, input=key,
                                         capture_output=True, encoding='utf-8', timeout=60)

    def test_keys_from_the_command_line(self):
        self.cli.env['LMP_TOKEN_FILE'] = str(self.file)
        made = self.cli.json('api-key', 'create', '--role', 'support', '--role', 'checker', '--display-name', 'desk')
        self.assertEqual(made['roles'], ['SUPPORT', 'CHECKER'])
        short = made['name'].split('/')[1]
        for name in (made['name'], short):
            self.assertEqual(self.cli.json('api-key', 'get', name)['display_name'], 'desk')
        self.cli.ok('api-key', 'update', short, '--display-name', 'till')
        self.assertIn('till', self.cli.ok('api-key', 'list'))
        self.assertNotIn(made['secret'], self.cli.ok('api-key', 'list', '-o', 'json'))
        self.assertIn('REVOKED', self.cli.ok('api-key', 'revoke', short))
        self.assertEqual(self.cli.json('whoami')['roles'], ['ADMIN'])
        shown = self.cli.ok('api-key', 'create', '--role', 'checker')
        self.assertRegex(shown, r'(?m)^secret  +lmp_\w{39}$', 'as the quickstart takes it')

    def test_a_stored_key_is_used_by_all_commands_until_it_is_forgotten(self):
        refused = self.cli.run('partner', 'list')
        self.assertEqual(refused.returncode, 16)
        self.assertIn('lmp login', refused.stderr)
        done = self.login(key=self.secret + '\n')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('apiKeys/', done.stderr)
        self.assertNotIn(self.secret, done.stderr + done.stdout)
        stored, = self.home.iterdir()
        self.assertEqual(stored.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.home.stat().st_mode & 0o777, 0o700)
        self.cli.ok('partner', 'list')
        other = lmp_server.Cli('127.0.0.1:1', {'LMP_CREDENTIALS_DIR': str(self.home)})  # another server, another file
        self.assertIn('nothing was stored', other.run('logout').stderr)
        stored.chmod(0o644)
        self.assertIn('others can read', self.cli.run('partner', 'list').stderr)
        stored.chmod(0o600)
        self.cli.ok('logout')
        self.assertEqual(list(self.home.iterdir()), [])
        self.assertEqual(self.cli.run('partner', 'list').returncode, 16)

    def test_a_key_that_is_not_taken_is_not_stored(self):
        for key, code in (('lmp_wrong', 16), ('', 64), ('two words', 64)):
            done = self.login(key=key)
            self.assertEqual(done.returncode, code, done.stderr)
        self.assertFalse(self.home.exists() and list(self.home.iterdir()))

    def test_a_command_prints_the_token_each_time(self):
        copy = self.directory / 'copy'
        copy.write_text(self.secret)
        self.assertEqual(self.login('--command', f'cat {copy}').returncode, 0)
        self.cli.ok('whoami')
        stored, = self.home.iterdir()
        self.assertNotIn(self.secret, stored.read_text())
        copy.unlink()
        failed = self.cli.run('whoami')
        self.assertEqual(failed.returncode, 9)
        self.assertIn(f'cat {copy}', failed.stderr)

    def test_who_may_not_is_told_how_to_see_what_it_may(self):
        secret = api_key(self.server, '--role', 'METER')
        self.login(key=secret)
        refused = self.cli.run('partner', 'list')
        self.assertEqual(refused.returncode, 7)
        self.assertIn('lmp whoami', refused.stderr)
        self.assertIn('METER', self.cli.ok('whoami'))


if __name__ == '__main__':
    unittest.main()
