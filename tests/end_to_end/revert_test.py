"""What a request changed of a customer's subscriptions is taken back: previewed, once, by whoever comes first, where
nobody has changed it since; and the history says so."""

import unittest

import grpc

import lmp_server
from lmp_server import Cli, call_error, in_parallel, new_request_id, to_date, today
from rpc import broken_promises
from two_servers import CAS, TwoServersTestCase

NOTHING = 'customers/revert-nobody'


class RevertTest(TwoServersTestCase, unittest.TestCase):
    """On two servers that share a database."""

    def set_units(self, subscription, units, rpc=None, **fields):
        return (rpc or self.rpc).UpdateSubscription(subscription=dict(name=subscription.name),
                                                    units=[dict(product=CAS, units=units)], **fields)

    def events(self, subscription):
        """Of the customer, in order."""
        return list(self.rpc.ListEvents(parent=subscription.name.split('/subscriptions')[0], page_size=1000).events)

    def assert_refused(self, reason, **fields):
        error = call_error(self.rpc.RevertChange, **fields)
        self.assertEqual((error.reason, broken_promises(error)), (reason, []), error)
        return error

    def test_a_change_is_taken_back_as_an_event_that_names_it(self):
        subscription = self.subscription('revert-one')
        license = subscription.licenses[0].name
        self.set_units(subscription, 25)
        old = self.events(subscription)[-1]
        preview = self.rpc.RevertChange(name=old.name, validate_only=True)
        self.assertEqual([(c.event_kind, c.resource, [(f.field, f.before, f.after) for f in c.fields])
                          for c in preview.changes], [('CHANGE_REVERTED', license, [('units', '25', '10')])])
        self.assertEqual(self.units_of(subscription), 25, 'a preview stores nothing')
        request = dict(name=old.name, request_id=new_request_id(), preview_token=preview.preview_token)
        answer = self.other.RevertChange(metadata=[('lmp-reason', 'a typing mistake')], **request)
        self.assertEqual(list(answer.reverted_events), [old.name])
        self.assertEqual([s.licenses[0].units for s in answer.subscriptions], [10])
        self.assertEqual([a.code for a in answer.advisories], [2], 'UNITS_REDUCED')
        self.assertEqual(self.rpc.RevertChange(**request), answer, 'a repeat is answered, not done')
        new = self.events(subscription)[-1]
        self.assertEqual((new.change.event_kind, new.request_id, new.reason),
                         ('CHANGE_REVERTED', request['request_id'], f'reverts {old.name}: a typing mistake'))
        self.assertEqual(new.change.resource, old.change.resource)
        error = self.assert_refused('CHANGED_SINCE', name=old.name)
        self.assertEqual((error.code, error.metadata['resources']), (grpc.StatusCode.ABORTED, license))
        self.rpc.RevertChange(name=new.name)
        self.assertEqual(self.units_of(subscription), 25, 'what was taken back can be taken back')

    def test_all_that_a_request_changed_named_by_any_event_or_by_its_id(self):
        subscriptions = [self.subscription(f'revert-all-{i}') for i in range(2)]
        for subscription, by in zip(subscriptions, ('event', 'request')):
            self.set_units(subscription, 12, effective_date=to_date(today() + lmp_server.datetime.timedelta(days=5)))
            request_id, before = new_request_id(), self.rpc.GetSubscription(name=subscription.name)
            changed = self.rpc.SuspendSubscription(name=subscription.name, request_id=request_id)
            self.assertEqual(len(changed.dropped_changes), 1)
            names = [e.name for e in self.events(subscription) if e.request_id == request_id]
            self.assertEqual(len(names), 3, 'subscription, license, scheduled change')
            customer = subscription.name.split('/subscriptions')[0]
            how = (dict(name=names[1]) if by == 'event' else
                   dict(change_request_id=request_id.upper(), customer=customer))
            answer = self.rpc.RevertChange(**how)
            self.assertEqual(list(answer.reverted_events), names)
            after = self.rpc.GetSubscription(name=subscription.name)
            for each in (before, after):
                for field in ('etag', 'update_time'):
                    each.ClearField(field)
                    each.licenses[0].ClearField(field)
            self.assertEqual(after, before)
            waiting = self.rpc.ListScheduledChanges(parent=subscription.name).scheduled_changes
            self.assertEqual([c.name for c in waiting], [changed.dropped_changes[0].name])

    def test_a_repeat_is_answered_though_what_it_took_back_is_not_found_any_more(self):
        subscription = self.subscription('revert-repeated')
        self.set_units(subscription, 25)
        customer = subscription.name.split('/subscriptions')[0]
        change = self.events(subscription)[-1].request_id
        request = dict(customer=customer, change_request_id=change, request_id=new_request_id())
        answer = self.rpc.RevertChange(**request)
        self.rpc.DeleteCustomer(name=customer, force=True)
        self.assertEqual(self.other.RevertChange(**request), answer)
        self.assert_refused('CUSTOMER_NOT_FOUND', customer=NOTHING, change_request_id=change,
                            request_id=new_request_id())

    def test_a_renewal_that_a_change_made_due_is_not_left_behind(self):
        subscription = self.subscription('revert-renewed', plan='cas-annual')
        customer = subscription.name.split('/')[1]
        self.database.sql(f"""UPDATE licenses SET start_date = UTC_DATE() - INTERVAL 12 MONTH - INTERVAL 1 DAY,
            anchor_date = start_date, expiration_date = UTC_DATE() - INTERVAL 1 DAY,
            grace_end_date = UTC_DATE() + INTERVAL 29 DAY, announced_date = grace_end_date, due_date = grace_end_date
            WHERE customer_id = '{customer}'""")
        request_id = new_request_id()
        renewed = self.rpc.UpdateSubscription(subscription=dict(name=subscription.name, auto_renewal=True),
                                              update_mask=dict(paths=['auto_renewal']), request_id=request_id)
        self.assertGreater(lmp_server.from_date(renewed.subscription.licenses[0].expiration_date), today())
        error = self.assert_refused('CHANGED_SINCE', change_request_id=request_id, customer=f'customers/{customer}')
        self.assertIn(subscription.licenses[0].name, error.metadata['resources'])

    def test_what_can_not_be_taken_back(self):
        subscription = self.subscription('revert-never')
        customer = subscription.name.split('/subscriptions')[0]
        created, assigned = self.events(subscription)[0].name, self.events(subscription)[-1].name
        for name in (created, assigned):
            self.assert_refused('NOT_REVERTIBLE', name=name)
        pool = self.rpc.AddLicensePoolUnits(name='partners/acme-msp/licensePools/hosted-email-security', units=100)
        self.assert_refused('NOT_REVERTIBLE', name=self.rpc.ListEvents(parent=pool.name).events[-1].name)
        self.assert_refused('EVENT_NOT_FOUND', name='events/999999')
        self.assert_refused('EVENT_NOT_FOUND', name='events/0017')
        self.assert_refused('EVENT_NOT_FOUND', change_request_id=new_request_id(), customer=customer)
        self.assert_refused('CUSTOMER_NOT_FOUND', change_request_id=new_request_id(), customer=NOTHING)
        for wrong, fields in ((dict(), ['name']), (dict(name='events/1', customer=customer), ['customer']),
                              (dict(name='events/1', change_request_id=new_request_id()), ['name', 'customer']),
                              (dict(change_request_id='x', customer=customer), ['change_request_id'])):
            self.assertEqual(sorted(self.assert_refused('INVALID_FIELDS', **wrong).fields), sorted(fields))
        self.set_units(subscription, 11)
        name = self.events(subscription)[-1].name
        self.assert_refused('ETAG_MISMATCH', name=name, etag='stale')
        etag = self.rpc.GetCustomer(name=customer).etag
        self.rpc.DisableCustomer(name=customer)
        self.assert_refused('CUSTOMER_DISABLED', name=name)
        self.rpc.EnableCustomer(name=customer)
        self.assert_refused('ETAG_MISMATCH', name=name, etag=etag)
        self.rpc.RevertChange(name=name, etag=self.rpc.GetCustomer(name=customer).etag)

    def test_of_many_at_once_one_takes_it_back(self):
        subscription = self.subscription('revert-race')
        self.set_units(subscription, 20)
        name = self.events(subscription)[-1].name

        def revert(i):
            try:
                return [self.rpc, self.other][i % 2].RevertChange(name=name).subscriptions[0].licenses[0].units
            except grpc.RpcError as error:
                return lmp_server.Error(error).reason

        results = in_parallel(revert, range(24), threads=8)
        self.assertEqual(sorted(map(str, results)), ['10'] + ['CHANGED_SINCE'] * 23)
        self.assertEqual(self.units_of(subscription), 10)

    def test_among_changes_of_others_nothing_is_lost(self):
        """Each unit that anybody changed is in the history, and each reversal found its change as it was left."""
        subscription = self.subscription('revert-crowd')

        def change(i):
            rpc = [self.rpc, self.other][i % 2]
            self.set_units(subscription, 11 + i, rpc)
            try:
                return bool(rpc.RevertChange(name=self.events(subscription)[-1].name))
            except grpc.RpcError as error:
                self.assertIn(lmp_server.Error(error).reason, ('CHANGED_SINCE', 'NOT_REVERTIBLE'), error)
                return False

        results = in_parallel(change, range(60), threads=6)
        self.assertIn(True, results)
        units, of_event = 10, {}
        for event in self.events(subscription):
            for field in event.change.fields:
                if field.field != 'units' or event.change.created:
                    continue
                self.assertEqual(field.before, str(units), event)
                units, of_event[event.name] = int(field.after), (field.before, field.after)
                if event.change.event_kind == 'CHANGE_REVERTED':
                    reverted = event.reason.removeprefix('reverts ')
                    self.assertEqual(of_event[event.name], of_event[reverted][::-1])
        self.assertEqual(self.units_of(subscription), units)

    def test_by_the_tool(self):
        subscription = self.subscription('revert-tool')
        self.set_units(subscription, 30)
        event = self.events(subscription)[-1]
        cli = Cli(self.server.target)
        shown = cli.ok('event', 'revert', event.name.split('/')[1], '--dry-run')
        self.assertIn('CHANGE_REVERTED', shown)
        self.assertIn('30 → 10', shown)
        answer = cli.json('event', 'revert', '--change-request-id', event.request_id, '--customer', 'revert-tool')
        self.assertEqual(answer['reverted_events'], [event.name])
        self.assertEqual(self.units_of(subscription), 10)
        again = cli.run('event', 'revert', event.name)
        self.assertIn('CHANGED_SINCE', again.stderr)
        self.assertIn('lmp event list', again.stderr)


if __name__ == '__main__':
    unittest.main()
