"""The API reference has all of the contract, and no link in it leads nowhere."""

import html.parser
import os
import pathlib
import unittest

from google.protobuf import descriptor

from lmp.v1 import customer_service_pb2
from lmp.v1 import licensing_service_pb2

REFERENCE = pathlib.Path(os.environ['LMP_TEST_BIN']).parent / 'proto' / 'reference.html'


class Page(html.parser.HTMLParser):

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.texts = [], [], {}  # texts: of what follows each id
        self.open = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if 'id' in attributes:
            self.ids.append(attributes['id'])
            self.texts[attributes['id']] = ''
        if tag == 'a':
            self.links.append(attributes['href'])
        if tag not in ('meta', 'br'):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open.pop() != tag:
            raise AssertionError(f'</{tag}> at {self.getpos()} ends something else')

    def handle_data(self, data):
        if self.ids:
            self.texts[self.ids[-1]] += data


def contract():
    """Descriptors of everything, from the stubs: another way than the reference's."""
    files, found = {}, []

    def take_file(file):
        if file.name in files or not file.package.startswith('lmp.'):
            return
        files[file.name] = file
        for imported in file.dependencies:
            take_file(imported)
        found.extend(file.enum_types_by_name.values())
        found.extend(value for enum in file.enum_types_by_name.values() for value in enum.values)
        for service in file.services_by_name.values():
            found.extend([service, *service.methods])
        for message in file.message_types_by_name.values():
            take_message(message)

    def take_message(message):
        if message.GetOptions().map_entry:
            return
        found.extend([message, *message.fields, *message.enum_types])
        found.extend(value for enum in message.enum_types for value in enum.values)
        for nested in message.nested_types:
            take_message(nested)

    for module in (customer_service_pb2, licensing_service_pb2):
        take_file(module.DESCRIPTOR)
    return found


def name_of(entity):
    if isinstance(entity, descriptor.EnumValueDescriptor):
        return f'{entity.type.full_name}.{entity.name}'
    return entity.full_name


class ReferenceTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.page = Page(REFERENCE.read_text())
        cls.contract = contract()

    def test_everything_is_there_once(self):
        self.assertGreater(len(self.contract), 800)
        self.assertEqual({name_of(e) for e in self.contract} - set(self.page.ids), set())
        self.assertEqual(len(self.page.ids), len(set(self.page.ids)))
        self.assertEqual(self.page.open, [], 'every tag is closed')

    def test_links_lead_somewhere(self):
        inside = {link[1:] for link in self.page.links if link.startswith('#')}
        self.assertEqual(inside - set(self.page.ids), set())
        self.assertGreater(len(inside), 200)
        outside = {link for link in self.page.links if not link.startswith('#')}
        self.assertTrue(all(link.startswith('https://protobuf.dev/') for link in outside), outside)

    def test_methods_and_fields_say_what_they_are(self):
        for entity in self.contract:
            text = self.page.texts[name_of(entity)].strip()
            if isinstance(entity, descriptor.MethodDescriptor):
                self.assertIn(f'{entity.name}({entity.input_type.name}) returns ({entity.output_type.name})', text)
            if isinstance(entity, descriptor.FieldDescriptor):
                many = '(repeated|map of) ' if entity.label == entity.LABEL_REPEATED else '(optional )?(?!repeated|map)'
                # The contract test demands a comment, with a full stop, of every field.
                self.assertRegex(text, rf'(?s)\A{entity.name}{entity.number}{many}[a-zA-Z].*[.)\]]\Z', entity.full_name)

    def test_errors_are_explained(self):
        self.assertIn('FAILED_PRECONDITION: the plan is switched off.',
                      self.page.texts['lmp.v1.ErrorReason.PLAN_DISABLED'])
        self.assertIn('What to do: enable it', self.page.texts['lmp.v1.ErrorReason.PLAN_DISABLED'])
        self.assertIn('#lmp.v1.ErrorReason.CROSSGRADE_REQUIRED', self.page.links)


if __name__ == '__main__':
    unittest.main()
