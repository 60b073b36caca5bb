"""Lists: filters, orders, pages and masks, each against what Python makes of the list without them."""

import datetime
import random
import unittest

import grpc

from listings import LISTINGS, Lists, day_of, name_key, settled, stay_within_a_day
from lists_data import make_data
from lmp_server import PARTNER, ServerTestCase, call_error, today

Code = grpc.StatusCode
SIZES = (1, 2, 3, 1000)


def in_days(days):
    return today() + datetime.timedelta(days=days)


def has(resource, *fields):
    return all(resource.HasField(f) for f in fields)


# By collection: filters, and the same in Python.
FILTERS = {
    'partners': [
        ('tier = RESELLER', lambda p: p.tier == p.RESELLER),
        ('state != ACTIVE', lambda p: p.state != p.ACTIVE),
        ('parent = partners/north-distribution', lambda p: p.parent == 'partners/north-distribution'),
        ('parent = ""', lambda p: not p.parent),
        ('parent:*', lambda p: p.parent),
        ('display_name = "Acme*"', lambda p: p.display_name.startswith('Acme')),
        ('display_name > "N" OR state = CANCELED', lambda p: p.display_name > 'N' or p.state == p.CANCELED),
        ('name != partners/acme-msp', lambda p: p.name != PARTNER),
    ],
    'customers': [
        ('partner = partners/acme-msp', lambda c: c.partner == PARTNER),
        ('partner != partners/acme-msp', lambda c: c.partner != PARTNER),
        ('external_id = "E-2"', lambda c: c.external_id == 'E-2'),
        ('external_id = ""', lambda c: not c.external_id),
        ('external_id != ""', lambda c: c.external_id),
        ('external_id:*', lambda c: c.external_id),
        ('external_id = "E*"', lambda c: c.external_id.startswith('E')),
        ('display_name = "Mill"', lambda c: c.display_name == 'Mill'),
        ('display_name = "mill"', lambda c: c.display_name == 'mill'),
        ('NOT display_name = "Mill"', lambda c: c.display_name != 'Mill'),
        ('display_name = "*ll"', lambda c: c.display_name.endswith('ll')),
        ('display_name >= "Z"', lambda c: c.display_name.encode() >= b'Z'),
        ('display_name = "Mill" OR external_id = "E-1"', lambda c: c.display_name == 'Mill' or c.external_id == 'E-1'),
        ('display_name = "Mill" partner = partners/spare-msp',
         lambda c: (c.display_name, c.partner) == ('Mill', 'partners/spare-msp')),
        ('display_name = "Äpfel & \\"Birnen\\""', lambda c: c.display_name == 'Äpfel & "Birnen"'),
        ('note:urgent', lambda c: 'urgent' in c.note),
        ('state = DISABLED', lambda c: c.state == c.DISABLED),
        ('delete_time:*', lambda c: has(c, 'delete_time')),
        ('NOT delete_time:* AND state = ENABLED', lambda c: not has(c, 'delete_time') and c.state == c.ENABLED),
        ('contact.email = *@mill.example', lambda c: c.contact.email.endswith('@mill.example')),
        ('annotations.tier = gold', lambda c: c.annotations.get('tier') == 'gold'),
        ('annotations:tier', lambda c: 'tier' in c.annotations),
        ('annotations:*', lambda c: len(c.annotations)),
        ('emergency_emails:"now@mill.example"', lambda c: 'now@mill.example' in c.emergency_emails),
        ('emergency_emails:*', lambda c: len(c.emergency_emails)),
        ('city = Ulm OR country = AT', lambda c: c.city == 'Ulm' or c.country == 'AT'),
        ('country = DE -city = Ulm', lambda c: c.country == 'DE' and c.city != 'Ulm'),
        ('etag = 1', lambda c: c.etag == '1'),
    ],
    'products': [
        ('kind = SUITE', lambda p: p.kind == p.SUITE),
        ('unit = USER OR unit = SEAT', lambda p: p.unit in (p.USER, p.SEAT)),
        ('components:products/cloud-app-security', lambda p: 'products/cloud-app-security' in p.components),
        ('min_units >= 5', lambda p: p.min_units >= 5),
        ('max_units < 1000', lambda p: p.max_units < 1000),
        ('nfr_allowed = true', lambda p: p.nfr_allowed),
        ('lifecycle != ON_SALE', lambda p: p.lifecycle != p.ON_SALE),
        ('end_of_life_date:*', lambda p: has(p, 'end_of_life_date')),
        (f'end_of_life_date <= {today()}',
         lambda p: has(p, 'end_of_life_date') and day_of(p.end_of_life_date) <= today()),
        ('level > 0', lambda p: p.level > 0),
    ],
    'servicePlans': [
        ('partner = partners/spare-msp', lambda p: p.partner == 'partners/spare-msp'),
        ('product = products/cloud-app-security', lambda p: p.product == 'products/cloud-app-security'),
        ('partner = partners/acme-msp product = products/worry-free-suite',
         lambda p: p.product == 'products/worry-free-suite'),
        ('product != products/cloud-app-security', lambda p: p.product != 'products/cloud-app-security'),
        ('state = LOCKED', lambda p: p.state == p.LOCKED),
        ('state = DISABLED OR state = END_OF_LIFE', lambda p: p.state in (p.DISABLED, p.END_OF_LIFE)),
        ('enabled = false', lambda p: not p.enabled),
        ('version = TRIAL', lambda p: p.version == p.TRIAL),
        ('nfr:*', lambda p: p.nfr),
        ('auto_renewal = true initial_term_months < 12', lambda p: p.auto_renewal and p.initial_term_months < 12),
        ('grace_period_days = 0', lambda p: p.grace_period_days == 0),
        ('components:products/worry-free-services', lambda p: 'products/worry-free-services' in p.components),
        ('delete_time:*', lambda p: has(p, 'delete_time')),
        ('activation_policy = ON_FIRST_SIGN_IN', lambda p: p.activation_policy == p.ON_FIRST_SIGN_IN),
    ],
    'subscriptions': [
        ('service_plan = servicePlans/suite-annual', lambda s: s.service_plan == 'servicePlans/suite-annual'),
        ('service_plan = servicePlans/cas-monthly state = ACTIVE',
         lambda s: (s.service_plan, s.state) == ('servicePlans/cas-monthly', s.ACTIVE)),
        ('service_plan = "servicePlans/cas*"', lambda s: s.service_plan.startswith('servicePlans/cas')),
        ('state = SUSPENDED', lambda s: s.state == s.SUSPENDED),
        ('state = DISABLED OR state = UNBUNDLED', lambda s: s.state in (s.DISABLED, s.UNBUNDLED)),
        ('updates_available = true', lambda s: s.updates_available),
        ('updates_available = false', lambda s: not s.updates_available),
        ('expiration_date:*', lambda s: has(s, 'expiration_date')),
        ('NOT expiration_date:*', lambda s: not has(s, 'expiration_date')),
        (f'expiration_date < {in_days(100)}',
         lambda s: has(s, 'expiration_date') and day_of(s.expiration_date) < in_days(100)),
        (f'expiration_date != {in_days(60)}', lambda s: day_of(s.expiration_date) != in_days(60)),
        ('pending_changes > 0', lambda s: s.pending_changes > 0),
        ('replaced_by:*', lambda s: s.replaced_by),
        ('licenses.product = products/cloud-app-security', lambda s: any('cloud' in l.product for l in s.licenses)),
        ('licenses.product != products/cloud-app-security',
         lambda s: not any('cloud' in l.product for l in s.licenses)),
        ('licenses.state = GRACE OR licenses.state = EXPIRED',
         lambda s: any(l.state in (l.GRACE, l.EXPIRED) for l in s.licenses)),
        ('licenses.units > 20', lambda s: any(l.units > 20 for l in s.licenses)),
        ('-licenses:*', lambda s: not s.licenses),
        ('version = TRIAL OR nfr = true', lambda s: s.version == 1 or s.nfr),
        ('renewal_paused = true', lambda s: s.renewal_paused),
    ],
    'licenses': [
        ('product = products/cloud-app-security', lambda l: l.product == 'products/cloud-app-security'),
        ('product = products/cloud-app-security OR units > 30', lambda l: 'cloud' in l.product or l.units > 30),
        *((f'state = {state}', lambda l, state=state: l.State.Name(l.state) == state) for state in (
            'PENDING', 'ACTIVE', 'EXPIRING_SOON', 'GRACE', 'EXPIRED', 'NOT_ACTIVATED', 'SUSPENDED', 'DISABLED')),
        ('state != ACTIVE', lambda l: l.state != l.ACTIVE),
        ('over_allocated = true', lambda l: l.over_allocated),
        ('over_allocated:* OR used_units = 0',
         lambda l: l.over_allocated or (has(l, 'used_units') and l.used_units == 0)),
        ('used_units:*', lambda l: has(l, 'used_units')),
        ('used_units < 5', lambda l: has(l, 'used_units') and l.used_units < 5),
        ('used_units != 0', lambda l: not (has(l, 'used_units') and l.used_units == 0)),
        ('units >= 10 units <= 20', lambda l: 10 <= l.units <= 20),
        (f'expiration_date < {in_days(60)}', lambda l: day_of(l.expiration_date) < in_days(60)),
        (f'expiration_date >= {in_days(60)} product = products/hosted-email-security',
         lambda l: day_of(l.expiration_date) >= in_days(60) and 'hosted' in l.product),
        (f'expiration_date = {in_days(60)}', lambda l: day_of(l.expiration_date) == in_days(60)),
        (f'expiration_date <= {in_days(60)} NOT expiration_date < {today()}',
         lambda l: today() <= day_of(l.expiration_date) <= in_days(60)),
        (f'grace_end_date > {today()} expiration_date <= {today()}',
         lambda l: day_of(l.expiration_date) <= today() < day_of(l.grace_end_date)),
        (f'start_date > {today()}', lambda l: day_of(l.start_date) > today()),
        ('activation_code:*', lambda l: l.activation_code),
        ('subscription = ""', lambda l: not l.subscription),
        ('product_kind = SOFTWARE', lambda l: l.product_kind == 2),
        ('trial = true OR nfr = true', lambda l: l.trial or l.nfr),
        ('activate_time:*', lambda l: has(l, 'activate_time')),
        ('suspend_date:*', lambda l: has(l, 'suspend_date')),
        ('name = "customers/c-mill/*"', lambda l: l.name.startswith('customers/c-mill/')),
    ],
    'licensePools': [
        ('assigned_units > 0', lambda p: p.assigned_units > 0),
        ('total_units >= 300 minimum_units = 0', lambda p: p.total_units >= 300 and p.minimum_units == 0),
        ('product = products/cloud-app-security', lambda p: p.product == 'products/cloud-app-security'),
    ],
    'registrationKeys': [
        *((f'state = {state}', lambda k, state=state: k.State.Name(k.state) == state)
          for state in ('ISSUED', 'REDEEMED', 'VOIDED', 'EXPIRED')),
        ('service_plan = servicePlans/cas-annual', lambda k: k.service_plan == 'servicePlans/cas-annual'),
        ('partner = partners/spare-msp', lambda k: k.partner == 'partners/spare-msp'),
        ('customer:*', lambda k: k.customer),
        (f'expire_date <= {in_days(20)}', lambda k: day_of(k.expire_date) <= in_days(20)),
        ('redeem_time:* OR note = "*spare*"', lambda k: has(k, 'redeem_time') or 'spare' in k.note),
        ('units.units > 10', lambda k: any(u.units > 10 for u in k.units)),
    ],
    'scheduledChanges': [
        ('state = PENDING', lambda c: c.state == c.PENDING),
        ('state = CANCELED OR state = DROPPED', lambda c: c.state in (c.CANCELED, c.DROPPED)),
        (f'effective_date < {in_days(10)}', lambda c: day_of(c.effective_date) < in_days(10)),
        ('auto_renewal = false', lambda c: has(c, 'auto_renewal') and not c.auto_renewal),
        ('auto_renewal:*', lambda c: has(c, 'auto_renewal')),
        ('units.product = products/cloud-app-security', lambda c: any('cloud' in u.product for u in c.units)),
        ('outcome:*', lambda c: c.outcome),
        ('expiration_date:*', lambda c: has(c, 'expiration_date')),
    ],
}

def order_key(order):
    """Sorts as the list does: by the bytes of a text, by the day of a date, then by name."""
    def key(resource):
        value = getattr(resource, order)
        first = [] if order == 'name' else value.encode() if isinstance(value, str) else day_of(value)
        return first, name_key(resource)
    return key


class ListsTest(ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stay_within_a_day(60)
        make_data(cls.client, cls.server)
        cls.lists = Lists(cls.client)
        cls.everything = {c: cls.lists.all(c) for c in LISTINGS}

    def assert_lists(self, collection, expected, size=1000, **fields):
        got = [r.name for r in self.lists.all(collection, size, **fields)]
        self.assertEqual(got, [r.name for r in expected], f'{collection} in pages of {size}: {fields}')

    def ordered(self, collection, order_by):
        order, _, down = order_by.partition(' ')
        return sorted(self.everything[collection], key=order_key(order), reverse=bool(down))

    def orders(self, collection):
        return [order + down for order in LISTINGS[collection].orders for down in ('', ' desc')]

    def test_filters_find_what_they_say(self):
        for collection, filters in FILTERS.items():
            everything = self.everything[collection]
            for filter, matches in filters:
                expected = [r for r in everything if matches(r)]
                self.assertTrue(0 < len(expected) < len(everything),
                                f'{filter} finds {len(expected)} of {len(everything)}')
                found = self.lists.all(collection, filter=filter)
                self.assert_lists(collection, expected, 2, filter=filter)
                self.assertEqual([settled(r) for r in found], [settled(r) for r in expected], filter)

    def test_each_list_is_in_order_in_pages_of_any_size(self):
        for collection, listing in LISTINGS.items():
            self.assertGreaterEqual(len(self.everything[collection]), 5, collection)
            for size in SIZES:
                for order_by in self.orders(collection):
                    self.assert_lists(collection, self.ordered(collection, order_by), size, order_by=order_by)
                self.assert_lists(collection, self.ordered(collection, listing.orders[0]), size)
            values = [order_key(listing.orders[-1])(r)[0] for r in self.everything[collection]]
            self.assertLess(len(set(map(str, values))), len(values), f'{collection}: a tie')

    def test_the_pages_of_one_parent(self):
        of_acme = lambda r: r.name.startswith('customers/c-mill/')
        for collection in ('subscriptions', 'licenses', 'scheduledChanges'):
            parent = 'customers/c-mill' + ('/subscriptions/-' if collection == 'scheduledChanges' else '')
            for order_by in self.orders(collection):
                for size in SIZES:
                    self.assert_lists(collection, filter(of_acme, self.ordered(collection, order_by)), size,
                                      parent=parent, order_by=order_by)
        pools = [p for p in self.everything['licensePools'] if p.name.startswith(PARTNER + '/')]
        self.assert_lists('licensePools', pools, 1, parent=PARTNER)
        keys = [k for k in self.everything['registrationKeys'] if k.service_plan == 'servicePlans/cas-annual']
        for order_by in self.orders('registrationKeys'):
            self.assert_lists('registrationKeys',
                              sorted(keys, key=order_key(order_by.split()[0]), reverse='desc' in order_by), 1,
                              service_plan='servicePlans/cas-annual', order_by=order_by)

    def test_filters_orders_and_pages_together(self):
        chance = random.Random(3)
        for collection, filters in FILTERS.items():
            for filter, matches in filters:
                for order_by in chance.sample(self.orders(collection), 2):
                    expected = [r for r in self.ordered(collection, order_by) if matches(r)]
                    self.assert_lists(collection, expected, chance.choice(SIZES), filter=filter, order_by=order_by)

    def test_what_is_hidden_unless_asked_for(self):
        all_of = self.everything
        self.assert_lists('customers', [c for c in all_of['customers'] if not has(c, 'delete_time')], 2,
                          show_deleted=False)
        self.assert_lists('servicePlans',
                          [p for p in all_of['servicePlans'] if not has(p, 'delete_time') and p.state != p.END_OF_LIFE],
                          2, show_deleted=False)
        waiting = [c for c in all_of['scheduledChanges'] if c.state == c.PENDING]
        self.assert_lists('scheduledChanges', waiting, 2, show_all=False)
        self.assert_lists('scheduledChanges', waiting[::-1], 1, show_all=False, order_by='effective_date desc')
        self.assert_lists('customers', [], show_deleted=False, filter='delete_time:*')

    def test_what_matches_nothing_ends(self):
        for collection in LISTINGS:
            for order_by in self.orders(collection):
                items, token = self.lists.page(collection, page_size=2, filter='name = nothing', order_by=order_by,
                                               **LISTINGS[collection].everything)
                self.assertEqual((items, token), ([], ''), collection)

    def test_parents(self):
        for collection in ('subscriptions', 'licenses', 'scheduledChanges'):
            rest = '/subscriptions/-' if collection == 'scheduledChanges' else ''
            error = call_error(self.lists.all, collection, parent='customers/nobody' + rest)
            self.assertEqual((error.code, error.reason, error.resource[1]),
                             (Code.NOT_FOUND, 'CUSTOMER_NOT_FOUND', 'customers/nobody'))
        self.assertEqual(call_error(self.lists.all, 'licensePools', parent='partners/none').reason, 'PARTNER_NOT_FOUND')
        for plan in ('none', 'a-deleted'):
            self.assertEqual(call_error(self.lists.all, 'registrationKeys', service_plan=f'servicePlans/{plan}').reason,
                             'SERVICE_PLAN_NOT_FOUND')
        changes = self.everything['scheduledChanges']
        for change in changes:
            customer = '/'.join(change.name.split('/')[:2])
            self.assert_lists('scheduledChanges', [c for c in changes if c.subscription == change.subscription], 1,
                              parent=change.subscription)
            self.assert_lists('scheduledChanges', [c for c in changes if c.name.startswith(customer + '/')], 2,
                              parent=f'{customer}/subscriptions/-')
        for collection, parents in {'subscriptions': ('', 'customers', 'customers/', '-',
                                                      'customers/-/subscriptions/-'),
                                    'licensePools': ('', 'customers/-', 'partners/A'),
                                    'licenses': ('customers/c-mill/licenses/-', ''),
                                    'scheduledChanges': ('', 'customers/-', 'customers/-/subscriptions/x',
                                                         'customers/c-mill')}.items():
            for parent in parents:
                error = call_error(self.lists.all, collection, parent=parent)
                self.assertEqual((error.reason, set(error.fields)), ('INVALID_FIELDS', {'parent'}),
                                 f'{collection} of "{parent}"')

    def test_computed_fields_are_as_in_a_get(self):
        for collection, listing in LISTINGS.items():
            for resource in self.everything[collection]:
                if listing.get and not (collection == 'servicePlans' and has(resource, 'delete_time')):
                    self.assertEqual(settled(self.lists.get(resource.name)), settled(resource))
        self.assertEqual({s.updates_available for s in self.everything['subscriptions']}, {True, False})


if __name__ == '__main__':
    unittest.main()
