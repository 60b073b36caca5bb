"""Applying exactly what was previewed: the token of a preview does what was shown, or is refused with what is different
now."""

import base64
import unittest

import grpc

import lmp_server
from lmp.v1.event_pb2 import ListEventsRequest
from lmp_server import PARTNER, call_error, create_customer, in_parallel, new_customer, new_request_id
from rpc import broken_promises, details_of
from two_servers import CAS, TwoServersTestCase

AUTOMATIC = dict(mode='AUTOMATIC')


class PreviewTokenTest(TwoServersTestCase, unittest.TestCase):
    """On two servers that share a database: a token is of no server."""

    @staticmethod
    def set_units(rpc, subscription, units, **fields):
        return rpc.UpdateSubscription(subscription=dict(name=subscription.name), units=[dict(product=CAS, units=units)],
                                      **fields)

    def assert_changed(self, call, *args, **fields):
        """The detail of the refusal."""
        error = call_error(call, *args, **fields)
        self.assertEqual((error.code, error.reason), (grpc.StatusCode.ABORTED, 'PREVIEW_CHANGED'), error)
        self.assertEqual(broken_promises(error), [])
        return details_of(error)['PreviewChanged']

    def events(self, parent):
        return self.client.licensing.ListEvents(ListEventsRequest(parent=parent, page_size=1000)).events

    def test_what_was_shown_is_done_on_any_server_and_once(self):
        subscription = self.subscription('shown')
        request = dict(request_id=new_request_id())
        preview = self.set_units(self.rpc, subscription, 25, validate_only=True, **request)
        self.assertLess(len(preview.preview_token), 300)
        answer = self.set_units(self.other, subscription, 25, preview_token=preview.preview_token, **request)
        self.assertEqual(answer.preview_token, '')
        self.assertEqual(self.units_of(subscription), 25)
        told = [e.change for e in self.events('customers/shown')][-len(preview.changes):]
        self.assertEqual(told, list(preview.changes))
        again = self.set_units(self.rpc, subscription, 25, preview_token=preview.preview_token, **request)
        self.assertEqual(again, answer, 'the same request_id: the first answer, though the token no longer holds')

    def test_another_callers_change_between_is_named(self):
        subscription = self.subscription('between')
        preview = self.set_units(self.rpc, subscription, 25, validate_only=True)
        self.set_units(self.other, subscription, 15)
        changed = self.assert_changed(self.set_units, self.rpc, subscription, 25, preview_token=preview.preview_token)
        change, = changed.changes
        self.assertEqual(change.resource, subscription.licenses[0].name)
        self.assertEqual([(f.field, f.before, f.after) for f in change.fields], [('units', '15', '25')])
        self.assertEqual(self.units_of(subscription), 15, 'nothing was done')
        # Asked again, the preview says it too, and a new one holds.
        self.assert_changed(self.set_units, self.rpc, subscription, 25, preview_token=preview.preview_token,
                            validate_only=True)
        fresh = self.set_units(self.rpc, subscription, 25, validate_only=True)
        held = self.set_units(self.other, subscription, 25, validate_only=True, preview_token=fresh.preview_token)
        self.assertEqual((list(held.changes), held.preview_token), (list(fresh.changes), fresh.preview_token))
        self.set_units(self.other, subscription, 25, preview_token=fresh.preview_token)

    def test_what_no_longer_changes_is_named(self):
        subscription = self.subscription('no-longer')
        preview = self.set_units(self.rpc, subscription, 25, validate_only=True)
        self.set_units(self.other, subscription, 25)
        changed = self.assert_changed(self.set_units, self.rpc, subscription, 25, preview_token=preview.preview_token)
        self.assertEqual((list(changed.changes), list(changed.unchanged)), ([], [subscription.licenses[0].name]))

    def test_a_change_of_something_else_does_no_harm(self):
        subscription = self.subscription('elsewhere')
        preview = self.set_units(self.rpc, subscription, 25, validate_only=True)
        self.other.UpdateCustomer(customer=dict(name='customers/elsewhere', note='hello'))
        self.other.ReportUsage(name=subscription.licenses[0].name, used_units=5)
        self.other.UpdateSubscription(subscription=dict(name=subscription.name, expiration_notice_days=7))
        self.set_units(self.rpc, subscription, 25, preview_token=preview.preview_token)
        self.assertEqual(self.units_of(subscription), 25)

    def test_new_names_codes_and_instants_are_of_no_account(self):
        customer = create_customer(self.client, 'new-things')
        request = dict(parent=customer, service_plan='servicePlans/suite-annual',
                       units=[dict(product=CAS, units=5), dict(product='products/worry-free-services', units=7)])
        preview = self.rpc.AssignServicePlan(**request, validate_only=True)
        done = self.rpc.AssignServicePlan(**request, preview_token=preview.preview_token)
        self.assertNotEqual(done.subscription.name, preview.subscription.name)
        software = dict(parent=customer, service_plan='servicePlans/encryption-annual',
                        units=[dict(product='products/endpoint-encryption', units=5)])
        preview = self.rpc.AssignServicePlan(**software, validate_only=True)
        self.rpc.AssignServicePlan(**software, preview_token=preview.preview_token)
        # Without an id of the caller's, and an instant that is set.
        preview = self.rpc.CreateCustomer(customer=new_customer(), validate_only=True)
        created = self.rpc.CreateCustomer(customer=new_customer(), preview_token=preview.preview_token)
        preview = self.rpc.DeleteCustomer(name=created.name, validate_only=True)
        self.rpc.DeleteCustomer(name=created.name, preview_token=preview.preview_token)

    def test_a_crossgrade_that_becomes_another_one(self):
        customer = create_customer(self.client, 'crossing')
        request = dict(parent=customer, service_plan='servicePlans/cas-annual', units=[dict(product=CAS, units=5)],
                       crossgrade=AUTOMATIC)
        preview = self.rpc.AssignServicePlan(**request, validate_only=True)
        self.other.AssignServicePlan(**{**request, 'service_plan': 'servicePlans/cas-monthly'})
        changed = self.assert_changed(self.rpc.AssignServicePlan, **request, preview_token=preview.preview_token)
        self.assertIn(f'{customer}/licenses/-', changed.unchanged, 'no new license: one moves')
        self.assertTrue(changed.changes)

    def test_of_many_callers_with_one_preview_one_succeeds(self):
        subscription = self.subscription('contended')
        token = self.set_units(self.rpc, subscription, 25, validate_only=True).preview_token

        def call(i):
            try:
                return self.set_units((self.rpc, self.other)[i % 2], subscription, 25, preview_token=token,
                                      request_id=new_request_id()) and 'done'
            except grpc.RpcError as e:
                return lmp_server.Error(e).reason

        outcomes = in_parallel(call, range(24), threads=24)
        self.assertEqual(sorted(outcomes), ['PREVIEW_CHANGED'] * 23 + ['done'])

    def test_bad_tokens_are_named(self):
        subscription = self.subscription('garbled')
        good = self.set_units(self.rpc, subscription, 25, validate_only=True).preview_token
        raw = bytearray(base64.urlsafe_b64decode(good + '=' * (-len(good) % 4)))
        raw[-1] ^= 1
        flipped = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip('=')
        for token in ('x', 'AAAA', '🥐', good[:-4], good + 'AAAA', good + '=', flipped, 'A' * 8_193, 'A' * 30_000):
            with self.subTest(token=token[:40]):
                error = call_error(self.set_units, self.rpc, subscription, 25, preview_token=token)
                self.assertEqual((error.reason, list(error.fields)), ('INVALID_FIELDS', ['preview_token']))
        other_request = call_error(self.set_units, self.rpc, subscription, 26, preview_token=good)
        self.assertEqual(other_request.fields, {'preview_token': 'is from the preview of another request'})
        other_method = call_error(self.rpc.RenewSubscription, name=subscription.name, preview_token=good)
        self.assertEqual(list(other_method.fields), ['preview_token'])
        both = call_error(self.rpc.UpdateSubscription, subscription=dict(name='nonsense'), preview_token='x')
        self.assertEqual(set(both.fields), {'preview_token', 'subscription.name'})
        self.assertEqual(self.units_of(subscription), 10)

    def test_a_roll_out_does_each_subscription_as_shown(self):
        suite = self.rpc.CreateProduct(product=dict(display_name='Rolled', kind='SUITE',
                                                    components=[CAS, 'products/worry-free-services'])).name
        plan = self.rpc.CreateServicePlan(service_plan=dict(display_name='rolled', partner=PARTNER, product=suite,
                                                            initial_term_months=12, auto_renewal=True)).name
        units = [dict(product=CAS, units=5), dict(product='products/worry-free-services', units=7)]
        subscriptions = [self.rpc.AssignServicePlan(parent=create_customer(self.client, f'rolled-{i}'),
                                                    service_plan=plan,
                                                    units=units).subscription.name for i in range(3)]
        self.rpc.ChangeSuiteComponents(name=suite, add_components=['products/hosted-email-security'])
        self.rpc.ApproveServicePlan(name=plan)
        preview = self.rpc.BatchApplyPlanUpdates(service_plan=plan, crossgrade=AUTOMATIC, validate_only=True)
        self.assertEqual(len(preview.results), 3)
        self.other.UpdateCustomer(customer=dict(name='customers/rolled-0', note='not about it'))
        self.other.AssignServicePlan(parent='customers/rolled-1', service_plan='servicePlans/hes-annual',
                                     units=[dict(product='products/hosted-email-security', units=50)])
        done = self.rpc.BatchApplyPlanUpdates(service_plan=plan, crossgrade=AUTOMATIC,
                                              preview_token=preview.preview_token)
        self.assertEqual(len(done.results), 3)
        refused = {r.subscription: r.error.message for r in done.results if r.HasField('error')}
        self.assertEqual(list(refused), [subscriptions[1]], 'it would now be a crossgrade; the others are as they were')
        self.assertIn('changed since the preview', refused[subscriptions[1]])


if __name__ == '__main__':
    unittest.main()
