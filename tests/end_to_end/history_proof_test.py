"""The history as it is shown to somebody who does not trust the server: exported, verified without it, and computed
anew by hashlib alone."""

import base64
import hashlib
import json
import struct
import unittest

import lmp_server
from credentials import api_key, bearer
from lmp_server import Cli, ServerTestCase, assign_request, call_error, create_customer
from rpc import Rpc

DATA_LOSS = 15


def sha(data):
    return hashlib.sha256(data).digest()


def root_of(leaves):
    """RFC 9162, 2.1.1."""
    if len(leaves) == 1:
        return sha(b'\0' + leaves[0])
    split = 1
    while 2 * split < len(leaves):
        split *= 2
    return sha(b'\1' + root_of(leaves[:split]) + root_of(leaves[split:]))


def fields_of(record):
    values = []
    while record:
        length = struct.unpack('>Q', record[:8])[0]
        known = length != 2 ** 64 - 1
        values.append(record[8:8 + length] if known else None)
        record = record[8 + (length if known else 0):]
    return values


class ProofTest(ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rpc = Rpc(cls.client)
        cls.customer = create_customer(cls.client, 'proven')
        cls.client.licensing.AssignServicePlan(assign_request(cls.customer, 'cas-annual', {'cloud-app-security': 5}))
        cls.cli = Cli(cls.server.target)

    def setUp(self):
        self.await_history()
        self.keys = self.directory / 'keys.json'
        self.keys.write_text(self.cli.ok('license', 'token-keys', '-o', 'json'))

    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path

    def verify(self, path, *args):
        """(exit code, what it says)."""
        done = self.cli.run('event', 'verify', path, '--keys', self.keys, *args)
        return done.returncode, done.stdout + done.stderr

    def export(self, name='history.jsonl'):
        return self.file(name, self.cli.ok('event', 'export'))

    def test_the_hashes_are_those_of_the_definition(self):
        lines = [json.loads(line) for line in self.export().read_text().splitlines()]
        head = lines.pop()['head']
        chain, leaves = bytes(32), []
        for number, entry in enumerate(lines, 1):
            record = base64.b64decode(entry['record'])
            self.assertEqual((entry['sequence'], fields_of(record)[1]), (str(number), str(number).encode()))
            leaves.append(sha(record))
            chain = sha(chain + leaves[-1])
            self.assertEqual(base64.b64decode(entry['chain_hash']), chain)
        self.assertEqual((head['sequence'], head['chain_hash'], head['tree_root']),
                         (str(len(lines)), chain.hex(), root_of(leaves).hex()))
        claims = head['signed_head'].split('.')[1]
        claims = json.loads(base64.urlsafe_b64decode(claims + '=' * (-len(claims) % 4)))
        self.assertEqual(claims['lmp'], dict(sequence=len(lines), chain_hash=chain.hex(),
                                             tree_root=root_of(leaves).hex()))

    def test_an_export_is_verified_without_the_server_and_whatever_is_wrong_is_named(self):
        code, said = self.verify(self.export())
        self.assertEqual(code, 0, said)
        self.assertIn('The history is whole: ', said)
        lines = self.export().read_text().splitlines()

        def changed(number, **fields):
            entry = {**json.loads(lines[number]), **fields}
            return lines[:number] + [json.dumps(entry, separators=(',', ':'))] + lines[number + 1:]

        record = bytearray(base64.b64decode(json.loads(lines[4])['record']))
        record[-3] ^= 1
        flipped = base64.b64encode(bytes(record)).decode()
        swapped = [json.loads(lines[i]) for i in (6, 3)]
        for entry, sequence in zip(swapped, ('4', '7')):
            entry['sequence'] = sequence
        swapped = [json.dumps(e, separators=(',', ':')) for e in swapped]
        cases = [
            ('a flipped byte', changed(4, record=flipped), 'event 5 is not what was recorded'),
            ('a deleted row', lines[:5] + lines[6:], 'event 6 is missing'),
            ('a swapped pair', lines[:3] + swapped[:1] + lines[4:6] + swapped[1:] + lines[7:],
             'event 4 is not what was recorded'),
            ('the end cut off', lines[:-3] + lines[-1:], f'event {len(lines) - 2} is missing'),
            ('no head', lines[:-1], 'has no head'),
            ('a hash beside the record', changed(4, leaf=base64.b64encode(sha(b'other')).decode()),
             'event 5 is not what was recorded'),
            ('a name twice', lines[:4] + ['{"record":"AAAA",' + lines[4][1:]] + lines[5:], 'the line of event 5'),
            ('another number beside the signature',
             lines[:-1] + [json.dumps(dict(head={**json.loads(lines[-1])['head'], 'sequence': '1'}),
                                      separators=(',', ':'))], 'something else than what was signed'),
            ('something behind the head', lines + lines[-2:-1], 'something follows'),
            ('a line that is none', lines[:2] + ['nonsense'] + lines[3:], 'the line of event 3'),
        ]
        for name, text, why in cases:
            with self.subTest(name):
                code, said = self.verify(self.file('changed.jsonl', '\n'.join(text) + '\n'))
                self.assertEqual(code, DATA_LOSS, said)
                self.assertIn(why, said)
        # A rewritten tail: all hashes computed anew. What they do not have is the signature.
        hash_before, rewritten = base64.b64decode(json.loads(lines[-4])['chain_hash']), lines[:-3]
        for line in lines[-3:-1]:
            entry = json.loads(line)
            record = base64.b64decode(entry['record']).replace(b'acme-msp', b'acme-msq')
            hash_before = sha(hash_before + sha(record))
            entry.update(record=base64.b64encode(record).decode(), chain_hash=base64.b64encode(hash_before).decode())
            rewritten.append(json.dumps(entry, separators=(',', ':')))
        code, said = self.verify(self.file('changed.jsonl', '\n'.join(rewritten + lines[-1:]) + '\n'))
        self.assertEqual(code, DATA_LOSS, said)
        self.assertIn('this is not the history that the head', said)
        head = json.loads(lines[-1])['head']
        header, claims, signature = head['signed_head'].split('.')
        claims = claims[:8] + ('A' if claims[8] != 'A' else 'B') + claims[9:]
        head['signed_head'] = '.'.join([header, claims, signature])
        forged = json.dumps(dict(head=head), separators=(',', ':'))
        code, said = self.verify(self.file('changed.jsonl', '\n'.join(lines[:-1] + [forged])))
        self.assertEqual(code, DATA_LOSS, said)

    def test_one_event_is_shown_to_be_in_the_history(self):
        event = self.rpc.ListEvents(parent=self.customer).events[-1]
        proof = self.cli.ok('event', 'proof', event.name, '-o', 'json')
        code, said = self.verify(self.file('proof.json', proof))
        self.assertEqual(code, 0, said)
        self.assertIn('SERVICE_PLAN_ASSIGNED', said)
        other = self.rpc.GetEventProof(name=self.rpc.ListEvents(parent=self.customer).events[0].name)
        changed = json.loads(proof)
        changed['entry']['record'] = base64.b64encode(other.entry.record).decode()
        code, said = self.verify(self.file('proof.json', json.dumps(changed)))
        self.assertEqual(code, DATA_LOSS, said)
        changed['entry']['sequence'] = str(other.entry.sequence)
        code, said = self.verify(self.file('proof.json', json.dumps(changed)))
        self.assertEqual(code, DATA_LOSS, said)
        self.assertIn('not in the history', said)

    def test_a_proof_is_held_against_a_head_that_was_kept(self):
        name = self.rpc.ListEvents(parent=self.customer).events[-1].name
        head, proof = json.loads(self.cli.ok('event', 'head', '-o', 'json')), None
        while proof is None or proof['head']['sequence'] != head['sequence']:  # others may write meanwhile
            head = json.loads(self.cli.ok('event', 'head', '-o', 'json'))
            proof = json.loads(self.cli.ok('event', 'proof', name, '-o', 'json'))
        path, kept = self.file('kept_proof.json', json.dumps(proof)), self.file('kept.json', json.dumps(head))
        code, said = self.verify(path, '--known-head', kept)
        self.assertEqual(code, 0, said)
        create_customer(self.client, 'after-the-head')
        self.await_history()
        later = self.file('later.json', self.cli.ok('event', 'head', '-o', 'json'))
        code, said = self.verify(path, '--known-head', later)
        self.assertNotEqual(code, 0, said)
        self.assertIn('--since-sequence', said)

    def test_a_later_head_is_shown_to_go_on_from_an_earlier_one(self):
        early = self.file('early.json', self.cli.ok('event', 'head', '-o', 'json'))
        sequence = json.loads(early.read_text())['sequence']
        for i in range(5):
            create_customer(self.client, f'later-{i}')
        self.await_history()
        late = self.file('late.json', self.cli.ok('event', 'head', '--since-sequence', sequence, '-o', 'json'))
        code, said = self.verify(late, '--known-head', early)
        self.assertEqual(code, 0, said)
        self.assertIn('is the beginning of this one', said)
        self.assertEqual(self.verify(self.export(), '--known-head', early)[0], 0)
        # The server's owner rewrites what was before, with the key: nobody sees it but who kept a head.
        self.server.sql("UPDATE events SET actor = 'nobody' WHERE sequence = 3")
        code, said = self.verify(self.export(), '--known-head', early)
        self.assertEqual(code, DATA_LOSS, said)
        self.assertIn('event 3 is not what was recorded', said)
        self.server.sql("UPDATE events SET actor = 'local-admin' WHERE sequence = 3")
        error = call_error(self.rpc.GetHistoryHead, since_sequence=1_000_000)
        self.assertEqual(list(error.fields), ['since_sequence'])

    def test_who_may_not_see_an_event_gets_its_hash(self):
        theirs = self.rpc.CreatePartner(partner=dict(display_name='Rival', tier='DISTRIBUTOR')).name
        key = api_key(self.server, '--role', 'PARTNER_ADMIN', '--partner', theirs)
        self.await_history()
        answer = self.rpc.ExportHistory(metadata=bearer(key), page_size=1000)
        shown = [e for e in answer.entries if e.record]
        self.assertEqual({fields_of(e.record)[10] for e in shown}, {theirs.split('/')[1].encode()})
        self.assertTrue(all(len(e.leaf) == 32 for e in answer.entries if not e.record))
        self.assertEqual(len(answer.entries), answer.head.sequence)
        everything = self.rpc.ExportHistory(page_size=1000)
        self.assertEqual([sha(e.record) for e in everything.entries],
                         [e.leaf or sha(e.record) for e in answer.entries])
        own = lmp_server.Cli(self.server.target)
        token = self.file('key', key)
        text = own.ok('event', 'export', '--token-file', token)
        code, said = self.verify(self.file('theirs.jsonl', text))
        self.assertEqual(code, 0, said)
        self.assertIn('only the hash is known', said)
        event = self.rpc.ListEvents(parent=self.customer).events[0].name
        self.assertEqual(call_error(self.rpc.GetEventProof, name=event, metadata=bearer(key)).reason, 'EVENT_NOT_FOUND')


if __name__ == '__main__':
    unittest.main()
