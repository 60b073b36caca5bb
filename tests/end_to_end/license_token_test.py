"""License tokens: issued by the server, verified by `lmp license verify` and by OpenSSL."""

import datetime
import os
import stat
import time
import unittest

import lmp_server
from lmp_server import call_error, create_customer, customer_api, licensing_api, new_request_id, today
from lmp.v1 import license_token_pb2 as api
from lmp.v1 import subscription_verbs_pb2 as verbs
from lmp.v1.crossgrade_pb2 import LicenseUnits
from rpc import Rpc
from license_token_case import FAILED_PRECONDITION, TokenTestCase, UNAUTHENTICATED, openssl, unbase64, verify


class LicenseTokenTest(TokenTestCase, unittest.TestCase):

    def test_a_token_says_what_the_license_is(self):
        _, license = self.license_of('says')
        token = self.issue(license.name)
        keys = self.keys()
        self.assertEqual(len(keys.keys), 1)
        self.assertTrue(keys.keys[0].signing)
        self.assertEqual(token.key_id, keys.keys[0].key_id)
        self.assertRegex(token.key_id, r'^[A-Za-z0-9_-]{43}$')
        header, claims = verify(self.directory, token.token, keys.jwks_json)
        self.assertEqual(header, {'alg': 'EdDSA', 'kid': token.key_id, 'typ': 'lmp-license+jwt'})
        grace_end = lmp_server.from_date(license.grace_end_date)
        self.assertEqual(claims, {
            'iss': 'lmp', 'sub': license.name, 'jti': token.token_id, 'iat': token.issue_time.seconds,
            'exp': token.expire_time.seconds,
            'lmp': {'partner': 'partners/acme-msp', 'product': 'products/cloud-app-security', 'unit': 'USER',
                    'units': 25, 'start_date': str(today()),
                    'expiration_date': str(lmp_server.from_date(license.expiration_date)),
                    'grace_end_date': str(grace_end)}})
        self.assertEqual(claims['exp'] - claims['iat'], 30 * 86400)
        self.assertEqual(token.issue_time.nanos, 0)
        self.assertAlmostEqual(claims['iat'], time.time(), delta=60)
        self.assertEqual(token.name, f'customers/says/licenseTokens/{token.token_id}')
        self.assertEqual(token.license, license.name)
        self.assertEqual(len(token.changes), 0)

        far = self.issue(license.name, valid_days=366)
        midnight = datetime.datetime.combine(grace_end, datetime.time(), datetime.timezone.utc)
        self.assertEqual(far.expire_time.seconds, midnight.timestamp())
        self.assertNotEqual(far.token_id, token.token_id)

        license_now = self.client.licensing.GetLicense(licensing_api.GetLicenseRequest(name=license.name))
        self.assertEqual(license_now.etag, license.etag, 'issuing a token does not change the license')

    def test_the_public_key_as_pem_verifies_too(self):
        _, license = self.license_of('public-pem')
        token = self.issue(license.name).token
        signed, signature = token.rsplit('.', 1)
        pem = self.write('public.pem', self.keys().keys[0].public_key_pem)
        message = self.write('m', signed)
        self.path('s').write_bytes(unbase64(signature))
        done = openssl('pkeyutl', '-verify', '-pubin', '-inkey', pem, '-rawin', '-in', message, '-sigfile',
                       self.path('s'))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_our_tool_verifies_it_without_a_server(self):
        _, license = self.license_of('tool')
        token = self.issue(license.name)
        said = self.verify_offline(token.token)
        self.assertEqual((said['license'], said['product'], said['units'], said['unit'], said['state']),
                         (license.name, 'products/cloud-app-security', 25, 'USER', 'ACTIVE'))
        self.assertEqual(said['token_id'], token.token_id)
        broken = token.token[:-10] + ('A' if token.token[-10] != 'A' else 'B') + token.token[-9:]
        self.assertEqual(self.verify_offline(broken, exit_code=UNAUTHENTICATED), 'TOKEN_BAD_SIGNATURE')

    def test_what_the_other_commands_write_can_be_verified(self):
        _, license = self.license_of('pipe')
        name = license.name.replace('customers/', '').replace('/licenses/', '/')
        token = self.write('t.json', self.cli.ok('license', 'token', name, '--valid-days', 7, '-o', 'json'))
        keys = self.write('k.json', self.cli.ok('license', 'token-keys', '-o', 'json'))
        self.assertRegex(self.cli.ok('license', 'token-keys'), r'SIGNING')
        for parent in ('pipe', 'partners/acme-msp'):
            revocations = self.write('r.json', self.cli.ok('license', 'revocations', parent, '-o', 'json'))
            out = self.offline.ok('license', 'verify', token, '--keys', keys, '--revocations', revocations)
            self.assertRegex(out, r'state +ACTIVE')

    def test_a_clock_set_back_is_noticed(self):
        _, license = self.license_of('clock')
        token = self.issue(license.name).token
        clock = self.path('clock')
        self.verify_offline(token, '--clock-file', clock)
        remembered = clock.read_text()
        self.verify_offline(token, '--clock-file', clock)
        self.assertEqual(clock.read_text(), remembered)
        future = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        clock.write_text(future.isoformat() + '\n')
        self.assertEqual(self.verify_offline(token, '--clock-file', clock, exit_code=FAILED_PRECONDITION),
                         'CLOCK_SET_BACK')

    def test_the_same_request_id_gives_the_same_token(self):
        _, license = self.license_of('replay')
        request_id = new_request_id()
        first = self.issue(license.name, request_id=request_id)
        again, call = self.client.licensing.IssueLicenseToken.with_call(
            api.IssueLicenseTokenRequest(name=license.name, request_id=request_id))
        self.assertEqual(again, first)
        self.assertEqual(dict(call.trailing_metadata()).get('lmp-replayed'), 'true')
        self.assertEqual(self.server.sql("SELECT COUNT(*) FROM license_tokens WHERE customer_id = 'replay'"), [['1']])
        error = call_error(self.issue, license.name, request_id=request_id, valid_days=5)
        self.assertEqual(error.reason, 'REQUEST_ID_REUSED')

    def test_a_preview_has_no_token_and_leaves_nothing(self):
        _, license = self.license_of('preview')
        preview = self.issue(license.name, validate_only=True)
        self.assertEqual(preview.token, '')
        self.assertEqual(preview.license, license.name)
        change, = preview.changes
        self.assertEqual((change.event_kind, change.created, change.resource),
                         ('LICENSE_TOKEN_ISSUED', True, preview.name))
        self.assertEqual(self.server.sql("SELECT COUNT(*) FROM license_tokens WHERE customer_id = 'preview'"), [['0']])
        time.sleep(1.1)  # a token has whole seconds: it is issued and ends at others than those shown
        issued = self.issue(license.name, preview_token=preview.preview_token)
        self.assertTrue(issued.token)
        self.assertNotEqual(issued.issue_time, preview.issue_time)
        self.assertEqual(call_error(self.issue, license.name, preview_token=preview.preview_token, valid_days=5).reason,
                         'INVALID_FIELDS')

    def test_an_event_says_who_made_it_and_does_not_have_the_token(self):
        _, license = self.license_of('event')
        token = self.issue(license.name)
        events = self.server.sql("SELECT kind, actor, after_image FROM events WHERE key2 = '" + token.token_id + "'")
        self.assertEqual([(kind, actor) for kind, actor, _ in events], [('LICENSE_TOKEN_ISSUED', 'local-admin')])
        self.assertNotIn(token.token.split('.')[2], events[0][2])
        self.settled_log()
        self.assertNotIn(token.token.split('.')[2], self.server.log_text())

    def test_refusals(self):
        subscription, license = self.license_of('refused')
        error = call_error(self.issue, 'customers/refused', valid_days=-1)
        self.assertEqual(set(error.fields), {'name', 'valid_days'})
        self.assertIn('valid_days', call_error(self.issue, license.name, valid_days=367).fields)
        self.assertIn('request_id', call_error(self.issue, license.name, request_id='x').fields)
        self.assertEqual(call_error(self.issue, 'customers/nobody/licenses/one').reason, 'CUSTOMER_NOT_FOUND')
        self.assertEqual(call_error(self.issue, 'customers/refused/licenses/one').reason, 'LICENSE_NOT_FOUND')
        self.assertEqual(call_error(self.issue, license.name, etag='77').reason, 'ETAG_MISMATCH')
        self.client.licensing.CancelSubscription(verbs.CancelSubscriptionRequest(name=subscription))
        error = call_error(self.issue, license.name)
        self.assertEqual((error.reason, error.metadata['state']), ('WRONG_STATE', 'DISABLED'))
        for parent in ('', 'customers', 'products/x', 'customers/a/licenses/b', 'partners/-'):
            self.assertEqual(set(call_error(self.revocations, parent).fields), {'parent'}, parent)
        self.assertEqual(call_error(self.revocations, 'customers/nobody').reason, 'CUSTOMER_NOT_FOUND')
        self.assertEqual(call_error(self.revocations, 'partners/nobody').reason, 'PARTNER_NOT_FOUND')
        error = call_error(self.client.licensing.ListLicenseTokenKeys, api.ListLicenseTokenKeysRequest(page_token='x'))
        self.assertEqual(set(error.fields), {'page_token'})

    def test_what_no_longer_holds_is_on_the_list(self):
        subscription, license = self.license_of('revoked')
        token = self.issue(license.name)
        self.assertEqual(self.revoked_ids('customers/revoked'), [])
        suspended = self.client.licensing.SuspendSubscription(
            verbs.SuspendSubscriptionRequest(name=subscription))
        self.assertEqual(suspended.subscription.licenses[0].name, license.name)
        self.assertEqual(self.revoked_ids('customers/revoked'), [token.token_id])
        self.assertIn(token.token_id, self.revoked_ids('partners/acme-msp'))
        self.assertEqual(self.revoked_ids('partners/north-distribution'), [])
        revocations = self.write('r.jwt', self.revocations('customers/revoked').revocation_list)
        self.assertEqual(self.verify_offline(token.token, '--revocations', revocations, exit_code=FAILED_PRECONDITION),
                         'TOKEN_REVOKED')
        self.verify_offline(token.token)  # without the list it can't be known

        self.client.licensing.UnsuspendSubscription(
            verbs.UnsuspendSubscriptionRequest(name=subscription))
        self.assertEqual(self.revoked_ids('customers/revoked'), [])

        units = [LicenseUnits(product='products/cloud-app-security', units=24)]
        update = verbs.UpdateSubscriptionRequest(units=units)
        update.subscription.name = subscription
        self.client.licensing.UpdateSubscription(update)
        self.assertEqual(self.revoked_ids('customers/revoked'), [token.token_id])
        smaller = self.issue(license.name)
        self.assertEqual(self.revoked_ids('customers/revoked'), [token.token_id])

        self.client.customers.DisableCustomer(customer_api.DisableCustomerRequest(name='customers/revoked'))
        self.assertEqual(sorted(self.revoked_ids('customers/revoked')), sorted([token.token_id, smaller.token_id]))

    def test_a_token_of_another_level_is_on_the_list(self):
        rpc = Rpc(self.client)
        plans = []
        for level in (1, 2):
            product = rpc.CreateProduct(product=dict(display_name=f'Guard {level}', kind='SERVICE', unit='SEAT',
                                                     family='guard',
                                                     level=level)).name
            plans.append((product, rpc.CreateServicePlan(service_plan=dict(
                display_name=f'Guard {level}', partner='partners/acme-msp', product=product,
                initial_term_months=12)).name))
        create_customer(self.client, 'level')
        subscription = rpc.AssignServicePlan(parent='customers/level', service_plan=plans[1][1],
                                             units=[dict(product=plans[1][0], units=5)]).subscription
        token = self.issue(subscription.licenses[0].name)
        rpc.ChangeServicePlan(name=subscription.name, service_plan=plans[0][1])
        self.assertEqual(self.revoked_ids('customers/level'), [token.token_id])
        self.issue(subscription.licenses[0].name)
        self.assertEqual(self.revoked_ids('customers/level'), [token.token_id])

    def test_a_list_about_others_does_not_count(self):
        _, license = self.license_of('others')
        token = self.issue(license.name)
        create_customer(self.client, 'stranger')
        for parent in ('customers/stranger', 'partners/north-distribution'):
            revocations = self.write('r.jwt', self.revocations(parent).revocation_list)
            self.assertEqual(self.verify_offline(token.token, '--revocations', revocations,
                                                 exit_code=FAILED_PRECONDITION),
                             'REVOCATION_LIST_WRONG')

    def test_nothing_but_dots_costs_little_more_than_to_be_read(self):
        """Taken apart at each of them, it would be a gigabyte."""
        _, license = self.license_of('dotted')
        token, keys = self.write('token', self.issue(license.name).token), self.write('k.json', self.keys().jwks_json)
        dots = self.write('dots', '.' * (32 << 20))
        for args, what in (([dots], 'license token'), ([token, '--revocations', dots], 'revocation list')):
            said, began = self.path('said'), time.monotonic()
            with open(said, 'wb') as out:
                process = lmp_server.popen([lmp_server.BIN / 'lmp', 'license', 'verify', *args, '--keys', keys],
                                           env=lmp_server.child_environment(), stdout=out, stderr=out)
                _, process.returncode, usage = os.wait4(process.pid, 0)
            self.assertIn(f'this is no {what}: not a JWT in compact form', said.read_text())
            self.assertLess(time.monotonic() - began, 5)
            if 'ASAN_OPTIONS' not in os.environ:
                self.assertLess(usage.ru_maxrss / 1024, 300, 'MiB')

    def test_the_list_has_all_of_many(self):
        _, license = self.license_of('many')
        for _ in range(30):
            self.issue(license.name)
        # As many as make several pages of the server's.
        self.server.sql(
            'INSERT INTO license_tokens (customer_id, token_id, license_id, key_id, units, grace_end_date, issue_time, '
            'expire_time, '
            'revision, create_time, update_time) SELECT t.customer_id, CONCAT("t", s.seq), t.license_id, t.key_id, '
            '1000, '
            't.grace_end_date, t.issue_time, IF(s.seq % 2, t.expire_time, t.issue_time), 1, t.create_time, '
            't.update_time FROM '
            '(SELECT * FROM license_tokens WHERE customer_id = "many" LIMIT 1) t, '
            f'JSON_TABLE("{list(range(1, 5001))}", "$[*]" COLUMNS (seq INT PATH "$")) s')
        expected = {f't{n}' for n in range(1, 5001, 2)}  # the others have expired
        self.assertEqual(set(self.revoked_ids('customers/many')), expected)
        of_partner = self.revoked_ids('partners/acme-msp')
        self.assertEqual(len(of_partner), len(set(of_partner)))
        self.assertLessEqual(expected, set(of_partner))

    def test_the_embedded_database_brings_a_key(self):
        key = self.server.database_directory / 'token-key.pem'
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
        private = [line for line in key.read_text().splitlines() if not line.startswith('-')]
        self.assertNotIn(private[0], self.server.log_text())


if __name__ == '__main__':
    unittest.main()
