"""`buf lint` and `buf breaking` find nothing in the protos, and would if there were something."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import tools
from lmp_server import child_environment

PROTO = pathlib.Path(__file__).parents[2] / 'proto'


class BufTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.program = tools.buf()

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='lmp-buf-')
        self.addCleanup(directory.cleanup)
        self.home = pathlib.Path(directory.name)
        self.copy = self.home / 'proto'
        shutil.copytree(PROTO, self.copy)

    def buf(self, *args):
        """(exit code, output)"""
        done = subprocess.run([self.program, *args], cwd=self.copy, env=child_environment({'HOME': str(self.home)}),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding='utf-8', timeout=60)
        return done.returncode, done.stdout

    def breaking(self):
        return self.buf('breaking', '--against', 'baseline.txtpb')

    def edit(self, file, pattern, replacement):
        path = self.copy / 'lmp' / 'v1' / file
        text, count = re.subn(pattern, replacement, path.read_text(), flags=re.DOTALL)
        self.assertEqual(count, 1, f'{pattern} in {file}')
        path.write_text(text)

    def assert_refused(self, result, *parts):
        self.assertEqual(result[0], 100, result)
        for part in parts:
            self.assertIn(part, result[1])

    def test_the_protos_are_clean_and_keep_the_promise(self):
        self.assertEqual(self.buf('lint'), (0, ''))
        self.assertEqual(self.breaking(), (0, ''))

    def test_another_style_is_found(self):
        self.edit('customer.proto', 'string city = 4 ', 'string City = 4 ')
        self.assert_refused(self.buf('lint'), 'customer.proto', '"City"', 'lower_snake_case')

    def test_a_field_without_a_comment_is_found(self):
        self.edit('customer.proto', r'  // Company name[^\n]*\n', '')
        self.assert_refused(self.buf('lint'), 'customer.proto', 'display_name', 'comment')

    def test_another_number_is_refused(self):
        self.edit('customer.proto', 'string city = 4 ', 'string city = 104 ')
        self.assert_refused(self.breaking(), 'customer.proto', '"4"', '"city"')

    def test_another_type_is_refused(self):
        self.edit('license.proto', 'int32 units = 5 ', 'int64 units = 5 ')
        self.assert_refused(self.breaking(), 'license.proto', 'int32', 'int64')

    def test_another_name_is_refused(self):
        self.edit('license.proto', 'int32 units = 5 ', 'int32 seats = 5 ')
        self.assert_refused(self.breaking(), 'license.proto', 'units', 'seats')

    def test_a_value_and_a_method_must_stay(self):
        self.edit('errors.proto', '  PLAN_LOCKED = 48;\n', '')
        self.assert_refused(self.breaking(), 'errors.proto', '"48"')
        self.edit('customer_service.proto', r'  rpc GetPartner\([^}]*\}\n', '')
        self.assert_refused(self.breaking(), 'customer_service.proto', '"GetPartner"')

    def test_a_message_may_move_to_another_file_but_not_go(self):
        self.edit('change.proto', r'// One field before and after\.\nmessage FieldChange \{.*?\n\}\n', '')
        self.edit('change.proto', 'package lmp.v1;', 'package lmp.v1;\n\nimport public "lmp/v1/field_change.proto";')
        moved = self.copy / 'lmp/v1/field_change.proto'
        moved.write_text('syntax = "proto3";\npackage lmp.v1;\nmessage FieldChange {\n'
                         '  string field = 1;\n  string before = 2;\n  string after = 3;\n}\n')
        self.assertEqual(self.breaking(), (0, ''))
        moved.write_text(moved.read_text().replace('message FieldChange', 'message ChangedField'))
        self.edit('change.proto', 'repeated FieldChange fields', 'repeated ChangedField fields')
        self.assert_refused(self.breaking(), '"FieldChange"')

    def test_what_is_added_is_welcome(self):
        self.edit('customer.proto', r'(  // 1 to 64 characters[^\n]*\n  string city = 4 )',
                  r'  // A new one.\n  string district = 105;\n\1')
        self.edit('errors.proto', '  PLAN_LOCKED = 48;', '  PLAN_LOCKED = 48;\n  PLAN_ODD = 480;')
        self.assertEqual((self.buf('lint'), self.breaking()), ((0, ''), (0, '')))


if __name__ == '__main__':
    unittest.main()
