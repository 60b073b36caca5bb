"""As-of reads: with a read_time, every list and every resource is exactly what was answered then."""

import json
import os
import random
import unittest

import grpc
from google.protobuf import json_format

import random_history
from listings import LISTINGS, Lists, collection_of, day_of, instant, micros_of, name_key, stay_within_a_day
from lmp_server import PARTNER, ServerTestCase, call_error

Code = grpc.StatusCode
SEED = int(os.environ.get('LMP_SEED', '7'))
STEPS = 150
# Reasons if what a resource belongs to was not there either: that of its owner comes first.
OWNERS = {'customers': 'CUSTOMER_NOT_FOUND', 'partners': 'PARTNER_NOT_FOUND'}
# Not told by a resource's own events (event.proto), or not at all.
UNTOLD = {'name', 'etag', 'create_time', 'update_time', 'licenses'}
UNTOLD_OF = {'subscriptions': {'expiration_date', 'updates_available'}, 'servicePlans': {'state'},
             'licenses': {'auto_renewal', 'renewal_date'}}


def name_of(owner):
    return '/'.join(owner.split('/')[:2])


class AsOfTest(ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stay_within_a_day(90)
        random_history.add_catalog(cls.client)
        cls.lists = Lists(cls.client)
        cls.life = random_history.RandomHistory(cls.client, SEED)
        cls.play(cls)

    def play(self):
        """Mutations, and after each of them all that there is."""
        self.looks = [{c: self.lists.all(c) for c in LISTINGS}]  # [i]: after step i
        self.times = [None]  # the event_time of each step, in microseconds
        self.verbs = ['']
        for _ in range(STEPS):
            self.life.state = self.looks[-1]
            verb, name = self.life.step()
            self.looks.append({c: self.lists.all(c) for c in LISTINGS})
            # Its licenses may have changed, and not it.
            parent = name_of(name) if name.startswith('customers/') else name
            newest = self.lists.rpc.ListEvents(parent=parent, order_by='event_time desc', page_size=1).events[0]
            if newest.request_id != self.life.request_id:
                raise AssertionError(f'{verb} {name}: the newest event is {newest}')
            self.times.append(micros_of(newest.event_time))
            self.verbs.append(verb)

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)

    def some_steps(self, count):
        return sorted(self.random.sample(range(1, STEPS + 1), count))

    def instants(self, steps):
        """For each step the instant of its change and the one before: (index into looks, microseconds)."""
        for i in steps:
            yield i, self.times[i]
            yield i - 1, self.times[i] - 1

    def assert_same(self, answered, seen, what):
        """Lists of resources, with the first that differs if they do."""
        if answered != seen:
            pairs = list(zip(answered + [None] * len(seen), seen + [None] * len(answered)))
            self.fail('%s: %d, not %d resources; first\n%s\nand not\n%s' % (what, len(answered), len(seen), *next(
                (a, s) for a, s in pairs if a != s)))

    def what(self, look, micros):
        return f'seed {SEED}, at {micros}, after step {look} ({self.verbs[look]})'

    def reason_if_missing(self, name, there):
        """Of a resource that was not there: its owner's if that was not there either."""
        owner = name_of(name)
        return LISTINGS[collection_of(owner if owner not in there else name)].not_found

    def test_everything_was_done(self):
        # What a seed gives depends on the calendar, too.
        self.assertLess(len(set(self.life.verbs) - set(self.life.done)), 6, f'seed {SEED} did {self.life.done}')
        self.assertEqual(self.times[1:], sorted(set(self.times[1:])), 'no two mutations at one instant')

    def test_lists_are_what_was_answered_then(self):
        for look, micros in self.instants(self.some_steps(30)):
            for collection, seen in self.looks[look].items():
                size = self.random.choice([3, 7, 1000])
                self.assert_same(self.lists.all(collection, size, read_time=instant(micros)), seen,
                                 f'{collection} {self.what(look, micros)}')

    def test_lists_leave_out_what_they_left_out_then(self):
        for look, micros in self.instants(self.some_steps(16)):
            seen, then = self.looks[look], dict(read_time=instant(micros))
            what = self.what(look, micros)
            shown = [c for c in seen['customers'] if not c.HasField('delete_time')]
            self.assert_same(self.lists.all('customers', show_deleted=False, **then), shown, what)
            shown = [p for p in seen['servicePlans'] if not p.HasField('delete_time') and p.state != p.END_OF_LIFE]
            self.assert_same(self.lists.all('servicePlans', show_deleted=False, **then), shown, what)
            shown = [c for c in seen['scheduledChanges'] if c.state == c.PENDING]
            self.assert_same(self.lists.all('scheduledChanges', show_all=False, **then), shown, what)

    def test_lists_of_one_parent_are_what_was_answered_then(self):
        ever = {c: [r.name for r in self.looks[-1][c]] for c in LISTINGS}
        for look, micros in self.instants(self.some_steps(16)):
            seen, then, what = self.looks[look], dict(read_time=instant(micros)), self.what(look, micros)
            parent = self.random.choice(ever['customers'])
            there = parent in {c.name for c in seen['customers']}
            for collection, suffix in (('subscriptions', ''), ('licenses', ''),
                                       ('scheduledChanges', '/subscriptions/-')):
                ask = dict(parent=parent + suffix, **then)
                if not there:
                    error = call_error(self.lists.all, collection, **ask)
                    self.assertEqual((error.code, error.reason), (Code.NOT_FOUND, 'CUSTOMER_NOT_FOUND'),
                                     f'{parent} {what}')
                    continue
                expected = [r for r in seen[collection] if r.name.startswith(parent + '/')]
                self.assert_same(self.lists.all(collection, **ask), expected, f'{collection} of {parent} {what}')
            plan = self.random.choice(ever['servicePlans'])
            if any(p.name == plan and not p.HasField('delete_time') for p in seen['servicePlans']):
                expected = [k for k in seen['registrationKeys'] if k.service_plan == plan]
                self.assert_same(self.lists.all('registrationKeys', service_plan=plan, **then), expected,
                                 f'{plan} {what}')
            else:
                error = call_error(self.lists.all, 'registrationKeys', service_plan=plan, **then)
                self.assertEqual(error.reason, 'SERVICE_PLAN_NOT_FOUND', f'{plan} {what}')

    def test_filters_are_about_what_was_then(self):
        text = lambda value: '"' + value.replace('"', '\\"') + '"'
        filters = (('licenses', 'product', text), ('licenses', 'units', str), ('subscriptions', 'service_plan', text),
                   ('customers', 'note', text), ('customers', 'display_name', text), ('customers', 'partner', text),
                   ('servicePlans', 'display_name', text), ('servicePlans', 'product', text),
                   ('registrationKeys', 'service_plan', text), ('licensePools', 'assigned_units', str))
        # A change of plans gives a license another product.
        steps = [i for i, verb in enumerate(self.verbs) if verb == 'change_service_plan'] + self.some_steps(8)
        for look, micros in self.instants(steps):
            for collection, field, literal in filters:
                seen = self.looks[look][collection]
                if not seen:
                    continue
                values = sorted({getattr(r, field) for r in seen})
                for value in self.random.sample(values, min(3, len(values))):
                    self.assert_same(self.lists.all(collection, 4, filter=f'{field} = {literal(value)}',
                                                    read_time=instant(micros)),
                                     [r for r in seen if getattr(r, field) == value],
                                     f'{collection} with {field} {value} {self.what(look, micros)}')

    def test_resources_are_what_was_answered_then(self):
        names = [r.name for c, listing in LISTINGS.items() if listing.get for r in self.looks[-1][c]]
        for look, micros in self.instants(self.some_steps(7)):
            there = {r.name: r for seen in self.looks[look].values() for r in seen}
            for name in names:
                what = f'{name} {self.what(look, micros)}'
                resource = there.get(name)
                if resource is None or (collection_of(name) == 'servicePlans' and resource.HasField('delete_time')):
                    error = call_error(self.lists.get, name, read_time=instant(micros))
                    reason = self.reason_if_missing(name, there)
                    self.assertEqual((error.code, error.reason), (Code.NOT_FOUND, reason), what)
                else:
                    self.assertEqual(self.lists.get(name, read_time=instant(micros)), resource, what)

    def test_many_customers_at_once(self):
        for look, micros in self.instants(self.some_steps(7)):
            seen = self.looks[look]['customers'][::-1]
            ask = dict(names=[c.name for c in seen], read_time=instant(micros))
            if seen:
                self.assert_same(list(self.lists.rpc.BatchGetCustomers(**ask).customers), seen, self.what(look, micros))
            late = next((c.name for c in self.looks[-1]['customers'] if c.name not in ask['names']), None)
            if late:
                ask['names'].append(late)
                self.assertEqual(call_error(self.lists.rpc.BatchGetCustomers, **ask).reason, 'CUSTOMER_NOT_FOUND')

    def told_at(self, events, micros):
        """A resource's fields as its events up to an instant tell them; None if it was not there."""
        fields = None
        for event in events:
            if micros_of(event.event_time) > micros:
                break
            fields = {} if event.change.created else fields
            for change in event.change.fields:
                fields.pop(change.field, None)
                if change.after:
                    fields[change.field] = json.loads(change.after)
        return fields

    def test_events_alone_tell_what_a_resource_was(self):
        histories = {}
        for name in {r.name for c, listing in LISTINGS.items() if listing.get for r in self.looks[-1][c]}:
            events = self.lists.rpc.ListEvents(parent=name, page_size=1000).events
            histories[name] = [e for e in events
                               if e.change.resource == name]  # a customer's are those of all that is its
        compared = 0
        for name, events in sorted(histories.items()):
            for _ in range(6):
                micros = self.random.randint(micros_of(events[0].event_time), self.times[-1])
                told = self.told_at(events, micros)
                if collection_of(name) == 'servicePlans' and 'delete_time' in told:
                    continue
                fields = json_format.MessageToDict(self.lists.get(name, read_time=instant(micros)),
                                                   preserving_proto_field_name=True)
                fields.update({f'contact.{k}': v for k, v in fields.pop('contact', {}).items()})
                if fields.get('state') == 'ENDED':  # time, or its partner, ended it: it promises nothing any more
                    self.assertIn(told['state'], ('ACTIVE', 'SUSPENDED'))
                    told['state'] = 'ENDED'
                    for promise in ('auto_renewal', 'renewal_term_months', 'renewal_paused'):
                        told.pop(promise, None)
                if collection_of(name) == 'licenses':  # its product clamps its dates, and its owners lie over its state
                    life = self.told_at(histories[told['product']], micros).get('end_of_life_date')
                    for date in ('expiration_date', 'grace_end_date') if life else ():
                        told[date] = min(told[date], life, key=lambda d: (d['year'], d['month'], d['day']))
                    if {fields['state'],
                        told['state']} == {'ACTIVE', 'EXPIRING_SOON'}:  # whether anything renews it, and that
                        told['state'] = fields['state']
                    customer = self.told_at(histories[name_of(name)], micros)
                    partner = self.told_at(histories[customer['partner']], micros)
                    if customer['state'] == 'DISABLED' or 'delete_time' in customer or partner['state'] == 'CANCELED':
                        told['state'] = 'DISABLED'
                for untold in UNTOLD | UNTOLD_OF.get(collection_of(name), set()):
                    fields.pop(untold, None)
                    told.pop(untold, None)
                self.assertEqual(fields, told, f'seed {SEED}: {name} at {micros}')
                compared += 1
        self.assertGreater(compared, 300)

    def test_before_it_was_made_nothing_is_there(self):
        for name in {self.random.choice(self.looks[-1][c]).name for c, listing in LISTINGS.items() if listing.get}:
            made = self.lists.rpc.ListEvents(parent=name, page_size=1).events[0]
            micros = micros_of(made.event_time)
            self.assertTrue(made.change.created)
            self.assertIn(name, [r.name for r in self.lists.all(collection_of(name), read_time=instant(micros))])
            self.assertNotIn(name, [r.name for r in self.lists.all(collection_of(name), read_time=instant(micros - 1))])
            for before in (micros - 1, micros - 10**6, 1, 0, -5, -62_135_596_800 * 10**6, -60_589_296_000 * 10**6):
                error = call_error(self.lists.get, name, read_time=instant(before))
                self.assertEqual(error.code, Code.NOT_FOUND, f'{name} at {before}')
                self.assertIn(error.reason, (LISTINGS[collection_of(name)].not_found, *OWNERS.values()))
                self.assertRegex(name, '^' + error.resource[1])
            for before in (1, 0, -5, -62_135_596_800 * 10**6, -60_589_296_000 * 10**6):  # the year 1, and the year 50
                self.assert_same(self.lists.all(collection_of(name), read_time=instant(before)), [],
                                 f'{name} at {before}')

    def test_what_is_to_come_and_what_is_no_instant_is_refused(self):
        name = self.looks[-1]['customers'][0].name
        ahead = self.times[-1] + 3600 * 10**6
        bad = [instant(ahead), instant(253_402_300_799 * 10**6)]
        bad += [dict(seconds=self.times[1] // 10**6, nanos=nanos) for nanos in (-1, 10**9, 2**31 - 1, -2**31)]
        bad += [dict(seconds=seconds) for seconds in (253_402_300_800, -62_135_596_801, 2**63 - 1, -2**63)]
        for read_time in bad:
            calls = [(self.lists.get, name), (self.lists.get, self.looks[-1]['licenses'][0].name),
                     (self.lists.get, f'{PARTNER}/licensePools/none')]
            calls += [(self.lists.all, collection) for collection in LISTINGS]
            for call, which in calls:
                error = call_error(call, which, read_time=read_time)
                self.assertEqual((error.code, error.reason, set(error.fields)),
                                 (Code.INVALID_ARGUMENT, 'INVALID_FIELDS', {'read_time'}), f'{which} at {read_time}')
        within = instant(self.times[-1])
        within['nanos'] += 999  # of the same microsecond
        self.assertEqual(self.lists.get(name, read_time=within), self.looks[-1]['customers'][0])

    def test_only_orders_that_never_change_go_with_a_read_time(self):
        for collection, listing in LISTINGS.items():
            for order in listing.orders:
                for order_by in (order, f'{order} desc'):
                    ask = dict(order_by=order_by, read_time=instant(self.times[-1]))
                    if order in ('display_name', 'expiration_date'):
                        error = call_error(self.lists.all, collection, **ask)
                        self.assertEqual((error.reason, set(error.fields)), ('INVALID_FIELDS', {'order_by'}),
                                         f'{collection} {ask}')
                        continue
                    when = lambda r: () if order == 'name' else day_of(getattr(r, order))
                    for look, micros in self.instants(self.some_steps(3)):
                        expected = sorted(self.looks[look][collection], key=lambda r: (when(r), name_key(r)),
                                          reverse=' desc' in order_by)
                        ask['read_time'] = instant(micros)
                        self.assert_same(self.lists.all(collection, 2, **ask), expected,
                                         f'{collection} {order_by} {self.what(look, micros)}')


if __name__ == '__main__':
    unittest.main()
