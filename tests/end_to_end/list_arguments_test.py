"""The arguments of lists: page tokens belong to all of them, masks leave what they name, and what is wrong is said at
once."""

import base64
import unittest

import grpc

from listings import LISTINGS, Lists, instant, micros_of, settled, stay_within_a_day
from lists_data import make_data
from lmp_server import PARTNER, ServerTestCase, call_error

Code = grpc.StatusCode
# Paths of a mask, by collection; all of them are set in some resource.
MASKS = {
    'partners': (['name'], ['tier', 'state'], ['parent', 'create_time.seconds']),
    'customers': (['name'], ['contact.email'], ['contact.email', 'contact'],
                  ['contact.email', 'contact.family_name', 'annotations'],
                  ['emergency_emails', 'delete_time', 'etag']),
    'products': (['components', 'kind'], ['end_of_life_date.year', 'name']),
    'servicePlans': (['state'], ['components', 'grace_period_days', 'delete_time']),
    'subscriptions': (['name', 'state'], ['licenses.state'],
                      ['licenses.state', 'licenses.expiration_date.year', 'updates_available'],
                      ['licenses', 'licenses.units'], ['expiration_date', 'licenses.name']),
    'licenses': (['name'], ['state', 'over_allocated', 'used_units'], ['activation_code', 'suspend_date']),
    'licensePools': (['assigned_units'], ['name', 'total_units', 'minimum_units']),
    'registrationKeys': (['units.units', 'state'], ['units'], ['redeem_time', 'customer']),
    'scheduledChanges': (['units.product', 'units.units'], ['auto_renewal', 'state', 'outcome'],
                         ['name', 'effective_date.day']),
}


def trimmed(resource, paths):
    """A resource with what the paths name, and nothing else."""
    copy = type(resource)()
    for field, value in resource.ListFields():
        rests = [path.partition('.')[2] for path in paths if path.split('.')[0] == field.name]
        if not rests:
            continue
        if '' in rests:
            copy.MergeFrom(type(resource)(**{field.name: value}))
        elif field.label == field.LABEL_REPEATED:
            getattr(copy, field.name).extend(trimmed(element, rests) for element in value)
        else:
            getattr(copy, field.name).CopyFrom(trimmed(value, rests))
            getattr(copy, field.name).SetInParent()
    return copy


def flipped(token):
    """All texts that differ from it in one bit."""
    for i, character in enumerate(token):
        for bit in range(7):
            yield token[:i] + chr(ord(character) ^ 1 << bit) + token[i + 1:]


class ListArgumentsTest(ServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stay_within_a_day(60)
        make_data(cls.client, cls.server)
        cls.lists = Lists(cls.client)

    def first(self, collection, **fields):
        """Arguments of a list with more than one page, and the token of the second."""
        arguments = {**LISTINGS[collection].everything, 'page_size': 2, **fields}
        items, token = self.lists.page(collection, **arguments)
        self.assertTrue(len(items) == 2 and token, collection)
        return arguments, token

    def assert_token_refused(self, collection, what, **arguments):
        error = call_error(self.lists.page, collection, **arguments)
        self.assertEqual((error.code, error.reason, set(error.fields)),
                         (Code.INVALID_ARGUMENT, 'PAGE_TOKEN_INVALID', {'page_token'}), f'{collection}: {what}')

    def test_a_token_belongs_to_its_arguments(self):
        for collection, listing in LISTINGS.items():
            arguments, token = self.first(collection)
            second, _ = self.lists.page(collection, page_token=token, **arguments)
            self.assertTrue(second)
            others = dict(filter='name:*', order_by='name desc', read_time=instant(micros_of(second[0].create_time)),
                          read_mask=dict(paths=['name']))
            for switch in ('show_deleted', 'show_all'):
                if switch in arguments:
                    others[switch] = False
            if 'parent' in arguments:
                others['parent'] = {'licensePools': PARTNER,
                                    'scheduledChanges': 'customers/c-mill/subscriptions/-'}.get(
                    collection, 'customers/c-mill')
            if collection == 'registrationKeys':
                others['service_plan'] = 'servicePlans/cas-annual'
            for name, value in others.items():
                self.assert_token_refused(collection, f'{name} = {value}', page_token=token,
                                          **{**arguments, name: value})
            # And the other way round: a token of a list with an argument is none of one without, or with another value.
            for name, value in dict(filter='NOT name = x', order_by=f'{listing.orders[0]} desc',
                                    read_mask=dict(paths=['etag'])).items():
                with_it, its_token = self.first(collection, **{name: value})
                self.assertTrue(self.lists.page(collection, page_token=its_token, **with_it))
                self.assert_token_refused(collection, f'without {name}', page_token=its_token, **arguments)
            for size in (1, 3, 0, 1000):
                again, _ = self.lists.page(collection, page_token=token, **{**arguments, 'page_size': size})
                self.assertEqual([r.name for r in again[:2]], [r.name for r in second][:size or 2],
                                 f'{collection} in pages of {size}')

    def test_a_token_of_another_list_is_refused(self):
        tokens = {c: self.first(c)[1] for c in LISTINGS}
        for collection in LISTINGS:
            for other, token in tokens.items():
                if other != collection:
                    self.assert_token_refused(collection, f'the token of {other}', page_token=token,
                                              **LISTINGS[collection].everything)

    def test_a_token_that_was_changed_is_refused(self):
        for collection in ('licenses', 'customers', 'scheduledChanges'):
            arguments, token = self.first(collection, order_by=LISTINGS[collection].orders[-1])
            for other in flipped(token):
                self.assert_token_refused(collection, f'{other!r} for {token!r}', page_token=other, **arguments)
            for other in (token[:-1], token[:-4], token[1:], token + 'A', token + token, 'x',
                          base64.urlsafe_b64encode(b'c-mill').decode()):
                self.assert_token_refused(collection, f'{other!r} for {token!r}', page_token=other, **arguments)

    def test_a_token_outlives_the_server(self):
        firsts = {c: self.first(c) for c in LISTINGS}
        expected = {c: self.lists.page(c, page_token=token, **arguments) for c, (arguments, token) in firsts.items()}
        self.server.stop()
        self.server.start()
        self.client.wait_healthy()
        for collection, (arguments, token) in firsts.items():
            items, next_token = self.lists.page(collection, page_token=token, **arguments)
            self.assertEqual(([r.name for r in items], next_token),
                             ([r.name for r in expected[collection][0]], expected[collection][1]))

    def test_a_mask_leaves_what_it_names(self):
        for collection, masks in MASKS.items():
            everything = self.lists.all(collection)
            for paths in masks:
                expected = [trimmed(r, paths) for r in everything]
                found = self.lists.all(collection, 2, read_mask=dict(paths=paths))
                self.assertEqual([settled(r) for r in found], [settled(r) for r in expected], f'{collection} {paths}')
                for path in paths:
                    self.assertTrue(any(trimmed(r, [path]).ByteSize() for r in everything),
                                    f'{collection}: {path} is nowhere set')
                for resource, part in list(zip(everything, expected))[:4]:
                    if LISTINGS[collection].get and not (collection == 'servicePlans'
                                                         and resource.HasField('delete_time')):
                        gotten = self.lists.get(resource.name, read_mask=dict(paths=paths))
                        self.assertEqual(settled(gotten), settled(part), f'{resource.name} {paths}')
            for paths in ([], ['*'], ['name', '*'], ['*', 'name']):
                self.assertEqual([r.name for r in self.lists.all(collection, read_mask=dict(paths=paths))],
                                 [r.name for r in everything])
                self.assertEqual([len(r.ListFields()) for r in self.lists.all(collection, read_mask=dict(paths=paths))],
                                 [len(r.ListFields()) for r in everything])

    def test_a_mask_is_of_what_was_found_and_not_of_what_is_looked_for(self):
        found = self.lists.all('licenses', 1, filter='units > 20', order_by='expiration_date',
                               read_mask=dict(paths=['product']))
        self.assertEqual(sorted(l.product for l in found),
                         sorted(l.product for l in self.lists.all('licenses') if l.units > 20))
        self.assertFalse(any(l.units or l.HasField('expiration_date') for l in found))

    def test_masks_of_events_and_of_many_customers(self):
        rpc, paths = self.lists.rpc, ['event_time', 'change.resource', 'change.fields.field']
        events = list(rpc.ListEvents(parent='customers/c-mill', page_size=1000).events)
        expected = [trimmed(e, paths) for e in events]
        self.assertEqual(list(rpc.ListEvents(parent='customers/c-mill', page_size=1000,
                                             read_mask=dict(paths=paths)).events), expected)
        self.assertEqual(rpc.GetEvent(name=events[1].name, read_mask=dict(paths=paths)), expected[1])
        names = ['customers/c-mill', 'customers/c-smile']
        customers = rpc.BatchGetCustomers(names=names, read_mask=dict(paths=['contact.email', 'state'])).customers
        self.assertEqual(list(customers), [trimmed(self.lists.get(n), ['contact.email', 'state']) for n in names])

    def test_unknown_paths_are_refused(self):
        for collection in LISTINGS:
            for path in ('color', 'name.first', '', '.', 'name.', '.name', 'state.*', 'Name', 'create_time.minutes',
                         'licenses.color', 'annotations.tier', 'name,etag'):
                ask = dict(read_mask=dict(paths=['name', path]))
                calls = [(self.lists.all, collection)]
                if LISTINGS[collection].get:
                    calls.append((self.lists.get, self.lists.all(collection, filter='NOT name = x')[0].name))
                for call, which in calls:
                    error = call_error(call, which, **ask)
                    self.assertEqual((error.code, error.reason, set(error.fields)),
                                     (Code.INVALID_ARGUMENT, 'INVALID_FIELDS', {'read_mask'}), f'{which} "{path}"')

    def test_orders_that_are_none_are_refused(self):
        for collection in LISTINGS:
            for order_by in ('units', 'name DESC', 'name,name', 'name desc desc', 'desc', 'create_time',
                             'name; DROP TABLE events', '1',
                             'name asc desc'):
                error = call_error(self.lists.all, collection, order_by=order_by)
                self.assertEqual((error.reason, set(error.fields)), ('INVALID_FIELDS', {'order_by'}),
                                 f'{collection} {order_by}')

    def test_names_that_are_none_match_nothing(self):
        """The database is not asked to compare them: it could not."""
        for collection, field, kind in (('partners', 'parent', 'partners'), ('customers', 'partner', 'partners'),
                                        ('servicePlans', 'partner', 'partners'),
                                        ('servicePlans', 'product', 'products'),
                                        ('subscriptions', 'service_plan', 'servicePlans'),
                                        ('licenses', 'product', 'products'),
                                        ('licensePools', 'product', 'products'),
                                        ('registrationKeys', 'partner', 'partners')):
            for value in (f'{kind}/é', f'{kind}/😀', f'{kind}/', f'{kind}/A', f'x/{kind}', 'é', f'{kind}/a\u0301'):
                with self.subTest(collection=collection, field=field, value=value):
                    page, token = self.lists.page(collection, **{**LISTINGS[collection].everything,
                                                                 'filter': f'{field} = "{value}"'})
                    self.assertEqual((list(page), token), ([], ''))

    def test_any_number_of_bounds_is_the_same_statement(self):
        def licenses(filter):
            return [l.name for l in self.lists.page('licenses', parent='customers/-', order_by='expiration_date',
                                                    page_size=1000,
                                                    filter=filter)[0]]

        def statements():
            return int(self.server.sql("SHOW GLOBAL STATUS LIKE 'Com_stmt_prepare'")[0][1])

        some = licenses('expiration_date >= 2020-01-01 AND expiration_date < 2999-01-01')
        self.assertTrue(some)
        # On each connection.
        for _ in range(6):
            licenses('expiration_date >= 2020-01-01 AND expiration_date < 2999-01-01')
        before = statements()
        for count in range(1, 40):
            bounds = ' AND '.join(f'expiration_date > 20{i:02}-01-01' for i in range(10)) + ' AND ' + ' AND '.join(
                f'expiration_date <= 29{i:02}-12-31' for i in range(60, 60 + count))
            self.assertEqual(licenses(bounds), some)
        self.assertLess(statements() - before, 20)

    def test_all_that_is_wrong_is_said_at_once(self):
        for collection, listing in LISTINGS.items():
            wrong = dict(filter='nonsense ==', order_by='color', read_mask=dict(paths=['color']), page_size=-1)
            if 'parent' in listing.everything:
                wrong['parent'] = 'nonsense'
            if collection == 'registrationKeys':
                wrong['service_plan'] = 'nonsense'
            for read_time in (dict(nanos=-1), dict(seconds=253_402_300_799)):
                error = call_error(self.lists.page, collection, read_time=read_time, **wrong)
                self.assertEqual((error.code, error.reason, set(error.fields)),
                                 (Code.INVALID_ARGUMENT, 'INVALID_FIELDS', {'read_time', *wrong}), collection)
            wrong['page_token'] = 'nonsense'
            del wrong['page_size']
            error = call_error(self.lists.page, collection, **wrong)
            self.assertEqual((error.reason, set(error.fields)), ('INVALID_FIELDS', set(wrong)), collection)
            # What is not found is said when nothing else is wrong.
            if 'parent' in wrong:
                missing = listing.everything['parent'].replace('/-', '/none', 1)
                error = call_error(self.lists.page, collection, parent=missing, filter='nonsense ==')
                self.assertEqual((error.reason, set(error.fields)), ('INVALID_FIELDS', {'filter'}), collection)

    def test_and_of_events(self):
        wrong = dict(parent='nonsense', filter='nonsense ==', order_by='color', read_mask=dict(paths=['color']))
        error = call_error(self.lists.rpc.ListEvents, **wrong)
        self.assertEqual((error.reason, set(error.fields)), ('INVALID_FIELDS', set(wrong)))


if __name__ == '__main__':
    unittest.main()
