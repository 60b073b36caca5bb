"""Whatever comes over the wire: every wrong field is named, nothing is half written, and no answer is INTERNAL."""

import datetime
import random
import unittest

import grpc

import lmp_server
from lmp.v1.customer_pb2 import Customer
from lmp.v1.errors_pb2 import ErrorReason
from lmp.v1.product_pb2 import Product
from lmp.v1.service_plan_pb2 import ServicePlan
from lmp_server import (ServerTestCase, assign_request, call_error, create_customer, customer_api, date_pb2,
                        licensing_api, new_customer, to_date, today)

Code = grpc.StatusCode
Crossgrade = licensing_api.Crossgrade
HUGE = 2**31 - 1
CAS = 'cloud-app-security'


class BadInputTest(ServerTestCase, unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = create_customer(cls.client, 'bad-input')

    def assert_invalid(self, fields, call, request):
        """INVALID_ARGUMENT that names exactly these fields."""
        error = call_error(call, request)
        self.assertEqual((error.code, error.reason), (Code.INVALID_ARGUMENT, 'INVALID_FIELDS'), error)
        self.assertEqual(set(error.fields), set(fields), error)
        self.assertTrue(all(error.fields.values()), 'each says what is wrong')
        self.assertLess(len(error.message), 4000, 'what was sent does not come back')
        return error

    def create_customer_error(self, fields, **changed):
        return self.assert_invalid(fields, self.client.customers.CreateCustomer,
                                   customer_api.CreateCustomerRequest(customer=new_customer(**changed)))

    def assign_error(self, fields, plan='cas-annual', units=None, **changed):
        request = assign_request(self.customer, plan, {CAS: 5} if units is None else units, **changed)
        return self.assert_invalid(fields, self.client.licensing.AssignServicePlan, request)

    def raw(self, method, request):
        return call_error(self.client.channel.unary_unary(f'/lmp.v1.{method}'), request)

    def test_malformed_names(self):
        get = self.client.customers.GetCustomer
        for name in ('', 'bakery', 'customers/', 'customers//', 'customer/bakery', 'customers/bakery/',
                     'customers/bakery/licenses/x', 'customers/Bakery', 'customers/-', 'customers/../x',
                     'customers/a b', 'customers/é', 'customers/' + 'a' * 64, 'customers/ä%00',
                     "customers/'; DROP TABLE customers; --", ' customers/bakery', 'customers/bakery\n', '//'):
            with self.subTest(name=name):
                self.assert_invalid(['name'], get, customer_api.GetCustomerRequest(name=name))
        self.assert_invalid(['name'], self.client.licensing.GetLicense,
                            licensing_api.GetLicenseRequest(name='customers/bad-input'))
        self.assert_invalid(['parent'], self.client.licensing.ListLicenses,
                            licensing_api.ListLicensesRequest(parent='partners/x'))
        self.assert_invalid(['customer', 'product'], self.client.licensing.CheckLicense,
                            licensing_api.CheckLicenseRequest())

    def test_malformed_ids(self):
        for chosen in ('abc', 'a' * 64, '1abc', 'abc-', 'Abcd', 'ab_cd', 'ab/cd', 'äbcd', 'abcd\0', '-abcd'):
            with self.subTest(id=chosen):
                self.assert_invalid(['customer_id'], self.client.customers.CreateCustomer,
                                    customer_api.CreateCustomerRequest(customer_id=chosen, customer=new_customer()))

    def test_all_violations_come_at_once(self):
        self.assert_invalid(
            ['customer_id', 'customer.partner', 'customer.display_name', 'customer.city', 'customer.region',
             'customer.country', 'customer.contact.given_name', 'customer.contact.family_name',
             'customer.contact.email'],
            self.client.customers.CreateCustomer, customer_api.CreateCustomerRequest(customer_id='X'))
        self.assert_invalid(['parent', 'service_plan', 'units[0].product', 'start_date', 'align.expiration_date',
                             'crossgrade.resolutions[0].product', 'crossgrade.resolutions[0].choice'],
                            self.client.licensing.AssignServicePlan, licensing_api.AssignServicePlanRequest(
                                parent='x', service_plan='y', units=[licensing_api.LicenseUnits(product='z', units=-1)],
                                start_date=date_pb2.Date(year=2026, month=2, day=30),
                                crossgrade=Crossgrade(resolutions=[Crossgrade.Resolution()]),
                                align=licensing_api.Alignment(expiration_date=date_pb2.Date(year=-1))))

    def test_a_country_is_one_that_there_is(self):
        for country in ('XX', 'ZZ', 'UK', 'de', 'DEU', 'D', '', ' D', 'E '):
            self.create_customer_error(['customer.country'], country=country)
        for country in ('AD', 'DE', 'GB', 'ZW'):
            self.client.customers.CreateCustomer(customer_api.CreateCustomerRequest(
                customer=new_customer(country=country)))

    def test_text_too_long(self):
        limits = dict(display_name=128, city=64, region=64, address=128, postal_code=10, industry=3, note=500,
                      external_id=64)
        for field, limit in limits.items():
            for text in ('x' * (limit + 1), 'x' * 200_000, '😀' * (limit + 1)):
                with self.subTest(field=field, length=len(text)):
                    self.create_customer_error([f'customer.{field}'], **{field: text})
        self.create_customer_error([f'customer.{f}' for f in limits],
                                   **{f: 'y' * (limit + 1) for f, limit in limits.items()})
        self.create_customer_error(['customer.contact.email', 'customer.contact.given_name',
                                    'customer.contact.family_name'],
                                   contact=Customer.Contact(given_name='x' * 51, family_name='y' * 4000,
                                                            email='z' * 129 + '@x'))

    def test_text_as_long_as_it_may_be_is_kept_exactly(self):
        limits = dict(display_name=128, city=64, region=64, address=128, postal_code=10, industry=3, note=500,
                      external_id=64)
        for text in 'x', '😀', 'é', '漢':
            customer = new_customer(**{field: text * limit for field, limit in limits.items()})
            name = self.client.customers.CreateCustomer(customer_api.CreateCustomerRequest(customer=customer)).name
            stored = self.client.customers.GetCustomer(customer_api.GetCustomerRequest(name=name))
            for field in limits:
                self.assertEqual(getattr(stored, field), getattr(customer, field), field)

    def test_any_unicode_is_stored_and_returned_exactly(self):
        texts = ('😀🥐 Bäckerei „Zur Ecke“', 'שלום 世界', 'e\u0301 is not é', 'a\u200bb', 'می\u200cخواهم',
                 "Robert'); DROP TABLE customers; --", '%s %n \\ "', '👩‍👩‍👧‍👦')
        for text in texts:
            customer = new_customer(display_name=text, annotations={text[:30]: text})
            created = self.client.customers.CreateCustomer(customer_api.CreateCustomerRequest(customer=customer))
            stored = self.client.customers.GetCustomer(customer_api.GetCustomerRequest(name=created.name))
            self.assertEqual(stored, created)
            self.assertEqual((stored.display_name, dict(stored.annotations)), (text, {text[:30]: text}))

    def test_control_characters(self):
        for text in ('a\0b', '\0', 'a\x01', 'a\x7f'):
            with self.subTest(text=text):
                self.create_customer_error(['customer.display_name'], display_name=text)
        self.create_customer_error(['customer.note', 'customer.contact.email'], note='\0',
                                   contact=Customer.Contact(given_name='Ada', family_name='Berg', email='a\0@b'))

    def test_invalid_utf8_names_the_field(self):
        # customer: 1; partner, display_name, city: 2, 3, 4; contact: 12, its email: 3
        bad = b'\x1a\x02\xff\xfe' + b'\x22\x03\xed\xa0\x80' + b'\x62\x04\x1a\x02\xc0\x80'
        error = self.raw('CustomerService/CreateCustomer', b'\x0a' + bytes([len(bad)]) + bad)
        self.assertEqual((error.code, error.reason), (Code.INVALID_ARGUMENT, 'INVALID_FIELDS'), error)
        self.assertEqual(set(error.fields), {'customer.display_name', 'customer.city', 'customer.contact.email'})
        error = self.raw('LicensingService/CheckLicense', b'\x0a\x01\x80')
        self.assertEqual(set(error.fields), {'customer'})
        self.settled_log()  # and no line of it is plain text of a library

    def test_bytes_that_are_no_message(self):
        for bad in (b'\xff', b'\x0a\xff\xff\xff\xff\x0f', b'\x0a\x05ab', b'\x07', b'\x0b\x0b\x0b', b'\x08' * 11,
                    b'\x00'):
            error = self.raw('CustomerService/CreateCustomer', bad)
            self.assertEqual((error.code, error.reason), (Code.INVALID_ARGUMENT, 'MALFORMED_REQUEST'), error)
            self.assertIn('lmp.v1.CreateCustomerRequest', error.message)

    def test_random_bytes_never_break_anything(self):
        dice = random.Random(4711)
        methods = ['CustomerService/CreateCustomer', 'CustomerService/UpdateCustomer', 'CustomerService/ListCustomers',
                   'LicensingService/AssignServicePlan', 'LicensingService/CreateServicePlan',
                   'LicensingService/CheckLicense']
        # Of a customer of its own: what has become a good request by chance succeeds.
        valid = assign_request(create_customer(self.client, 'random-input'), 'cas-annual', {CAS: 5}).SerializeToString()
        requests = [dice.randbytes(dice.randrange(1, 60)) for _ in range(300)]
        for _ in range(300):  # valid ones with a few bytes changed
            changed = bytearray(valid)
            for _ in range(dice.randrange(1, 4)):
                changed[dice.randrange(len(changed))] = dice.randrange(256)
            requests.append(bytes(changed))
        allowed = {Code.INVALID_ARGUMENT, Code.NOT_FOUND, Code.FAILED_PRECONDITION, Code.OUT_OF_RANGE, Code.ABORTED,
                   Code.ALREADY_EXISTS}
        for request in requests:
            for method in methods:
                try:
                    self.client.channel.unary_unary(f'/lmp.v1.{method}')(request, timeout=10)
                except grpc.RpcError as e:
                    error = lmp_server.Error(e)
                    self.assertIn(error.code, allowed, (method, request, error))
                    self.assertIn(error.reason, ErrorReason.keys(), (method, request, error))

    def test_a_message_too_large_is_resource_exhausted(self):
        request = customer_api.CreateCustomerRequest(customer=new_customer(note='x' * (5 << 20)))
        error = call_error(self.client.customers.CreateCustomer, request)
        self.assertEqual(error.code, Code.RESOURCE_EXHAUSTED, error)
        self.assertEqual(self.client.health_status(), lmp_server.SERVING)

    def test_wrong_units(self):
        for n in (0, -1, -2**31, HUGE, 1_000_000):
            self.assign_error([f'units[products/{CAS}].units'], units={CAS: n})
        for n in (4, 501):
            self.assign_error(['units[products/endpoint-encryption].units'], 'encryption-annual',
                              {'endpoint-encryption': n})
        self.assign_error([f'units[products/{CAS}]'], units={})
        self.assign_error(['units[products/worry-free-services]'], 'suite-annual', {CAS: 5})
        error = call_error(self.client.licensing.AssignServicePlan,
                           assign_request(self.customer, 'cas-annual', {CAS: 5, 'endpoint-encryption': 5}))
        self.assertEqual(error.code, Code.INVALID_ARGUMENT, error)
        self.assertIn('endpoint-encryption', str(error.fields))
        request = assign_request(self.customer, 'cas-annual', {CAS: 5})
        request.units.add(product=f'products/{CAS}', units=6)
        self.assert_invalid(['units[1].product'], self.client.licensing.AssignServicePlan, request)
        del request.units[:]
        request.units.extend([licensing_api.LicenseUnits(product='products/p', units=1)] * 10_000)
        self.assert_invalid(['units'], self.client.licensing.AssignServicePlan, request)

    def test_dates_that_are_none(self):
        for year, month, day in ((2026, 2, 29), (2026, 13, 1), (2026, 0, 1), (2026, 1, 0), (0, 1, 1), (10_000, 1, 1),
                                 (2026, 4, 31),
                                 (-2026, 1, 1), (HUGE, HUGE, HUGE), (2026, -1, 5), (2026, 1, -5)):
            with self.subTest(date=(year, month, day)):
                self.assign_error(['start_date'], start_date=date_pb2.Date(year=year, month=month, day=day))

    def test_dates_out_of_range(self):
        for day in (today() - datetime.timedelta(days=40), today() + datetime.timedelta(days=370),
                    datetime.date(1, 1, 1), datetime.date(9999, 12, 31)):
            request = assign_request(self.customer, 'cas-annual', {CAS: 5}, start_date=to_date(day))
            error = call_error(self.client.licensing.AssignServicePlan, request)
            self.assertEqual((error.code, error.reason), (Code.OUT_OF_RANGE, 'DATE_OUT_OF_RANGE'), error)
            self.assertIn('start_date', error.fields)
        request = assign_request(self.customer, 'cas-annual', {CAS: 5},
                                 align=licensing_api.Alignment(expiration_date=date_pb2.Date(year=9999, month=12,
                                                                                             day=31)))
        error = call_error(self.client.licensing.AssignServicePlan, request)
        self.assertEqual((error.code, error.reason), (Code.OUT_OF_RANGE, 'DATE_OUT_OF_RANGE'), error)

    def test_numbers_out_of_range_in_the_catalog(self):
        create = self.client.licensing.CreateServicePlan
        for changed, field in ((dict(initial_term_months=0), 'initial_term_months'),
                               (dict(initial_term_months=67), 'initial_term_months'),
                               (dict(initial_term_months=-HUGE), 'initial_term_months'),
                               (dict(grace_period_days=91), 'grace_period_days'),
                               (dict(grace_period_days=-1), 'grace_period_days'),
                               (dict(expiration_notice_days=HUGE), 'expiration_notice_days'),
                               (dict(auto_renewal=True, renewal_term_months=-5), 'renewal_term_months'),
                               (dict(version=99), 'version'), (dict(activation_policy=-1), 'activation_policy')):
            with self.subTest(**changed):
                plan = {**dict(partner=lmp_server.PARTNER, display_name='p', product=f'products/{CAS}',
                               initial_term_months=1), **changed}
                self.assert_invalid([f'service_plan.{field}'], create,
                                    licensing_api.CreateServicePlanRequest(service_plan=ServicePlan(**plan)))
        product = dict(display_name='p', kind='SERVICE', unit='SEAT')
        for changed, field in ((dict(kind=77), 'kind'), (dict(kind=0), 'kind'), (dict(unit=0), 'unit'),
                               (dict(min_units=-1), 'min_units'),
                               (dict(max_units=1_000_000), 'max_units'), (dict(level=-1), 'level'),
                               (dict(level=HUGE), 'level'),
                               (dict(display_name=''), 'display_name')):
            with self.subTest(**changed):
                error = call_error(self.client.licensing.CreateProduct,
                                   licensing_api.CreateProductRequest(product=Product(**{**product, **changed})))
                self.assertEqual(error.code, Code.INVALID_ARGUMENT, error)
                self.assertIn(f'product.{field}', error.fields)

    def test_too_many_and_wrong_entries(self):
        self.create_customer_error(['customer.annotations'], annotations={f'k{i}': '' for i in range(33)})
        self.create_customer_error(['customer.annotations[k]'], annotations={'k': 'x' * 257})
        error = call_error(self.client.customers.CreateCustomer, customer_api.CreateCustomerRequest(
            customer=new_customer(emergency_emails=['ok@x.example', 'not an address'])))
        self.assertEqual(set(error.fields), {'customer.emergency_emails[1]'}, error)
        error = call_error(self.client.customers.CreateCustomer, customer_api.CreateCustomerRequest(
            customer=new_customer(emergency_emails=['ok@x.example'] * 11)))
        self.assertEqual(set(error.fields), {'customer.emergency_emails'}, error)
        for email in ('ada', '@', 'a@', '@b', 'a@b@c', 'a b@c', 'ä@b', 'a@b\n'):
            self.create_customer_error(['customer.contact.email'],
                                       contact=Customer.Contact(given_name='Ada', family_name='Berg', email=email))

    def test_resolutions_that_fit_no_duplicate(self):
        customer = create_customer(self.client, 'resolver')
        assign = self.client.licensing.AssignServicePlan
        assign(assign_request(customer, 'cas-annual', {CAS: 5}))
        for product, choice, code in ((f'products/{CAS}', 'NEW_LICENSE', None),
                                      ('products/endpoint-encryption', 'TRANSFER', None)):
            request = assign_request(customer, 'cas-monthly', {CAS: 5}, crossgrade=Crossgrade(
                mode='EXPLICIT', resolutions=[Crossgrade.Resolution(product=product, choice=choice)]))
            error = call_error(assign, request)
            self.assertIn(error.code, (Code.INVALID_ARGUMENT, Code.FAILED_PRECONDITION), error)
            self.assertIn(product, str(error.fields) + error.message)

    def test_zz_nothing_of_it_was_written(self):
        """The last by name: all those refusals have left no row behind that breaks a rule."""
        licenses = self.client.licensing.ListLicenses(licensing_api.ListLicensesRequest(parent=self.customer)).licenses
        self.assertEqual(list(licenses), [])
        self.assertNotIn('INTERNAL_FAILURE', self.server.log_text())
        self.assertEqual(self.server.stop(), 0)
        self.assert_check_finds_nothing()


if __name__ == '__main__':
    unittest.main()
