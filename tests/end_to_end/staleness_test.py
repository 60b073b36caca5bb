"""CheckLicense with max_staleness: an older answer where it is allowed, and only there."""

import unittest

import grpc
from google.protobuf import duration_pb2

from lmp_server import ServerTestCase, assign_request, call_error, create_customer, licensing_api

Code = grpc.StatusCode


class StalenessTest(ServerTestCase, unittest.TestCase):
    def check(self, customer, product='products/cloud-app-security', **staleness):
        request = licensing_api.CheckLicenseRequest(customer=customer, product=product)
        if staleness:
            request.max_staleness.CopyFrom(duration_pb2.Duration(**staleness))
        return self.client.licensing.CheckLicense(request)

    def test_an_answer_may_be_old_only_where_that_is_allowed(self):
        customer = create_customer(self.client, 'stale')
        before = self.check(customer, seconds=3600)
        self.assertFalse(before.usable)
        self.client.licensing.AssignServicePlan(assign_request(customer, 'cas-annual', {'cloud-app-security': 5}))

        old = self.check(customer, seconds=3600)
        # Not around midnight.
        if old.read_time.ToDatetime().date() == self.check(customer).read_time.ToDatetime().date():
            self.assertEqual(old, before, 'to the very read_time')
        for fresh in (self.check(customer), self.check(customer, seconds=0), self.check(customer, nanos=1)):
            self.assertTrue(fresh.usable)
            self.assertGreater(fresh.read_time.ToNanoseconds(), before.read_time.ToNanoseconds())
        self.assertTrue(self.check(customer, seconds=3600).usable, 'the answer of 1 ns is kept, too')

        batch = self.client.licensing.BatchCheckLicenses(licensing_api.BatchCheckLicensesRequest(requests=[
            licensing_api.CheckLicenseRequest(customer=customer, product='products/cloud-app-security',
                                              max_staleness=duration_pb2.Duration(seconds=5))]))
        self.assertTrue(batch.responses[0].usable)

    def test_a_batch_answers_each_of_its_checks(self):
        customer = create_customer(self.client, 'again')
        self.client.licensing.AssignServicePlan(assign_request(customer, 'cas-annual', {'cloud-app-security': 5}))
        pairs = [(customer, 'cloud-app-security'), ('customers/nobody', 'cloud-app-security'),
                 (customer, 'worry-free-services'), (customer, 'cloud-app-security'),
                 ('customers/nobody', 'cloud-app-security')]
        answers = self.client.licensing.BatchCheckLicenses(licensing_api.BatchCheckLicensesRequest(requests=[
            licensing_api.CheckLicenseRequest(customer=c, product=f'products/{p}') for c, p in pairs])).responses
        reasons = licensing_api.CheckLicenseResponse
        self.assertEqual([a.reason for a in answers],
                         [reasons.REASON_UNSPECIFIED, reasons.CUSTOMER_UNKNOWN, reasons.NO_LICENSE,
                          reasons.REASON_UNSPECIFIED, reasons.CUSTOMER_UNKNOWN])
        self.assertEqual(answers[0], answers[3])
        self.assertEqual(answers[1], answers[4])

    def test_errors_are_never_kept(self):
        for _ in range(2):
            self.assertEqual(call_error(self.check, 'customers/nobody-here', seconds=3600).code, Code.NOT_FOUND)
        name = create_customer(self.client, 'nobody-here')
        self.assertEqual(self.check(name, seconds=3600).reason, licensing_api.CheckLicenseResponse.NO_LICENSE)

    def test_what_is_no_staleness(self):
        customer = create_customer(self.client, 'wrong')
        for staleness in ({'seconds': 3601}, {'seconds': 3600, 'nanos': 1}, {'seconds': -1}, {'nanos': -1},
                          {'nanos': 1_000_000_000}):
            error = call_error(self.check, customer, **staleness)
            self.assertEqual((error.code, list(error.fields)), (Code.INVALID_ARGUMENT, ['max_staleness']), staleness)


if __name__ == '__main__':
    unittest.main()
