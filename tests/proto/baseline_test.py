"""proto/baseline.txtpb is what the protos promise now, and proto/baseline.py takes nothing back unasked."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PROTO = pathlib.Path(__file__).parents[2] / 'proto'


def baseline(proto, *args):
    """(exit code, output) of baseline.py in that directory."""
    done = subprocess.run([sys.executable, '-B', proto / 'baseline.py', *args], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, encoding='utf-8', timeout=60)
    return done.returncode, done.stdout


class BaselineTest(unittest.TestCase):

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='lmp-baseline-')
        self.addCleanup(directory.cleanup)
        self.copy = pathlib.Path(directory.name) / 'proto'
        shutil.copytree(PROTO, self.copy)
        # From now on equal, whatever the sources are like.
        self.assertEqual(baseline(self.copy, '--force')[0], 0)

    def edit(self, file, old, new):
        path = self.copy / 'lmp' / 'v1' / file
        text = path.read_text()
        self.assertEqual(text.count(old), 1, old)
        path.write_text(text.replace(old, new))

    def text(self):
        return (self.copy / 'baseline.txtpb').read_text()

    def test_it_has_all_that_the_protos_have(self):
        self.assertEqual(baseline(PROTO, '--check'), (0, ''))

    def test_what_was_added_is_taken_over(self):
        self.edit('customer.proto', '  string city = 4 [', '  optional string district = 105;\n  string city = 4 [')
        self.edit('customer.proto', 'message Customer {', 'message Aside {\n  string it = 1;\n}\n\nmessage Customer {')
        code, output = baseline(self.copy, '--check')
        self.assertEqual(code, 1)
        self.assertIn('+ lmp.v1.Customer: field { name: "district" number: 105', output)
        self.assertIn('run proto/baseline.py', output)
        before = self.text()
        self.assertEqual(baseline(self.copy)[0], 0)
        self.assertNotEqual(self.text(), before)
        self.assertEqual(baseline(self.copy, '--check'), (0, ''))

    def test_a_deprecated_field_and_another_order_break_no_promise(self):
        self.edit('license.proto', 'int32 units = 5 [', 'int32 units = 5 [deprecated = true, ')
        used = '  optional int32 used_units = 6 [(google.api.field_behavior) = OUTPUT_ONLY];\n'
        self.edit('license.proto', used, '')
        self.edit('license.proto', '  bool over_allocated = 7 [', used + '  bool over_allocated = 7 [')
        self.assertEqual(baseline(self.copy), (0, ''))
        self.assertEqual(baseline(self.copy, '--check'), (0, ''))

    def test_a_message_may_move_to_another_file(self):
        name = self.copy / 'lmp/v1/change.proto'
        head, tail = name.read_text().split('// One field before and after.\n')
        name.write_text(head.replace('package lmp.v1;',
                                     'package lmp.v1;\n\nimport public "lmp/v1/field_change.proto";'))
        (self.copy / 'lmp/v1/field_change.proto').write_text(
            'syntax = "proto3";\npackage lmp.v1;\nimport "lmp/v1/limits.proto";\n' + tail)
        self.assertEqual(baseline(self.copy), (0, ''))
        self.assertEqual(baseline(self.copy, '--check'), (0, ''))

    def test_what_is_different_or_gone_is_refused_unless_forced(self):
        for file, old, new, line in (
                ('customer.proto', 'string city = 4 [', 'string city = 104 [',
                 'Customer: field { name: "city" number: 4 '),
                ('license.proto', 'int32 units = 5 [', 'int64 units = 5 [',
                 'License: field { name: "units" number: 5 '),
                ('errors.proto', '  PLAN_LOCKED = 48;\n', '', 'ErrorReason: value { name: "PLAN_LOCKED" number: 48 }'),
                ('customer_service.proto', '  rpc GetPartner(GetPartnerRequest) returns (Partner) {\n'
                 '    option idempotency_level = NO_SIDE_EFFECTS;\n  }\n', '',
                 'CustomerService: method { name: "GetPartner" ')):
            with self.subTest(line):
                before = self.text()
                self.edit(file, old, new)
                for args in ((), ('--check',)):
                    code, output = baseline(self.copy, *args)
                    self.assertEqual(code, 1, output)
                    self.assertIn(f'- lmp.v1.{line}', output)
                    self.assertEqual(self.text(), before)
                self.assertEqual(baseline(self.copy, '--force')[0], 0)
                self.assertEqual(baseline(self.copy, '--check'), (0, ''))


if __name__ == '__main__':
    unittest.main()
