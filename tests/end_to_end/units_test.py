"""Every field of every request that takes units refuses what is no number of units, and names itself: so no sum of them
grows beyond what it is counted in."""

import unittest

from google.api import field_behavior_pb2
from google.rpc import error_details_pb2

from lmp_server import PARTNER, ServerTestCase, call_error, create_customer
from rpc import METHODS, Rpc, broken_promises

CAS = 'products/cloud-app-security'
PLAN = 'servicePlans/cas-annual'
MOST = 999_999
# The last two are what 2^31 and 2^32 - 1 on the wire are in a field of 32 bits.
NO_UNITS = (MOST + 1, 2**31 - 1, -2**31, -1)


def units_fields(descriptor, prefix=''):
    """Paths of all numbers of units in a request, without what the server alone sets."""
    for field in descriptor.fields:
        behavior = field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
        if field_behavior_pb2.OUTPUT_ONLY in behavior:
            continue
        path = f'{prefix}{field.name}'
        if field.type == field.TYPE_INT32 and 'units' in field.name:
            yield path
        elif field.type == field.TYPE_MESSAGE and field.message_type.full_name.startswith('lmp.'):
            yield from units_fields(field.message_type, f'{path}.')


def units(product, number):
    return [dict(product=product, units=number)]


class UnitsTest(ServerTestCase, unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rpc = Rpc(cls.client)
        cls.customer = create_customer(cls.client, 'counted')
        cls.subscription = cls.assign(PLAN, CAS)
        cls.key = cls.rpc.CreateRegistrationKey(registration_key=dict(
            service_plan=PLAN, units=units(CAS, 5))).name
        cls.make_levels()
        cls.make_a_suite_that_has_grown()

    @classmethod
    def assign(cls, plan, *products):
        return cls.rpc.AssignServicePlan(parent=cls.customer, service_plan=plan,
                                         units=[one for p in products for one in units(p, 5)]).subscription

    @classmethod
    def product(cls, **fields):
        return cls.rpc.CreateProduct(product=dict(display_name='p', kind='SERVICE', unit='SEAT', **fields)).name

    @classmethod
    def plan(cls, product):
        return cls.rpc.CreateServicePlan(service_plan=dict(display_name=product, partner=PARTNER, product=product,
                                                           initial_term_months=1)).name

    @classmethod
    def make_levels(cls):
        low, high = (cls.product(family='levels', level=level) for level in (1, 2))
        cls.higher = cls.plan(high)
        cls.leveled = cls.assign(cls.plan(low), low)

    @classmethod
    def make_a_suite_that_has_grown(cls):
        components = [cls.product() for _ in range(2)]
        suite = cls.rpc.CreateProduct(product=dict(display_name='s', kind='SUITE', components=components)).name
        cls.suite_plan = cls.plan(suite)
        cls.grown = cls.assign(cls.suite_plan, *components)
        cls.added = cls.product()
        cls.rpc.ChangeSuiteComponents(name=suite, add_components=[cls.added])
        cls.rpc.ApproveServicePlan(name=cls.suite_plan)

    def requests(self):
        """{(method, path): (the request with so many units, the field that a refusal names)}"""
        return {**self.of_subscriptions(), **self.of_others()}

    def of_subscriptions(self):
        name, listed, added = self.subscription.name, f'units[{CAS}].units', f'units[{self.added}].units'
        return {
            ('ApplyPlanUpdates', 'units.units'): (
                lambda n: dict(name=self.grown.name, units=units(self.added, n)), added),
            ('AssignServicePlan', 'units.units'): (
                lambda n: dict(parent=self.customer, service_plan=PLAN, units=units(CAS, n)), listed),
            ('BatchApplyPlanUpdates', 'units.units'): (
                lambda n: dict(service_plan=self.suite_plan, units=units(self.added, n)), added),
            ('BatchUpdateSubscriptions', 'update.units.units'): (
                lambda n: dict(parent=self.customer, subscriptions=[name], update=dict(units=units(CAS, n))),
                f'update.{listed}'),
            ('ChangeServicePlan', 'units'): (
                lambda n: dict(name=self.leveled.name, service_plan=self.higher, units=n), 'units'),
            ('UpdateSubscription', 'units.units'): (
                lambda n: dict(subscription=dict(name=name), units=units(CAS, n)), listed),
        }

    def of_others(self):
        pool = f'{PARTNER}/licensePools/cloud-app-security'
        product = dict(display_name='p', kind='SERVICE', unit='SEAT')
        created, updated = (lambda **fields: dict(product=dict(product, **fields)),
                            lambda **fields: dict(product=dict(name=CAS, **fields)))
        of_key = f'registration_key.units[{CAS}].units'
        return {
            ('AddLicensePoolUnits', 'units'): (lambda n: dict(name=pool, units=n), 'units'),
            ('CreateProduct', 'product.min_units'): (lambda n: created(min_units=n), 'product.min_units'),
            ('CreateProduct', 'product.max_units'): (lambda n: created(max_units=n), 'product.max_units'),
            ('CreateRegistrationKey', 'registration_key.units.units'): (
                lambda n: dict(registration_key=dict(service_plan=PLAN, units=units(CAS, n))), of_key),
            ('ReportUsage', 'used_units'): (
                lambda n: dict(name=self.subscription.licenses[0].name, used_units=n), 'used_units'),
            ('UpdateLicensePool', 'license_pool.minimum_units'): (
                lambda n: dict(license_pool=dict(name=pool, minimum_units=n)), 'license_pool.minimum_units'),
            ('UpdateProduct', 'product.min_units'): (lambda n: updated(min_units=n), 'product.min_units'),
            ('UpdateProduct', 'product.max_units'): (lambda n: updated(max_units=n), 'product.max_units'),
            ('UpdateRegistrationKey', 'registration_key.units.units'): (
                lambda n: dict(registration_key=dict(name=self.key, units=units(CAS, n))), of_key),
        }

    def test_each_is_looked_at(self):
        there = {(name, path) for name, method in METHODS.items() for path in units_fields(method.input_type)}
        self.assertEqual(set(self.requests()), there)

    def refusal(self, method, fields):
        """{field: what is wrong with it}; of a batch, that of its only result."""
        call = getattr(self.rpc, method)
        if method != 'BatchApplyPlanUpdates':
            error = call_error(call, **fields)
            self.assertEqual((error.reason, broken_promises(error)), ('INVALID_FIELDS', []), error)
            return error.fields
        result, = call(**fields).results
        bad = error_details_pb2.BadRequest()
        self.assertTrue(any(detail.Unpack(bad) for detail in result.error.details), result)
        return {violation.field: violation.description for violation in bad.field_violations}

    def test_what_is_no_number_of_units_is_refused_by_name(self):
        for (method, path), (request, field) in self.requests().items():
            for number in NO_UNITS:
                with self.subTest(method=method, field=path, number=number):
                    self.assertIn(field, self.refusal(method, request(number)))


if __name__ == '__main__':
    unittest.main()
