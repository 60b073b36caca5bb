"""Two servers that share a database, and a customer's one subscription to try on both."""

from database_faults import BorrowingServerTestCase
from lmp_server import create_customer
from rpc import Rpc

CAS = 'products/cloud-app-security'


class TwoServersTestCase(BorrowingServerTestCase):
    server_args = ('--time-worker', '0')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        client = cls.start_another().client()
        cls.addClassCleanup(client.channel.close)
        cls.rpc, cls.other = Rpc(cls.client), Rpc(client)

    def subscription(self, customer, plan='cas-monthly', units=10):
        return self.rpc.AssignServicePlan(parent=create_customer(self.client, customer),
                                          service_plan=f'servicePlans/{plan}',
                                          units=[dict(product=CAS, units=units)]).subscription

    def units_of(self, subscription):
        return self.rpc.GetSubscription(name=subscription.name).licenses[0].units
