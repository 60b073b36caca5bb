"""How much one call may ask for: sizes of messages, pages and batches, numbers and dates of the verbs; and an error
about very much still arrives."""

import calendar
import datetime
import time
import unittest

import grpc

import lmp_server
from lmp_server import (PARTNER, ServerTestCase, call_error, create_customer, customer_api, from_date, in_parallel,
                        licensing_api, new_customer, new_request_id, to_date, today)
from processes import resident_mib
from rpc import METHODS, Rpc, broken_promises, has_field, proto_comments

CAS = 'products/cloud-app-security'
CAS_ANNUAL = 'servicePlans/cas-annual'
WFS = 'products/worry-free-services'
ROLLED_OUT = 'servicePlans/wfs-annual'
MAX_INT = 2**31 - 1
MESSAGE_LIMIT = 256 * 1024  # bytes, the default of --max-message-kib
# What the comment of a field must say, by its message.
DOCUMENTED = {
    'BatchGetCustomersRequest.names': (1, 100), 'BatchCheckLicensesRequest.requests': (1, 1000),
    'BatchUpdateSubscriptionsRequest.subscriptions': (1000,), 'BatchApplyPlanUpdatesRequest.page_size': (50, 200),
    'AssignServicePlanRequest.units': (100,), 'Crossgrade.resolutions': (100,),
    'AssignServicePlanRequest.start_date': (31, 366),
    'ApproveServicePlanRequest.data_center': (16,), 'AddLicensePoolUnitsRequest.units': (1, 999999),
    'LicensePool.minimum_units': (0, 999999), 'ReportUsageRequest.used_units': (0, 999999),
    'RenewSubscriptionRequest.term_months': (1, 66), 'IssueLicenseTokenRequest.valid_days': (1, 366),
    'EndProductLifeRequest.end_date': (66,), 'Alignment.expiration_date': (66,),
    'UpdateSubscriptionRequest.effective_date': (66,),
    'Event.reason': (500,),
}


def add_months(day, months):
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def as_months(day, months):
    """The latest date that is no more months away: the last day of a month may be one that was clamped."""
    clamped = (day + datetime.timedelta(days=1)).month != day.month
    return add_months(day.replace(day=1),
                      months + 1) - datetime.timedelta(days=1) if clamped else add_months(day, months)


class RequestLimitsTest(ServerTestCase, unittest.TestCase):
    CUSTOMERS = 1001

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rpc = Rpc(cls.client)
        cls.names = in_parallel(lambda i: create_customer(cls.client, f'many-{i:04}'), range(cls.CUSTOMERS), 16)
        cls.licenses = in_parallel(lambda name: cls.assign(name, ROLLED_OUT, WFS).licenses[0].name, cls.names[:201], 16)

    @classmethod
    def assign(cls, customer, plan='servicePlans/cas-annual', product=CAS):
        return cls.rpc.AssignServicePlan(parent=customer, service_plan=plan,
                                         units=[dict(product=product, units=5)]).subscription

    def customer(self):
        return self.rpc.CreateCustomer(customer=new_customer()).name

    def assert_refused(self, method, fields, field, reason='INVALID_FIELDS'):
        error = call_error(getattr(self.rpc, method), **fields)
        self.assertEqual((error.reason, list(error.fields)), (reason, [field]), error)
        self.assertEqual(broken_promises(error), [], error)
        self.assertTrue(has_field(METHODS[method].input_type, field), error)

    # Messages.

    def padded(self, size):
        """A request of this many bytes: a note that is too long, but for the server's own reasons."""
        request = self.rpc.method('CreateCustomer')[1](customer=new_customer(note='x' * (size - 500)))
        request.customer.note += 'x' * (size - request.ByteSize())
        self.assertEqual(request.ByteSize(), size)
        return request.SerializeToString()

    def test_a_message(self):
        for size in (MESSAGE_LIMIT - 1, MESSAGE_LIMIT):
            error = call_error(self.rpc.raw, 'CustomerService/CreateCustomer', self.padded(size))
            self.assertEqual((error.reason, list(error.fields)), ('INVALID_FIELDS', ['customer.note']), error)
        error = call_error(self.rpc.raw, 'CustomerService/CreateCustomer', self.padded(MESSAGE_LIMIT + 1))
        self.assertEqual(error.code, grpc.StatusCode.RESOURCE_EXHAUSTED, 'gRPC\'s own: we never see the call')
        self.assertIn(str(MESSAGE_LIMIT), error.message)

    def test_a_page_fits_into_the_message_that_clients_take_by_default(self):
        server = self.directory / 'large'
        server.mkdir()
        large = lmp_server.LmpServer(server)
        self.addCleanup(large.kill)
        with large.start().client() as client:
            lmp_server.make_catalog(client)
            annotations = {f'{i:02}' + '😀' * 61: '😀' * 256 for i in range(32)}
            in_parallel(lambda i: create_customer(client, f'large-{i}', annotations=annotations), range(110), 8)
            Rpc(client).ListCustomers(page_size=1000)

    # Pages.

    def test_the_size_of_a_page(self):
        for size, got in ((0, 50), (1, 1), (2, 2), (999, 999), (1000, 1000), (1001, 1000), (MAX_INT, 1000)):
            page = self.rpc.ListCustomers(page_size=size)
            self.assertEqual((len(page.customers), bool(page.next_page_token)), (got, True), f'page_size {size}')
        for method, items in (('ListSubscriptions', 'subscriptions'), ('ListLicenses', 'licenses')):
            for size, got in ((0, 50), (1, 1), (200, 200)):
                page = getattr(self.rpc, method)(parent='customers/-', page_size=size)
                self.assertEqual((len(getattr(page, items)), bool(page.next_page_token)), (got, True),
                                 f'{method} {size}')

    def test_the_size_of_a_page_of_a_rollout(self):
        for size, got in ((0, 50), (1, 1), (199, 199), (200, 200), (201, 200), (MAX_INT, 200)):
            page = self.rpc.BatchApplyPlanUpdates(service_plan=ROLLED_OUT, page_size=size)
            self.assertEqual((page.up_to_date_count, page.remaining_count, bool(page.next_page_token)),
                             (got, 201 - got, True), size)

    def test_a_negative_size_is_refused_by_every_list(self):
        paged = [m for m in METHODS if 'page_size' in METHODS[m].input_type.fields_by_name]
        self.assertGreater(len(paged), 10)
        others = dict(BatchApplyPlanUpdates=dict(service_plan=ROLLED_OUT))
        for method in paged:
            for size in (-1, -2**31):
                with self.subTest(method=method, size=size):
                    error = call_error(getattr(self.rpc, method), page_size=size, **others.get(method, {}))
                    self.assertEqual(error.reason, 'INVALID_FIELDS', error)
                    self.assertIn('page_size', error.fields)

    def test_every_page_size_says_its_default_and_its_most(self):
        comments = proto_comments()
        for method in (m for m in METHODS if 'page_size' in METHODS[m].input_type.fields_by_name
                       and m != 'ListLicenseTokenKeys'):
            most = 200 if method == 'BatchApplyPlanUpdates' else 1000
            usual = 500 if method == 'ExportHistory' else 50
            self.assertRegex(comments[f'{METHODS[method].input_type.name}.page_size'],
                             rf'efault {usual}, at most {most} \(more is taken as {most}\)', method)

    # What is far too much is refused before anything else is looked at.

    def test_much_of_anything_takes_neither_time_nor_memory(self):
        empty = b'\x5a\x00'  # a repeated field 11, of CreateCustomerRequest.customer: emergency_emails
        emails = b'\x0a' + self.varint(130_000 * 2) + empty * 130_000
        cases = {
            'CustomerService/CreateCustomer': (emails, 'customer.emergency_emails'),
            'CustomerService/BatchGetCustomers': (b'\x0a\x00' * 131_000, 'names'),
            'LicensingService/BatchCheckLicenses': (b'\x0a\x00' * 131_000, 'requests'),
            'LicensingService/ChangeSuiteComponents': (b'\x2a\x00' * 131_000, 'add_components'),
            'CustomerService/UpdateCustomer': (customer_api.UpdateCustomerRequest(
                update_mask=dict(paths=['note'] * 40_000)).SerializeToString(), 'update_mask'),
            'CustomerService/ListCustomers': (customer_api.ListCustomersRequest(
                read_mask=dict(paths=['name'] * 40_000)).SerializeToString(), 'read_mask'),
            'LicensingService/BatchApplyPlanUpdates': (licensing_api.BatchApplyPlanUpdatesRequest(
                request_id='x' * 200_000).SerializeToString(), 'request_id'),
        }
        before = resident_mib(self.server.process.pid, 'VmHWM')
        for method, (request, field) in cases.items():
            self.assertLessEqual(len(request), MESSAGE_LIMIT)

            def call(_):
                start = time.monotonic()
                error = call_error(self.rpc.raw, method, request)
                self.assertEqual((error.reason, list(error.fields), broken_promises(error)),
                                 ('INVALID_FIELDS', [field], []), error)
                return time.monotonic() - start

            with self.subTest(method=method):
                took = sorted(in_parallel(call, range(40), threads=4))
                self.assertLess(took[20], 0.1, f'seconds; {took}')
        self.assertLess(resident_mib(self.server.process.pid, 'VmHWM') - before, 40, 'MiB more at the peak than before')
        self.assertLess(max(len(line) for line in self.server.log_text().splitlines()), 3000,
                        'bytes of a line of the log')

    @staticmethod
    def varint(number):
        out = b''
        while number >= 0x80:
            out, number = out + bytes([number & 0x7f | 0x80]), number >> 7
        return out + bytes([number])

    # Batches.

    def test_batches(self):
        check = dict(customer=self.names[0], product=CAS)
        for method, field, one, most in (('BatchGetCustomers', 'names', self.names[0], 100),
                                         ('BatchCheckLicenses', 'requests', check, 1000)):
            answer = 'customers' if method == 'BatchGetCustomers' else 'responses'
            for count in (1, most - 1, most):
                self.assertEqual(len(getattr(getattr(self.rpc, method)(**{field: [one] * count}), answer)), count)
            for count in (0, most + 1, 3000):
                self.assert_refused(method, {field: [one] * count}, field)

    def test_subscriptions_of_one_batch(self):
        customer = self.customer()
        name = self.assign(customer).name
        for count in (1, 999, 1000):
            batch = dict(parent=customer, subscriptions=[name] * count, cancel={}, validate_only=True)
            self.assertEqual(len(self.rpc.BatchUpdateSubscriptions(**batch).results), 1)
        for count in (1001, 3000):
            self.assert_refused('BatchUpdateSubscriptions', {**batch, 'subscriptions': [name] * count}, 'subscriptions')

    def test_entries_of_an_assignment(self):
        assign = dict(parent=self.names[500], service_plan=CAS_ANNUAL, units=[dict(product=CAS, units=5)])

        def others(count):
            return [dict(product=f'products/other-{i}', units=1) for i in range(count)]

        error = call_error(self.rpc.AssignServicePlan, **{**assign, 'units': others(100)})
        self.assertNotIn('units', error.fields)
        self.assert_refused('AssignServicePlan', {**assign, 'units': others(101)}, 'units')
        resolutions = [dict(product=o['product'], choice='TRANSFER') for o in others(101)]
        error = call_error(self.rpc.AssignServicePlan, **assign,
                           crossgrade=dict(mode='EXPLICIT', resolutions=resolutions[:100]))
        self.assertNotIn('crossgrade.resolutions', error.fields)
        self.assert_refused('AssignServicePlan',
                            {**assign, 'crossgrade': dict(mode='EXPLICIT', resolutions=resolutions)},
                            'crossgrade.resolutions')

    # Numbers and dates of the verbs; where a preview can tell, that is all.

    def test_numbers(self):
        pool = dict(name=f'{PARTNER}/licensePools/endpoint-encryption', validate_only=True)
        live = dict(name=self.assign(self.customer()).name, validate_only=True)
        license_ = dict(name=self.licenses[0], validate_only=True)
        assign = dict(parent=self.names[500], service_plan=CAS_ANNUAL, validate_only=True)
        self.rpc.AddLicensePoolUnits(name=pool['name'], units=1)
        for method, field, least, most, fields in (
                ('AddLicensePoolUnits', 'units', 1, 999_999, lambda n: dict(units=n, **pool)),
                ('UpdateLicensePool', 'license_pool.minimum_units', 0, 999_999,
                 lambda n: dict(license_pool=dict(name=pool['name'], minimum_units=n), validate_only=True)),
                ('ReportUsage', 'used_units', 0, 999_999, lambda n: dict(used_units=n, **license_)),
                ('AssignServicePlan', f'units[{CAS}].units', 1, 999_999,
                 lambda n: dict(units=[dict(product=CAS, units=n)], **assign)),
                ('UpdateSubscription', f'units[{CAS}].units', 1, 999_999, lambda n: dict(
                    subscription=dict(name=live['name']), units=[dict(product=CAS, units=n)], validate_only=True)),
                ('UpdateSubscription', 'subscription.expiration_notice_days', 0, 365, lambda n: dict(
                    subscription=dict(name=live['name'], expiration_notice_days=n),
                    update_mask=dict(paths=['expiration_notice_days']), validate_only=True)),
                ('UpdateSubscription', 'subscription.renewal_term_months', 1, 66, lambda n: dict(
                    subscription=dict(name=live['name'], auto_renewal=True, renewal_term_months=n),
                    update_mask=dict(paths=['auto_renewal', 'renewal_term_months']), validate_only=True)),
                ('RenewSubscription', 'term_months', 1, 66, lambda n: dict(term_months=n, **live)),
                ('IssueLicenseToken', 'valid_days', 1, 366, lambda n: dict(valid_days=n, **license_))):
            with self.subTest(method=method, field=field):
                for number in (least, least + 1, most - 1, most):
                    getattr(self.rpc, method)(**fields(number))
                for number in {least - 1, most + 1, -1, -2**31,
                               MAX_INT} - ({0} if field in ('term_months', 'valid_days') else set()):
                    self.assert_refused(method, fields(number), field)

    def test_a_pool_has_no_more_than_a_thousand_million(self):
        name = f'{PARTNER}/licensePools/hosted-email-security'
        self.rpc.AddLicensePoolUnits(name=name, units=999_999)
        self.server.sql("UPDATE license_pools SET total = 999000002 WHERE product_id = 'hosted-email-security'")
        self.assert_refused('AddLicensePoolUnits', dict(name=name, units=999_999), 'units')
        self.assertEqual(self.rpc.AddLicensePoolUnits(name=name, units=999_998).total_units, 1_000_000_000)

    def test_dates(self):
        day = lambda n: today() + datetime.timedelta(days=n)
        latest = add_months(today(), 66)
        live = self.assign(self.customer())
        renewing, suspended = (self.assign(self.customer(), 'servicePlans/cas-monthly') for _ in range(2))
        self.rpc.SuspendSubscription(name=suspended.name)
        assign = dict(parent=self.names[500], service_plan=CAS_ANNUAL, units=[dict(product=CAS, units=5)],
                      validate_only=True)
        end, grace_end = from_date(renewing.expiration_date), from_date(renewing.licenses[0].grace_end_date)
        for method, field, first, last, fields in (
                ('AssignServicePlan', 'start_date', day(-31), day(366), lambda d: dict(start_date=d, **assign)),
                ('AssignServicePlan', 'align.expiration_date', day(1), as_months(today(), 66),
                 lambda d: dict(align=dict(expiration_date=d), **assign)),
                ('EndProductLife', 'end_date', day(0), latest,
                 lambda d: dict(name=CAS, end_date=d, validate_only=True)),
                ('UpdateSubscription', 'effective_date', day(0), latest, lambda d: dict(subscription=dict(
                    name=renewing.name, auto_renewal=True, renewal_term_months=2), effective_date=d,
                                                                                        validate_only=True)),
                ('UpdateSubscription', 'subscription.expiration_date', day(1), latest, lambda d: dict(subscription=dict(
                    name=live.name, expiration_date=d), validate_only=True)),
                ('RenewSubscription', 'align.expiration_date', from_date(live.expiration_date),  # as it is: no change
                 add_months(from_date(live.expiration_date), 66), lambda d: dict(
                     name=live.name, align=dict(expiration_date=d), validate_only=True)),
                ('SuspendSubscription', 'suspend_date', day(0), end, lambda d: dict(
                    name=renewing.name, suspend_date=d, validate_only=True)),
                ('UnsuspendSubscription', 'expiration_date', end, grace_end, lambda d: dict(
                    name=suspended.name, expiration_date=d, validate_only=True))):
            with self.subTest(method=method, field=field):
                one = datetime.timedelta(days=1)
                for good in (first, first + one, last - one, last):
                    getattr(self.rpc, method)(**fields(to_date(good)))
                for bad in (first - one, last + one, datetime.date(1, 1, 1), datetime.date(9999, 12, 31)):
                    self.assert_refused(method, fields(to_date(bad)), field, 'DATE_OUT_OF_RANGE')

    def test_components_that_a_suite_gains_and_loses(self):
        products = [self.rpc.CreateProduct(product=dict(display_name='p', kind='SERVICE', unit='SEAT')).name
                    for _ in range(21)]
        suite = self.rpc.CreateProduct(product=dict(display_name='s', kind='SUITE', components=products[:3])).name
        change = dict(name=suite, validate_only=True)
        self.rpc.ChangeSuiteComponents(add_components=products[3:20], **change)
        self.rpc.ChangeSuiteComponents(remove_components=products[:1], **change)
        self.assert_refused('ChangeSuiteComponents', dict(add_components=products[3:21], **change), 'add_components')
        self.assert_refused('ChangeSuiteComponents', dict(remove_components=products[:2], **change),
                            'remove_components')

    def test_a_data_center_given_with_an_approval(self):
        products = [self.rpc.CreateProduct(product=dict(display_name='p', kind='SERVICE', unit='SEAT')).name
                    for _ in range(3)]
        suite = self.rpc.CreateProduct(product=dict(display_name='s', kind='SUITE', components=products[:2])).name
        plan = self.rpc.CreateServicePlan(service_plan=dict(display_name='s', partner=PARTNER, product=suite,
                                                            initial_term_months=1)).name
        self.rpc.ChangeSuiteComponents(name=suite, add_components=products[2:])
        for bad in ('😀' * 17, 'x' * 100_000, '\0'):
            self.assert_refused('ApproveServicePlan', dict(name=plan, data_center=bad), 'data_center')
        self.assertEqual(self.rpc.ApproveServicePlan(name=plan, data_center='😀' * 16).data_center, '😀' * 16)

    def test_the_name_of_a_call(self):
        for sent, kept in (('x', 'x'), ('x' * 64, 'x' * 64), ('x' * 65, 'x' * 64), ('x' * 5000, 'x' * 64)):
            error = call_error(self.rpc.GetPartner, name='partners/gone', metadata=[('x-request-id', sent)])
            self.assertEqual(error.trailers['x-request-id'], kept)

    # An error is headers and trailers, of which clients take 8 KiB: beyond that they would see another one.

    def test_an_error_about_very_much_arrives(self):
        customer, check = self.names[0], dict(customer='x', product='y')
        long_id = 'p' * 60
        for name, reason, call in (
                ('many checks', 'INVALID_FIELDS', lambda: self.rpc.BatchCheckLicenses(requests=[check] * 1000)),
                ('many names', 'INVALID_FIELDS', lambda: self.rpc.BatchGetCustomers(names=['x'] * 100)),
                ('many subscriptions', 'INVALID_FIELDS', lambda: self.rpc.BatchUpdateSubscriptions(
                    parent=customer, subscriptions=['x'] * 1000, cancel={})),
                ('many units', 'INVALID_FIELDS', lambda: self.rpc.AssignServicePlan(
                    parent=customer, service_plan=CAS_ANNUAL,
                    units=[dict(product=f'products/{long_id}{i:03}', units=0) for i in range(100)])),
                ('far too many components', 'INVALID_FIELDS', lambda: self.rpc.CreateProduct(
                    product=dict(kind='SUITE', components=['x'] * 10_000))),
                ('far too many e-mails', 'INVALID_FIELDS', lambda: self.rpc.CreateCustomer(
                    customer=new_customer(emergency_emails=['😀'] * 10_000))),
                ('far too many annotations', 'INVALID_FIELDS', lambda: self.rpc.CreateCustomer(
                    customer=new_customer(annotations={f'{i}' + '😀' * 60: '\0' for i in range(900)}))),
                ('a long key', 'INVALID_FIELDS', lambda: self.rpc.CreateCustomer(
                    customer=new_customer(annotations={'😀' * 10**4: '\0'}))),
                ('a long path', 'INVALID_FIELDS', lambda: self.rpc.UpdateCustomer(
                    customer=dict(name=customer), update_mask=dict(paths=['😀' * 1000]))),
                ('a long etag', 'ETAG_MISMATCH', lambda: self.rpc.DisableCustomer(name=customer, etag='😀' * 1000)),
                ('a long name', 'INVALID_FIELDS', lambda: self.rpc.GetCustomer(name='😀' * 10**4)),
                ('a long filter', 'INVALID_FIELDS', lambda: self.rpc.ListCustomers(filter='city = ' + '😀' * 10**4)),
                ('a filter as long as it may be', 'INVALID_FIELDS', lambda: self.rpc.ListCustomers(filter='x' * 4096)),
                ('a long order', 'INVALID_FIELDS', lambda: self.rpc.ListCustomers(order_by='😀' * 1000)),
                ('a long mask', 'INVALID_FIELDS',
                 lambda: self.rpc.GetCustomer(name=customer, read_mask=dict(paths=['😀' * 1000]))),
                ('a long token', 'PAGE_TOKEN_INVALID', lambda: self.rpc.ListCustomers(page_token='😀' * 1000))):
            with self.subTest(of=name):
                error = call_error(call)
                self.assertEqual((error.reason, broken_promises(error)), (reason, []), error)
                self.assertLess(len(error.trailers['grpc-status-details-bin']) + len(error.message.encode()), 7000)
                if name.startswith('many'):
                    self.assertRegex(list(error.fields.values())[-1], r'; \d+ more are wrong$')

    def test_a_crossgrade_of_twenty_products_arrives(self):
        ids = [f'component-{i:02}-{"x" * 20}' for i in range(20)]
        products = [self.rpc.CreateProduct(product_id=i, product=dict(
            display_name='ü' * 150, kind='SOFTWARE', unit='SEAT')).name for i in ids]
        suite = self.rpc.CreateProduct(product=dict(display_name='all', kind='SUITE', components=products)).name
        plan = self.rpc.CreateServicePlan(service_plan=dict(display_name='all', partner=PARTNER, product=suite,
                                                            initial_term_months=1)).name
        assign = dict(parent=self.customer(), service_plan=plan, units=[dict(product=p, units=1) for p in products])
        self.rpc.AssignServicePlan(**assign, request_id=new_request_id())
        error = call_error(self.rpc.AssignServicePlan, **assign)
        self.assertEqual((error.reason, broken_promises(error)), ('CROSSGRADE_REQUIRED', []), error)
        self.assertEqual(len(error.duplicates), 20)

    def test_the_protos_say_so(self):
        comments = proto_comments()
        undocumented = {field for field,
                        numbers in DOCUMENTED.items() for n in numbers if str(n) not in comments[field]}
        self.assertEqual(undocumented, set())


if __name__ == '__main__':
    unittest.main()
