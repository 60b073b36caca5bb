"""What is allowed but looks like a mistake is said in every answer and preview, and by the tool."""

import datetime
import unittest

from lmp.v1 import advisory_pb2
from lmp_server import Cli, ServerTestCase, create_customer, new_request_id, to_date, today
from rpc import Rpc

CAS = 'products/cloud-app-security'
AUTOMATIC = dict(mode='AUTOMATIC')


def codes(answer):
    return [advisory_pb2.AdvisoryCode.Name(a.code) for a in answer.advisories]


class AdvisoriesTest(ServerTestCase, unittest.TestCase):

    def setUp(self):
        self.rpc = Rpc(self.client)

    def assign(self, customer, plan, units, **fields):
        return self.rpc.AssignServicePlan(parent=customer, service_plan=f'servicePlans/{plan}',
                                          units=[dict(product=CAS, units=units)], **fields)

    def test_preview_answer_and_repeat_say_the_same(self):
        customer = create_customer(self.client, 'sixty')
        self.assertEqual(codes(self.assign(customer, 'cas-monthly', 60)), [])
        request = dict(customer=customer, plan='cas-monthly', units=10, crossgrade=AUTOMATIC,
                       request_id=new_request_id())
        preview = self.assign(**request, validate_only=True)
        answer = self.assign(**request)
        repeated = self.assign(**request)
        self.assertEqual(codes(answer), ['UNITS_REDUCED'])
        advisory, = answer.advisories
        self.assertEqual(advisory.resource, answer.subscription.licenses[0].name)
        self.assertIn('has 10 units, not 60', advisory.text)
        self.assertEqual(list(preview.advisories), list(answer.advisories))
        self.assertEqual(repeated, answer)

    def test_every_kind_of_answer_that_shows_licenses_has_them(self):
        customer = create_customer(self.client, 'kinds')
        subscription = self.assign(customer, 'cas-monthly', 60,
                                   start_date=to_date(today() - datetime.timedelta(days=1)))
        self.assertEqual(codes(subscription), ['BACKDATED'])
        name = subscription.subscription.name
        self.assertEqual(codes(self.rpc.UpdateSubscription(subscription=dict(name=name),
                                                           units=[dict(product=CAS, units=600)])),
                         ['UNITS_MULTIPLIED'])
        self.assertEqual(codes(self.rpc.BatchUpdateSubscriptions(parent=customer, update=dict(
            subscription=dict(auto_renewal=False), update_mask=dict(paths=['auto_renewal'])))), ['NEVER_RENEWS'])
        key = self.rpc.CreateRegistrationKey(registration_key=dict(
            service_plan='servicePlans/cas-monthly', units=[dict(product=CAS, units=6)])).name
        redeemed = self.rpc.RedeemRegistrationKey(name=key, customer=customer, crossgrade=AUTOMATIC)
        self.assertIn('UNITS_REDUCED', codes(redeemed))
        license = redeemed.subscription.licenses[0].name
        self.assertEqual(codes(self.rpc.ReportUsage(name=license, used_units=3)), [])
        self.assertEqual(len(self.rpc.GetLicense(name=license).advisories), 0, 'a read has none')

    def test_the_tool_prints_them_in_answers_and_previews(self):
        customer = create_customer(self.client, 'printed')
        self.assign(customer, 'cas-monthly', 60)
        cli = Cli(self.server.target)
        command = ['assign', 'printed', 'cas-monthly', '--units', '10', '--crossgrade', 'auto']
        for flags in (['--dry-run'], []):
            printed = cli.ok(*command, *flags)
            self.assertRegex(printed, rf'(?m)^note: UNITS_REDUCED {customer}/licenses/\w+: has 10 units, not 60')
        self.assertNotIn('note:', cli.ok(*command), 'the second time nothing gets fewer')


if __name__ == '__main__':
    unittest.main()
