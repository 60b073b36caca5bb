"""Every limit at its edge: the last value that fits is kept exactly, the next one is refused by the name of its
field."""

import datetime
import itertools
import re
import unittest

from lmp_server import PARTNER, ServerTestCase, call_error, new_customer, new_request_id, to_date, today
from rpc import METHODS, Rpc, broken_promises, has_field, proto_comments

CAS = 'products/cloud-app-security'
CAS_ANNUAL = 'servicePlans/cas-annual'
CHARACTERS = 'x', 'é', '漢', '😀'  # of 1, 2, 3 and 4 bytes: the limits are in characters
A_LOT = 50_000

# What can be created, and the least that makes it.
_numbers = itertools.count()
BASES = {
    'CreatePartner': lambda: dict(partner=dict(display_name='Fresh', tier='DISTRIBUTOR')),
    'CreateCustomer': lambda: dict(customer=new_customer()),
    'CreateProduct': lambda: dict(product=dict(display_name='Fresh', kind='SERVICE', unit='SEAT')),
    'CreateServicePlan': lambda: dict(service_plan=dict(
        display_name=f'fresh {next(_numbers)}', partner=PARTNER, product=CAS, initial_term_months=12)),
    'CreateApiKey': lambda: dict(parent=PARTNER, api_key=dict(roles=['CHECKER'])),
    'CreateRegistrationKey': lambda: dict(registration_key=dict(
        service_plan=CAS_ANNUAL, units=[dict(product=CAS, units=5)])),
}
# Least and most characters, of any kind.
TEXTS = {
    'CreatePartner': {'partner.display_name': (1, 128)},
    'CreateCustomer': {
        'customer.display_name': (1, 128), 'customer.city': (1, 64), 'customer.region': (1, 64),
        'customer.address': (0, 128),
        'customer.postal_code': (0, 10), 'customer.industry': (0, 3), 'customer.note': (0, 500),
        'customer.external_id': (0, 64),
        'customer.contact.given_name': (1, 50), 'customer.contact.family_name': (1, 50)},
    'CreateProduct': {'product.display_name': (1, 150), 'product.family': (0, 64)},
    'CreateServicePlan': {'service_plan.display_name': (1, 150), 'service_plan.data_center': (0, 16)},
    'CreateApiKey': {'api_key.display_name': (0, 128)},
    'CreateRegistrationKey': {'registration_key.note': (0, 500)},
}
# Texts of a form of their own: (good ones), (bad ones); and, where they are documented by numbers, these.
FORMS = {
    'customer.country': (('DE', 'ZW'), ('', 'D', 'DEU', 'de', '1A', 'ÄÖ', 'ZZ')),
    'customer.contact.email': (('a@b', 'a' * 126 + '@b', 'a+b.c_d-e@F.example'),
                               ('', 'a' * 127 + '@b', 'a' * A_LOT + '@b', 'é@b', 'a@b@c', '@b', 'a@', 'a b@c')),
}
IDS = ('abcd', 'a' * 63, 'a--9'), ('abc', 'a' * 64, 'a' * A_LOT, '1abc', 'abc-', 'Abcd', 'ab_d', 'äbcd', 'a/bc')
CHOSEN_IDS = {'CreatePartner': 'partner_id', 'CreateCustomer': 'customer_id', 'CreateProduct': 'product_id',
              'CreateServicePlan': 'service_plan_id'}
REQUEST_IDS = (('123e4567-e89b-42d3-a456-426614174000', '123E4567-E89B-42D3-A456-426614174000'),
               ('x', '123e4567-e89b-42d3-a456-42661417400', '123e4567-e89b-42d3-a456-4266141740000',
                '123e4567e89b42d3a456426614174000', '{123e4567-e89b-42d3-a456-426614174000}',
                'g23e4567-e89b-42d3-a456-426614174000', 'x' * A_LOT))
# Whole numbers: least and most.
NUMBERS = {
    'CreateProduct': {'product.min_units': (1, 999_999), 'product.max_units': (1, 999_999), 'product.level': (0, 100)},
    'CreateServicePlan': {'service_plan.initial_term_months': (1, 66), 'service_plan.renewal_term_months': (1, 66),
                          'service_plan.grace_period_days': (0, 90), 'service_plan.expiration_notice_days': (0, 365)},
}
ZERO_IS_DEFAULT = {'product.min_units', 'product.max_units', 'service_plan.renewal_term_months'}
# Lists and maps, each of which has a test of its own below.
LISTS = {'customer.emergency_emails', 'customer.annotations', 'product.components', 'registration_key.units',
         'api_key.roles', 'api_key.customer', 'parent'}  # these three in api_keys_test.py
NAMES = {  # of other resources: ids of up to 63 characters in them
    'partner.parent': 'partners', 'customer.partner': 'partners', 'service_plan.partner': 'partners',
    'service_plan.product': 'products', 'registration_key.service_plan': 'servicePlans'}
# A preview_token that is sent is one of ours, or refused.
OUTPUT_ONLY = {'name', 'etag', 'changes', 'losses', 'affected', 'preview_token', 'service_plan.components',
               'registration_key.partner', 'registration_key.customer', 'registration_key.subscription',
               'api_key.secret'}


def set_path(message, path, value):
    *parents, last = path.split('.')
    for parent in parents:
        message = getattr(message, parent)
    setattr(message, last, value)
    return message


def get_path(message, path):
    for part in path.split('.'):
        message = getattr(message, part)
    return message


def limited_fields(descriptor, prefix=''):
    """Paths of all texts, lists and whole numbers in a request, but for what is Google's."""
    for field in descriptor.fields:
        path = prefix + field.name
        repeated = field.label == field.LABEL_REPEATED
        if repeated or field.type in (field.TYPE_STRING, field.TYPE_BYTES, field.TYPE_INT32, field.TYPE_INT64):
            yield path
        elif field.type == field.TYPE_MESSAGE and field.message_type.full_name.startswith('lmp.'):
            yield from limited_fields(field.message_type, path + '.')


class LimitsTest(ServerTestCase, unittest.TestCase):

    def setUp(self):
        self.rpc = Rpc(self.client)

    def request(self, method, path, value):
        message = self.rpc.method(method)[1](**BASES[method]())
        set_path(message, path, value)
        if path == 'service_plan.renewal_term_months':
            message.service_plan.auto_renewal = True
        return message

    def send(self, method, request):
        return self.rpc.method(method)[0](request, timeout=30)

    def assert_kept(self, method, path, value):
        request = self.request(method, path, value)
        name = self.send(method, request).name
        stored = getattr(self.rpc, method.replace('Create', 'Get'))(name=name)
        if '.' in path:
            self.assertEqual(get_path(stored, path.split('.', 1)[1]), value, f'{path} as it was stored')
        return name

    def assert_refused(self, method, request, *fields):
        """INVALID_FIELDS that names these, and only fields that the request has."""
        error = call_error(self.send, method, request)
        self.assertEqual((error.reason, set(error.fields)), ('INVALID_FIELDS', set(fields)), error)
        self.assertEqual(broken_promises(error), [], error)
        for field in error.fields:
            self.assertTrue(has_field(METHODS[method].input_type, field), field)

    def test_no_field_is_without_a_limit(self):
        for method in (m for m in METHODS if re.match('Create[A-Z]', m)):
            known = {'request_id', CHOSEN_IDS.get(method), *TEXTS[method], *FORMS, *NUMBERS.get(method, ()), *LISTS,
                     *NAMES}
            for path in limited_fields(METHODS[method].input_type):
                if path not in OUTPUT_ONLY and not OUTPUT_ONLY.intersection(path.split('.')):
                    self.assertIn(path, known, f'{method}: give it a limit, and a line in a table here')
            existing = set(limited_fields(METHODS[method].input_type))
            self.assertLessEqual({*TEXTS[method], *NUMBERS.get(method, ())}, existing, f'{method} has them no more')

    def test_what_is_output_only_is_not_taken(self):
        customer = self.rpc.CreateCustomer(customer=new_customer(name='x' * 4000, etag='y' * 4000))
        self.assertTrue(customer.name.startswith('customers/') and len(customer.etag) < 10, customer)

    def test_texts(self):
        for method, path, (least, most) in ((m, p, limits) for m in TEXTS for p, limits in TEXTS[m].items()):
            for character in CHARACTERS:
                with self.subTest(field=path, character=character):
                    for length in {max(1, least), most - 1, most}:
                        self.assert_kept(method, path, character * length)
                    for length in (most + 1, A_LOT):
                        self.assert_refused(method, self.request(method, path, character * length), path)
            with self.subTest(field=path, text='none'):
                if least == 0:
                    self.assert_kept(method, path, '')
                else:
                    self.assert_refused(method, self.request(method, path, ''), path)

    def test_control_characters(self):
        for method, path in ((m, p) for m in TEXTS for p in TEXTS[m]):
            most = TEXTS[method][path][1]
            for text in ('\0', '\x1b[b', '\x7f', '\r', '\t', '\x85', '\u202e', '\u2066', '\u200f', '\u061c', '\u2028'):
                with self.subTest(field=path, text=text):
                    self.assert_refused(method, self.request(method, path, text), path)
                    self.assert_refused(method, self.request(method, path, f'a{text}b'[:most]), path)

    def test_white_space_at_either_end(self):
        for method, path in ((m, p) for m in TEXTS for p in TEXTS[m]):
            for text in (' ', '  ', '\n', '\u3000', 'a ', ' a', 'a\n', '\na', '\u00a0a', 'a\u200b'):
                with self.subTest(field=path, text=text):
                    self.assert_refused(method, self.request(method, path, text), path)

    def test_line_breaks_are_for_notes_and_addresses(self):
        many = {'customer.note', 'customer.address', 'registration_key.note'}
        for method, path in ((m, p) for m in TEXTS for p in TEXTS[m]):
            if path in many:
                self.assert_kept(method, path, 'a\nb')
            else:
                self.assert_refused(method, self.request(method, path, 'a\nb'), path)

    def test_what_was_stored_under_older_rules_can_still_be_changed(self):
        customer = self.rpc.CreateCustomer(customer=new_customer(display_name='old', external_id='older'))
        self.server.sql("UPDATE customers SET display_name = 'old ' WHERE customer_id = "
                        f"'{customer.name.split('/')[1]}'")
        updated = self.rpc.UpdateCustomer(customer=dict(name=customer.name, city='Bonn'))
        self.assertEqual((updated.display_name, updated.city), ('old ', 'Bonn'))
        refused = self.rpc.method('UpdateCustomer')[1](customer=dict(name=customer.name, display_name='new '))
        self.assert_refused('UpdateCustomer', refused, 'customer.display_name')

    def test_texts_of_a_form_of_their_own(self):
        for path, (good, bad) in FORMS.items():
            for text in good:
                self.assert_kept('CreateCustomer', path, text)
            for text in bad:
                with self.subTest(field=path, text=text[:100]):
                    self.assert_refused('CreateCustomer', self.request('CreateCustomer', path, text), path)

    def test_chosen_ids(self):
        for method, field in CHOSEN_IDS.items():
            for chosen in IDS[0]:
                self.assertEqual(self.assert_kept(method, field, chosen).split('/')[1], chosen)
            for chosen in IDS[1]:
                with self.subTest(field=field, id=chosen[:100]):
                    self.assert_refused(method, self.request(method, field, chosen), field)

    def test_names_of_other_resources(self):
        for method, path in ((m, p) for m in BASES for p in NAMES if p in limited_fields(METHODS[m].input_type)):
            with self.subTest(field=path):
                request = self.request(method, path, f'{NAMES[path]}/{"a" * 62}b')
                if path == 'partner.parent':
                    request.partner.tier = 2
                self.assertTrue(call_error(self.send, method, request).reason.endswith('_NOT_FOUND'))
                for name in (f'{NAMES[path]}/{"a" * 64}', 'a' * A_LOT, NAMES[path] + '/'):
                    set_path(request, path, name)
                    self.assertIn(path, call_error(self.send, method, request).fields)

    def test_request_ids(self):
        for method in BASES:
            for request_id in REQUEST_IDS[0] if method == 'CreatePartner' else [new_request_id()]:
                self.assert_kept(method, 'request_id', request_id)
            for request_id in REQUEST_IDS[1]:
                with self.subTest(method=method, request_id=request_id[:100]):
                    self.assert_refused(method, self.request(method, 'request_id', request_id), 'request_id')

    def test_whole_numbers(self):
        for method, path, (least, most) in ((m, p, limits) for m in NUMBERS for p, limits in NUMBERS[m].items()):
            with self.subTest(field=path):
                for number in (least, least + 1, most - 1, most):
                    self.assert_kept(method, path, number)
                for number in {least - 1, most + 1, -1, -2**31,
                               2**31 - 1} - ({0} if path in ZERO_IS_DEFAULT else set()):
                    above = {'product.max_units'} if path == 'product.min_units' and number > most else set()
                    self.assert_refused(method, self.request(method, path, number), path, *above)

    def test_emergency_emails(self):
        def request(emails):
            return self.rpc.method('CreateCustomer')[1](customer=new_customer(emergency_emails=emails))

        for emails in (['a@b'] * 10, ['a' * 123 + '@b'] * 2, ['a' * 248 + '@b'], ['a' * 23 + '@b'] * 10):
            self.assertEqual(list(self.send('CreateCustomer', request(emails)).emergency_emails), emails)
        for emails in (['a@b'] * 11, ['a' * 123 + '@b', 'a' * 124 + '@b'], ['a' * 249 + '@b'], ['a' * 24 + '@b'] * 10,
                       ['a@b'] * A_LOT):
            self.assert_refused('CreateCustomer', request(emails), 'customer.emergency_emails')

    def test_annotations(self):
        def request(annotations):
            return self.rpc.method('CreateCustomer')[1](customer=new_customer(annotations=annotations))

        for character in (*CHARACTERS, '"', '\\'):
            full = {f'{i:02}' + character * 61: character * 256 for i in range(32)}
            name = self.send('CreateCustomer', request(full)).name
            self.assertEqual(dict(self.rpc.GetCustomer(name=name).annotations), full)
        self.send('CreateCustomer', request({'k': ''}))
        for annotations, field in (({f'{i:02}': '' for i in range(33)}, 'annotations'), ({'': 'v'}, 'annotations.key'),
                                   ({'😀' * 64: 'v'}, 'annotations.key'), ({'k': '😀' * 257}, 'annotations[k]'),
                                   ({'k': '\0'}, 'annotations[k]'), ({'\x01': ''}, 'annotations.key'),
                                   ({'k ': ''}, 'annotations.key'),
                                   ({'k': 'a\nb'}, 'annotations[k]'), ({'k': ' '}, 'annotations[k]')):
            with self.subTest(field=field):
                self.assert_refused('CreateCustomer', request(annotations), f'customer.{field}')

    def test_components_of_a_suite(self):
        products = [self.rpc.CreateProduct(**BASES['CreateProduct']()).name for _ in range(21)]

        def request(components):
            return self.rpc.method('CreateProduct')[1](product=dict(display_name='Suite', kind='SUITE',
                                                                    components=components))

        for count in (2, 3, 19, 20):
            self.assertEqual(len(self.send('CreateProduct', request(products[:count])).components), count)
        for count in (0, 1, 21):
            self.assert_refused('CreateProduct', request(products[:count]), 'product.components')
        self.assert_refused('CreateProduct', request([*products[:3], products[0]]), 'product.components')

    def test_preview_tokens(self):
        for method in BASES:
            for token in ('x', 'x' * 4096, 'x' * A_LOT, '\0', '😀'):
                self.assert_refused(method, self.request(method, 'preview_token', token), 'preview_token')

    def test_units_of_a_key(self):
        request = self.rpc.method('CreateRegistrationKey')[1](**BASES['CreateRegistrationKey']())
        units = request.registration_key.units
        for count in (1, 999_999):
            units[0].units = count
            self.assertEqual(self.send('CreateRegistrationKey', request).units[0].units, count)
        for count in (0, -1, 1_000_000):
            units[0].units = count
            self.assert_refused('CreateRegistrationKey', request, f'registration_key.units[{CAS}].units')
        units.extend([units[0]] * 100)
        self.assert_refused('CreateRegistrationKey', request, 'registration_key.units')

    def test_dates_of_a_key(self):
        for day in (1, 2, 365, 366):
            request = self.rpc.method('CreateRegistrationKey')[1](**BASES['CreateRegistrationKey']())
            request.registration_key.expire_date.CopyFrom(to_date(today() + datetime.timedelta(days=day)))
            self.assertEqual(self.send('CreateRegistrationKey', request).expire_date,
                             request.registration_key.expire_date)
        for day in (-1, 0, 367):
            request.registration_key.expire_date.CopyFrom(to_date(today() + datetime.timedelta(days=day)))
            error = call_error(self.send, 'CreateRegistrationKey', request)
            self.assertEqual((error.reason, set(error.fields)), ('DATE_OUT_OF_RANGE', {'registration_key.expire_date'}))

    def test_all_at_their_most_fits_and_is_in_the_history(self):
        customer = new_customer()
        for path, (_, most) in TEXTS['CreateCustomer'].items():
            set_path(customer, path.split('.', 1)[1], '🥐' * most)
        customer.annotations.update({f'{i:02}' + '😀' * 61: '😀' * 256 for i in range(32)})
        customer.emergency_emails.extend(['a' * 23 + '@b'] * 10)
        name = self.rpc.CreateCustomer(customer=customer, customer_id='m' * 63, request_id=new_request_id()).name
        self.rpc.UpdateCustomer(customer=dict(name=name, note='😃' * 500), request_id=new_request_id())
        created, updated = self.rpc.ListEvents(parent=name).events
        after = {f.field: f.after for f in created.change.fields}
        self.assertEqual(after['note'], f'"{"🥐" * 500}"')
        self.assertGreater(len(after['annotations']), 32 * (63 + 256))
        self.assertEqual({f.field: f.before for f in updated.change.fields}['note'], after['note'])

    def test_the_protos_say_so(self):
        comments = proto_comments()
        for method, path, limits in ((m, p, limits) for table in (TEXTS, NUMBERS) for m in table for p,
                                     limits in table[m].items()):
            field = '.'.join([METHODS[method].output_type.name, *path.split('.')[1:]]).replace('Customer.contact',
                                                                                               'Contact')
            for number in limits if limits[0] and path != 'product.max_units' else limits[1:]:
                self.assertRegex(comments[field], rf'\b{number}\b', field)
        for field, numbers in (('Customer.emergency_emails', (10, 250)), ('Customer.annotations', (32, 1, 63, 256)),
                               ('Contact.email', (1, 128)), ('Product.components', (2, 20)),
                               ('RegistrationKey.expire_date', (366,)),
                               ('CreatePartnerRequest.partner_id', (4, 63)),
                               ('CreateProductRequest.product_id', (4, 63))):
            for number in numbers:
                self.assertRegex(comments[field], rf'\b{number}\b', field)
        for method in BASES:
            self.assertIn('UUID', comments[f'{method}Request.request_id'])


if __name__ == '__main__':
    unittest.main()
