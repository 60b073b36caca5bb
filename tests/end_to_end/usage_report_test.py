"""The usage report, against what anybody can compute from the events."""

import datetime
import json
import unittest

import grpc

import lmp_server
from history_test import UTC, HistoryTestCase, time_of
from lmp.v1.usage_report_pb2 import GetUsageReportRequest
from lmp_server import call_error, create_customer, customer_api, from_date, licensing_api, to_date, today
from processes import resident_mib

Code = grpc.StatusCode
USABLE = ('ACTIVE', 'EXPIRING_SOON', 'GRACE')
INSTANT = datetime.timedelta(microseconds=1)


def midnight(day):
    return datetime.datetime.combine(day, datetime.time(), UTC)


def day_of(json_date):
    return datetime.date(json_date['year'], json_date['month'], json_date['day'])


class Replay:
    """A customer's months as its events tell them, computed by somebody who knows nothing of the server but its API."""

    def __init__(self, events):
        self.dated_changes = []  # (instant, resource, {field: JSON value})
        last = datetime.datetime.min.replace(tzinfo=UTC)
        for event in events:
            by_itself = event.HasField('effective_date')
            own = midnight(from_date(event.effective_date)) if by_itself else time_of(event.event_time)
            last = max(last, own)  # never before what came before it
            fields = {f.field: json.loads(f.after) if f.after else None for f in event.change.fields}
            self.dated_changes.append((last, event.change.resource, fields))

    @staticmethod
    def state(license, customer, day):
        """Of a license of the plans that this test uses. A cancellation shows in the state that its event tells."""
        if customer.get('state') == 'DISABLED' or customer.get('delete_time') or license.get('state') == 'DISABLED':
            return 'DISABLED'
        if day >= day_of(license['grace_end_date']):
            return 'EXPIRED'
        if license.get('suspend_date') and day >= day_of(license['suspend_date']):
            return 'SUSPENDED'
        return 'PENDING' if day < day_of(license['start_date']) else 'ACTIVE'

    def peaks(self, customer, start, end):
        """{product: (provisioned, used or None)}."""
        instants = {start} | {t for t, _, _ in self.dated_changes if start < t < end}
        day = start.date()
        while midnight(day) < end:
            instants.add(midnight(day))
            day += datetime.timedelta(days=1)
        peaks, resources, dated_changes = {}, {}, list(self.dated_changes)
        for instant in sorted(instants):
            while dated_changes and dated_changes[0][0] <= instant:
                _, name, fields = dated_changes.pop(0)
                resources.setdefault(name, {}).update(fields)
            now = {}
            for name, license in resources.items():
                if '/licenses/' not in name or license.get('trial') or license.get('nfr'):
                    continue
                if self.state(license, resources[customer], instant.date()) not in USABLE:
                    continue
                units, used = now.get(license['product'], (0, None))
                if license.get('used_units') is not None:
                    used = (used or 0) + license['used_units']
                now[license['product']] = (units + license['units'], used)
            for product, (units, used) in now.items():
                best_units, best_used = peaks.get(product, (0, None))
                if used is not None:
                    best_used = max(used, best_used or 0)
                peaks[product] = (max(units, best_units), best_used)
        return peaks


class UsageReportTest(HistoryTestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.play(cls)

    def play(self):
        """Customers who change what they have within minutes of each other."""
        licensing, customers = self.client.licensing, self.client.customers
        assign = lambda *args, **fields: HistoryTestCase.assign(self, *args, **fields)
        set_units = lambda *args: HistoryTestCase.set_units(self, *args)
        report = lambda *args: HistoryTestCase.report_usage(self, *args)

        one = assign(create_customer(self.client, 'use-1', display_name='Number one'), 'cas-monthly',
                     {'cloud-app-security': 10})
        report(one.licenses[0].name, 4)
        set_units(one, 25)
        report(one.licenses[0].name, 30)
        set_units(one, 5)
        report(one.licenses[0].name, 2)
        licensing.SuspendSubscription(licensing_api.SuspendSubscriptionRequest(name=one.name))
        report(one.licenses[0].name, 99)  # not usable: does not count
        report(one.licenses[0].name, 3)
        licensing.UnsuspendSubscription(licensing_api.UnsuspendSubscriptionRequest(name=one.name))
        licensing.RenewSubscription(licensing_api.RenewSubscriptionRequest(name=one.name))

        two = create_customer(self.client, 'use-2')
        old = assign(two, 'cas-monthly', {'cloud-app-security': 10})
        report(old.licenses[0].name, 7)
        assign(two, 'suite-annual', {'cloud-app-security': 40, 'worry-free-services': 30},
               crossgrade=licensing_api.Crossgrade(mode='AUTOMATIC'))

        three = create_customer(self.client, 'use-3')
        assign(three, 'cas-trial', {'cloud-app-security': 50})
        assign(create_customer(self.client, 'use-4'), 'cas-nfr')

        five = create_customer(self.client, 'use-5')
        software = assign(five, 'encryption-annual', {'endpoint-encryption': 20},
                          start_date=to_date(today() - datetime.timedelta(days=20)))
        assign(five, 'encryption-annual', {'endpoint-encryption': 30}, crossgrade=licensing_api.Crossgrade(
            mode='EXPLICIT', resolutions=[dict(product='products/endpoint-encryption', choice='NEW_LICENSE')]))
        assign(five, 'encryption-annual', {'endpoint-encryption': 400},
               start_date=to_date(today() + datetime.timedelta(days=100)),
               crossgrade=licensing_api.Crossgrade(
                   mode='EXPLICIT', resolutions=[dict(product='products/endpoint-encryption', choice='NEW_LICENSE')]))
        licensing.CancelSubscription(licensing_api.CancelSubscriptionRequest(name=software.name))

        six = create_customer(self.client, 'use-6')
        assign(six, 'wfs-annual', {'worry-free-services': 12})
        customers.DisableCustomer(customer_api.DisableCustomerRequest(name=six))
        customers.EnableCustomer(customer_api.EnableCustomerRequest(name=six))
        seven = create_customer(self.client, 'use-7')
        report(assign(seven, 'hes-annual', {'hosted-email-security': 8}).licenses[0].name, 0)
        customers.DeleteCustomer(customer_api.DeleteCustomerRequest(name=seven, force=True))
        create_customer(self.client, 'use-8')
        create_customer(self.client, 'use-elsewhere', partner='partners/north-distribution')

    def report(self, month, parent=lmp_server.PARTNER, page_size=1000):
        """Rows of all pages, and the instant up to which they count."""
        rows, token, ends = [], '', []
        while True:
            page = self.client.licensing.GetUsageReport(GetUsageReportRequest(
                parent=parent, month=month, page_size=page_size, page_token=token))
            self.assertLessEqual(len(page.rows), page_size)
            rows += page.rows
            ends.append(time_of(page.end_time))
            token = page.next_page_token
            if not token:
                return rows, ends[0]

    @staticmethod
    def month_of(day):
        return dict(year=day.year, month=day.month)

    def test_it_is_what_the_events_tell(self):
        rows, end = self.report(self.month_of(today()))
        start = midnight(end.date().replace(day=1))
        expected = []
        for number in range(1, 9):
            customer = f'customers/use-{number}'
            for product, (units, used) in sorted(Replay(self.events(customer)).peaks(customer, start,
                                                                                     end + INSTANT).items()):
                expected.append((customer, product, units, used))
        self.assertEqual([(r.customer, r.product, r.provisioned_units,
                           r.used_units if r.HasField('used_units') else None)
                          for r in rows], expected)
        # And what a person would say.
        by_key = {(r.customer[len('customers/'):], r.product[len('products/'):]): r for r in rows}
        told = {k: (r.provisioned_units, r.used_units if r.HasField('used_units') else None, r.over_provisioned_percent,
                    r.chargeable_units) for k, r in by_key.items()}
        self.assertEqual(told, {
            ('use-1', 'cloud-app-security'): (25, 30, 0, 30),
            ('use-2', 'cloud-app-security'): (40, 7, 82, 7),
            ('use-2', 'worry-free-services'): (30, None, 0, 30),
            ('use-5', 'endpoint-encryption'): (50, None, 0, 50),
            ('use-6', 'worry-free-services'): (12, None, 0, 12),
            ('use-7', 'hosted-email-security'): (8, 0, 100, 0),
        })
        self.assertEqual(by_key['use-1', 'cloud-app-security'].customer_display_name, 'Number one')
        self.assertEqual(lmp_server.Product.Unit.Name(by_key['use-5', 'endpoint-encryption'].unit), 'ENCRYPTION_KEY')

    def test_pages_have_every_row_once(self):
        rows, _ = self.report(self.month_of(today()))
        self.assertEqual(rows, sorted(rows, key=lambda r: (r.customer, r.product)))
        for size in (1, 2, 3, len(rows)):
            self.assertEqual(self.report(self.month_of(today()), page_size=size)[0], rows, size)

    def test_a_month_that_is_over_ends_with_it(self):
        last = today().replace(day=1) - datetime.timedelta(days=1)
        rows, end = self.report(self.month_of(last))
        self.assertEqual((rows, end), ([], midnight(today().replace(day=1))))
        rows, end = self.report(dict(year=1969, month=12))
        self.assertEqual((rows, end), ([], datetime.datetime(1970, 1, 1, tzinfo=UTC)))

    def test_another_partners_customers_are_not_in_it(self):
        self.assertEqual(self.report(self.month_of(today()), 'partners/north-distribution')[0], [])

    def test_bad_requests(self):
        report = self.client.licensing.GetUsageReport
        month = self.month_of(today())
        for request, fields in ((dict(), {'parent', 'month'}), (dict(parent='customers/x', month=month), {'parent'}),
                                (dict(parent=lmp_server.PARTNER), {'month'}),
                                (dict(parent=lmp_server.PARTNER, month=dict(year=2026, month=13)), {'month'}),
                                (dict(parent=lmp_server.PARTNER, month=dict(year=-1, month=1)), {'month'}),
                                (dict(parent=lmp_server.PARTNER, month=dict(year=2026)), {'month'}),
                                (dict(parent=lmp_server.PARTNER, month=dict(month=5)), {'month'}),
                                (dict(parent=lmp_server.PARTNER, month=dict(month, day=1)), {'month.day'})):
            error = call_error(report, GetUsageReportRequest(**request))
            self.assertEqual((error.code, error.reason, set(error.fields)),
                             (Code.INVALID_ARGUMENT, 'INVALID_FIELDS', fields), request)
        later = today() + datetime.timedelta(days=32)
        error = call_error(report, GetUsageReportRequest(parent=lmp_server.PARTNER, month=self.month_of(later)))
        self.assertEqual((error.code, error.reason), (Code.OUT_OF_RANGE, 'DATE_OUT_OF_RANGE'))
        error = call_error(report, GetUsageReportRequest(parent='partners/none', month=month))
        self.assertEqual((error.code, error.reason), (Code.NOT_FOUND, 'PARTNER_NOT_FOUND'))


class LargeMonthTest(HistoryTestCase):

    def report(self):
        return self.client.licensing.GetUsageReport(GetUsageReportRequest(
            parent=lmp_server.PARTNER, month=dict(year=today().year, month=today().month)), timeout=60)

    def test_a_customer_with_many_reports_is_read_in_pieces(self):
        customer = create_customer(self.client, 'busy')
        license, = self.assign(customer, 'cas-monthly', {'cloud-app-security': 10}).licenses
        self.report_usage(license.name, 7)
        copied = ('actor, reason, request_id, kind, effective_date, row_table, key1, key2, before_image, after_image, '
                  'partner_id')
        for doubling in range(16):
            self.server.sql(f'INSERT INTO events (event_time, revision, {copied}) '
                            f'SELECT event_time + INTERVAL {2 ** doubling} MICROSECOND, revision + {2 ** doubling}, '
                            f"{copied} FROM events WHERE kind = 'USAGE_REPORTED' ORDER BY event_id")
        self.server.sql("UPDATE licenses SET revision = revision + 65535 WHERE customer_id = 'busy'")
        self.report_usage(license.name, 9)
        create_customer(self.client, 'later')
        before = resident_mib(self.server.process.pid)
        page = self.report()
        self.assertLess(resident_mib(self.server.process.pid) - before, 40, 'MiB more than before')
        row, = page.rows
        self.assertEqual((row.customer, row.provisioned_units, row.used_units), (customer, 10, 9))
        self.assertTrue(page.next_page_token, 'so many changes are a page of their own')


if __name__ == '__main__':
    unittest.main()
