"""The keys that sign license tokens: replaced while the server runs, missing, wrong."""

import os
import unittest

import lmp_server
from lmp_server import LmpServer, call_error, create_customer, new_request_id, run_server_command
from lmp.v1 import license_token_pb2 as api
from license_token_case import TokenTestCase, UNAUTHENTICATED, USAGE, make_key, openssl, public_of, verify
from rpc import Rpc
from watching import watch


class KeyRotationTestCase(TokenTestCase):

    @classmethod
    def make_server(cls, stack):
        cls.old, cls.new = make_key(cls.directory / 'old.pem'), make_key(cls.directory / 'new.pem')
        cls.first, cls.second = cls.directory / 'first.pem', cls.directory / 'second.pem'
        cls.copy(cls.old, cls.first)
        cls.copy(public_of(cls.new, cls.directory / 'new.pub'), cls.second)
        return LmpServer(cls.directory, env={'LMP_TOKEN_KEY_FILE': f'{cls.first},{cls.second}'})

    @staticmethod
    def copy(source, target):
        unfinished = target.with_suffix('.new')
        unfinished.write_bytes(source.read_bytes())
        os.replace(unfinished, target)

    def await_signing_key(self, key_id):
        lmp_server.wait_until(lambda: self.keys().keys[0].key_id == key_id, 10, 'the server reads its keys again')


class KeyRotationTest(KeyRotationTestCase, unittest.TestCase):

    def test_rotation_with_overlap(self):
        _, license = self.license_of('rotation')
        old_id, new_id = (k.key_id for k in self.keys().keys)
        self.assertEqual([k.signing for k in self.keys().keys], [True, False])
        old_jwks = self.keys().jwks_json
        old_token = self.issue(license.name)
        self.assertEqual(old_token.key_id, old_id)

        # The new key first, the old one stays: read without a restart.
        self.copy(self.new, self.first)
        self.copy(public_of(self.old, self.directory / 'old.pub'), self.second)
        self.await_signing_key(new_id)
        new_token = self.issue(license.name)
        self.assertEqual(new_token.key_id, new_id)
        for token in (old_token, new_token):
            verify(self.directory, token.token, self.keys().jwks_json)
            self.verify_offline(token.token)
            self.verify_offline(token.token, keys=old_jwks)  # a client that knew the new key before it was used

        # What can't be read changes nothing, and is said without a word of what is in it.
        self.first.write_text('-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n')
        lmp_server.wait_until(lambda: self.keys() and 'stay as they were' in self.server.log_text(), 10,
                              'a warning in the log')
        self.assertEqual(self.issue(license.name).key_id, new_id)
        self.assertNotIn('c2VjcmV0', self.server.log_text())

        # The old key is gone in the end.
        self.copy(self.new, self.first)
        self.copy(public_of(self.new, self.directory / 'new.pub'), self.second)
        lmp_server.wait_until(lambda: len(self.keys().keys) == 1, 10, 'one key is left')
        self.verify_offline(new_token.token)
        self.assertEqual(self.verify_offline(old_token.token, exit_code=UNAUTHENTICATED), 'TOKEN_UNKNOWN_KEY')

        # A replay is the stored answer, whatever became of the keys.
        request_id = new_request_id()
        first = self.issue(license.name, request_id=request_id)
        self.copy(self.old, self.first)
        self.await_signing_key(old_id)
        self.assertEqual(self.issue(license.name, request_id=request_id), first)


class HeadRotationTest(KeyRotationTestCase, unittest.TestCase):
    """What was said of the history stays verifiable when its key is replaced: in checkpoints, too."""

    def heads(self):
        """(key id, sequence, hash) of the head and of a checkpoint, both verified by OpenSSL."""
        self.await_history()
        asked = Rpc(self.client).GetHistoryHead()
        stream = watch(self.client, checkpoint_interval=dict(seconds=1))
        checkpoint = next(message for message in stream if message.signed_head)
        stream.cancel()
        self.assertEqual(list(checkpoint.events), [])
        self.signed += [asked.signed_head, checkpoint.signed_head]
        said = []
        for text in self.signed[-2:]:
            header, claims = verify(self.directory, text, self.keys().jwks_json)
            self.assertEqual((header['typ'], claims['iss'], claims['sub']), ('lmp-history+jwt', 'lmp', 'history'))
            said.append((header['kid'], claims['lmp']['sequence'], claims['lmp']['chain_hash']))
        self.assertEqual(said, [(said[0][0], asked.sequence, asked.chain_hash)] * 2)
        return said[0]

    def test_heads_and_checkpoints_are_signed_by_the_key_of_their_time(self):
        self.signed = []
        old_id, new_id = (k.key_id for k in self.keys().keys)
        create_customer(self.client, 'before')
        before = self.heads()
        self.copy(self.new, self.first)
        self.copy(public_of(self.old, self.directory / 'old.pub'), self.second)
        self.await_signing_key(new_id)
        create_customer(self.client, 'after')
        after = self.heads()
        self.assertEqual((before[0], after[0]), (old_id, new_id))
        self.assertEqual(after[1], before[1] + 1)
        for text in self.signed:
            verify(self.directory, text, self.keys().jwks_json)
        changed = self.signed[0].split('.')
        changed[1] = self.signed[2].split('.')[1]
        with self.assertRaises(AssertionError):
            verify(self.directory, '.'.join(changed), self.keys().jwks_json)


class WithoutKeysTest(TokenTestCase, unittest.TestCase):

    def test_a_server_without_a_key_says_what_to_do(self):
        _, license = self.license_of('keyless')
        url = f'mysql://root@localhost/lmp?socket={self.server.socket}'
        other = LmpServer(self.path('.'), database=['--mysql-url', url])
        other.log_path = self.path('other.log')
        other.start()
        self.addCleanup(lambda: other.kill())
        with other.client() as client:
            client.wait_healthy()
            for call, request in (
                    (client.licensing.IssueLicenseToken, api.IssueLicenseTokenRequest(name=license.name)),
                    (client.licensing.ListLicenseTokenKeys, api.ListLicenseTokenKeysRequest()),
                    (client.licensing.GetLicenseRevocationList,
                     api.GetLicenseRevocationListRequest(parent='customers/keyless'))):
                error = call_error(call, request)
                self.assertEqual((error.reason, error.code.name), ('TOKEN_KEY_MISSING', 'FAILED_PRECONDITION'))
                self.assertIn('--token-key-file', error.message)
            # Who may not know the customer does not learn about keys either.
            error = call_error(client.licensing.GetLicenseRevocationList,
                               api.GetLicenseRevocationListRequest(parent='customers/nobody'))
            self.assertEqual(error.reason, 'CUSTOMER_NOT_FOUND')
        other.kill()

    def test_files_that_hold_no_key_are_a_usage_error(self):
        rsa = self.path('rsa.pem')
        openssl('genpkey', '-algorithm', 'rsa', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', rsa)
        good = make_key(self.path('good.pem'))
        public = public_of(good, self.path('good.pub'))
        for files in (['/nonexistent'], [rsa], [public], [good, rsa], [good, '/nonexistent']):
            flags = [f for file in files for f in ('--token-key-file', file)]
            done = run_server_command('serve', '--embedded-mysql', self.path('unused'), *flags)
            self.assertEqual(done.returncode, USAGE, files)
            self.assertRegex(done.stderr, f'Ed25519.*--token-key-file {files[-1]}')
        # Several in one flag, and in a config file.
        config = self.write('config.toml',
                            f'embedded-mysql = "{self.path("unused")}"\ntoken-key-file = ["{good}", "/nonexistent"]\n')
        for args in (['--token-key-file', f'{good},/nonexistent', '--embedded-mysql', self.path('unused')],
                     ['--config', config]):
            done = run_server_command('serve', *args)
            self.assertEqual(done.returncode, USAGE, args)
            self.assertIn('--token-key-file /nonexistent', done.stderr)
        self.assertFalse(self.path('unused').exists())


if __name__ == '__main__':
    unittest.main()
