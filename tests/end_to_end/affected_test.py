"""What acts on many says how much hangs on it, before anybody says yes: partners, customers, suites, products."""

import unittest

import lmp_server
from lmp_server import Cli, ServerTestCase, call_error, create_customer, new_customer
from rpc import Rpc, broken_promises, details_of

CAS = 'products/cloud-app-security'
HES = 'products/hosted-email-security'
WFS = 'products/worry-free-services'


class AffectedTest(ServerTestCase, unittest.TestCase):

    def setUp(self):
        self.rpc = Rpc(self.client)

    def partner(self, name, customers):
        """A partner whose customers have a subscription with a license each, and one customer without."""
        rpc = self.rpc
        partner = rpc.CreatePartner(partner_id=name, partner=dict(display_name=name, tier='DISTRIBUTOR')).name
        rpc.CreateServicePlan(service_plan_id=f'{name}-plan', service_plan=dict(
            display_name=name, partner=partner, product=CAS, initial_term_months=12))
        names = [rpc.CreateCustomer(customer_id=f'{name}-{i:02}', customer=new_customer(partner=partner)).name
                 for i in range(customers + 1)]
        for customer in names[:-1]:
            rpc.AssignServicePlan(parent=customer, service_plan=f'servicePlans/{name}-plan',
                                  units=[dict(product=CAS, units=5)])
        return partner, names

    def counts(self, answer):
        affected = answer.affected
        return affected.customers, affected.subscriptions, affected.licenses, affected.service_plans

    def test_a_partner_with_its_customers(self):
        partner, names = self.partner('counted', 12)
        self.rpc.DeleteCustomer(name=names[11], force=True)
        for verb in ('SuspendPartner', 'CancelPartner'):
            preview = getattr(self.rpc, verb)(name=partner, validate_only=True)
            self.assertEqual(self.counts(preview), (12, 11, 11, 0), 'one was deleted, one never had anything')
            self.assertEqual(list(preview.affected.first), names[:10])
            self.assertFalse(preview.affected.more)
            self.assertEqual([c.resource for c in preview.changes], [partner],
                             'the rows of the others stay as they are')
        self.assertFalse(self.rpc.UpdatePartner(partner=dict(name=partner, display_name='new')).HasField('affected'))
        canceled = self.rpc.CancelPartner(name=partner)
        self.assertEqual(self.counts(canceled), (12, 11, 11, 0))
        self.assertFalse(self.rpc.GetPartner(name=partner).HasField('affected'), 'a read has none')

    def test_one_more_customer_since_the_preview_is_a_difference(self):
        partner, _ = self.partner('grown', 1)
        preview = self.rpc.CancelPartner(name=partner, validate_only=True)
        self.rpc.CreateCustomer(customer=new_customer(partner=partner))
        error = call_error(self.rpc.CancelPartner, name=partner, preview_token=preview.preview_token)
        self.assertEqual((error.reason, broken_promises(error)), ('PREVIEW_CHANGED', []))
        self.assertEqual(details_of(error)['PreviewChanged'].affected.customers, 3)
        self.assertEqual(self.rpc.GetPartner(name=partner).state, preview.ACTIVE)
        fresh = self.rpc.CancelPartner(name=partner, validate_only=True)
        self.rpc.CancelPartner(name=partner, preview_token=fresh.preview_token)

    def test_a_customer_with_its_licenses(self):
        customer = create_customer(self.client, 'with-much')
        subscriptions = [self.rpc.AssignServicePlan(parent=customer, service_plan=f'servicePlans/{plan}',
                                                    units=units).subscription
                         for plan, units in (('suite-annual', [dict(product=CAS, units=5), dict(product=WFS, units=5)]),
                                             ('hes-annual', [dict(product=HES, units=5)]))]
        licenses = sorted(l.name for s in subscriptions for l in s.licenses)
        for call in (lambda **f: self.rpc.DisableCustomer(name=customer, **f),
                     lambda **f: self.rpc.DeleteCustomer(name=customer, force=True, **f)):
            preview = call(validate_only=True)
            self.assertEqual(self.counts(preview), (1, 2, 3, 0))
            self.assertEqual(list(preview.affected.first), licenses)
        self.assertEqual(self.counts(self.rpc.DisableCustomer(name=customer)), (1, 2, 3, 0))
        self.assertEqual(self.counts(self.rpc.EnableCustomer(name=customer)), (1, 2, 3, 0))
        self.rpc.CancelSubscription(name=subscriptions[1].name)
        self.assertEqual(self.counts(self.rpc.DeleteCustomer(name=customer, force=True)), (1, 1, 2, 0))

    def test_a_suite_and_a_product(self):
        rpc = self.rpc
        product = rpc.CreateProduct(product=dict(display_name='Lone', kind='SERVICE', unit='SEAT')).name
        suite = rpc.CreateProduct(product=dict(display_name='Counted suite', kind='SUITE',
                                               components=[product, HES])).name
        plans = sorted(rpc.CreateServicePlan(service_plan=dict(display_name=f'counted {i}', partner=lmp_server.PARTNER,
                                                               product=suite, initial_term_months=12)).name
                       for i in range(2))
        alone = rpc.CreateServicePlan(service_plan=dict(display_name='alone', partner=lmp_server.PARTNER,
                                                        product=product,
                                                        initial_term_months=12)).name
        licenses = []
        for i, plan in enumerate(plans + [alone]):
            units = [dict(product=product, units=5)] + ([dict(product=HES, units=5)] if plan != alone else [])
            answer = rpc.AssignServicePlan(parent=create_customer(self.client, f'suite-{i}'), service_plan=plan,
                                           units=units)
            licenses += [l.name for l in answer.subscription.licenses if l.product == product]
        preview = rpc.ChangeSuiteComponents(name=suite, add_components=[CAS], validate_only=True)
        self.assertEqual(self.counts(preview), (2, 2, 4, 2))
        self.assertEqual(list(preview.affected.first), plans)
        for verb in ('EndProductSale', 'EndProductLife'):
            preview = getattr(rpc, verb)(name=product, validate_only=True)
            self.assertEqual(self.counts(preview), (3, 3, 3, 3))
            self.assertEqual(list(preview.affected.first), sorted(licenses))
        self.assertEqual(self.counts(rpc.EndProductLife(name=product)), (3, 3, 3, 3))

    def test_the_tool_prints_them(self):
        partner, names = self.partner('printed', 2)
        printed = Cli(self.server.target).ok('partner', 'cancel', 'printed', '--dry-run')
        self.assertRegex(printed, r'(?m)^affected\.customers +3$')
        self.assertRegex(printed, r'(?m)^affected\.licenses +2$')
        self.assertIn(names[0], printed)
        self.assertNotIn('preview_token', printed)


if __name__ == '__main__':
    unittest.main()
