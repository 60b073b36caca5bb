"""Whatever the database says, no word of it reaches a caller, and of what is INTERNAL the log has it all."""

import re
import time
import unittest
import uuid

import lmp_server
from database_faults import PASSWORD, USER, BorrowingServerTestCase
from lmp_server import call_error, new_customer
from rpc import METHODS, Rpc, broken_promises, details_of, required, server_error

# Also the words of a failure that we make up: a trigger repeats them as the database's own text.
NATIVE = f'SELECT note FROM lmp.customers at db.example.com:3306 /run/mysqld/mysqld.sock as {USER} (MariaDB)'

# What happens → (the fault, the reason a caller gets, what the log says of it; None: nothing is to be told).
# Faults of one statement are those of the INSERT that makes a customer.
FAULTS = {
    'gone': (lambda d: d.gone(), 'DATABASE_UNAVAILABLE', None),
    'read only': (lambda d: d.read_only(), 'DATABASE_READ_ONLY', None),
    'deadlock': (lambda d: d.failing(1213, '40001', NATIVE), 'TRANSACTION_CONFLICT', None),
    'lock wait timeout': (lambda d: d.failing(1205, 'HY000', NATIVE), 'DEADLINE_PASSED', None),
    'conflict with a node': (lambda d: d.failing(1020, 'HY000', NATIVE), 'TRANSACTION_CONFLICT', None),
    'duplicate key': (lambda d: d.failing(1062, '23000', NATIVE), 'TRANSACTION_CONFLICT', None),
    'disk full': (lambda d: d.failing(1021, 'HY000', NATIVE), 'DATABASE_UNAVAILABLE', None),
    'table full': (lambda d: d.failing(1114, 'HY000', NATIVE), 'DATABASE_UNAVAILABLE', None),
    'out of memory': (lambda d: d.failing(1037, 'HY001', NATIVE), 'DATABASE_UNAVAILABLE', None),
    'too many connections': (lambda d: d.failing(1040, '08004', NATIVE), 'DATABASE_UNAVAILABLE', None),
    'shutting down': (lambda d: d.failing(1053, '08S01', NATIVE), 'DATABASE_UNAVAILABLE', None),
    'statement killed': (lambda d: d.failing(1317, '70100', NATIVE), 'DATABASE_UNAVAILABLE', None),
    'statement too long': (lambda d: d.failing(1969, '70100', NATIVE), 'DEADLINE_PASSED', None),
    'a number of a later version': (lambda d: d.failing(4999, 'HY000', NATIVE), 'INTERNAL_FAILURE', re.escape(NATIVE)),
    'no such column': (lambda d: d.altered('ALTER TABLE customers RENAME COLUMN city TO town',
                                           'ALTER TABLE customers RENAME COLUMN town TO city'),
                       'INTERNAL_FAILURE', r"Unknown column .*city"),
    'a column more': (lambda d: d.altered('ALTER TABLE customers ADD COLUMN surprise INT NOT NULL',
                                          'ALTER TABLE customers DROP COLUMN surprise'),
                      'INTERNAL_FAILURE', r"Field 'surprise' doesn't have a default value"),
    'no such table': (lambda d: d.altered('RENAME TABLE events TO old_events', 'RENAME TABLE old_events TO events'),
                      'INTERNAL_FAILURE', r"Table 'lmp\.events' doesn't exist"),
    'no such table to read': (lambda d: d.altered('RENAME TABLE customers TO clients',
                                                  'RENAME TABLE clients TO customers'),
                              'INTERNAL_FAILURE', r"Table 'lmp\.customers' doesn't exist"),
    'value too long': (lambda d: d.altered('ALTER TABLE customers MODIFY note VARCHAR(3) NOT NULL',
                                           'ALTER TABLE customers MODIFY note VARCHAR(500) NOT NULL'),
                       'INTERNAL_FAILURE', r"Data too long for column 'note'"),
    'number too large': (lambda d: d.failing(1264, '22003', NATIVE), 'INTERNAL_FAILURE', re.escape(NATIVE)),
    'a rule more': (lambda d: d.altered("ALTER TABLE customers ADD CONSTRAINT no_notes CHECK (note = '')",
                                        'ALTER TABLE customers DROP CONSTRAINT no_notes'),
                    'INTERNAL_FAILURE', r'(?i)constraint .no_notes. (failed for `lmp`\.`customers`|is violated)'),
    'no privilege': (lambda d: d.failing(1142, '42000', NATIVE), 'INTERNAL_FAILURE', re.escape(NATIVE)),
}


def texts_of(message):
    """All strings in a message, and in the messages in it."""
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE and field.message_type.GetOptions().map_entry:
            yield from value.keys()
            yield from value.values()
        elif field.type in (field.TYPE_MESSAGE, field.TYPE_STRING):
            for one in value if field.label == field.LABEL_REPEATED else [value]:
                yield from [one] if field.type == field.TYPE_STRING else texts_of(one)


class DatabaseErrorsTest(BorrowingServerTestCase, unittest.TestCase):
    server_args = ('--time-worker', '0')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rpc = Rpc(cls.client)
        columns = cls.database.sql("SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = "
                                   "'lmp' UNION "
                                   "SELECT column_name FROM information_schema.columns WHERE table_schema = 'lmp'")
        cls.leaks = re.compile('|'.join([
            r'\b(select|insert|update|delete|alter|create|drop|rename|commit|rollback|into|from|where|set)\b',
            r'mysql|mariadb|innodb|errno|sqlstate|connector|constraint|trigger|column|table',
            r'localhost|127\.0\.0\.1|example\.com|\.sock|/tmp|/run|lender', f'{USER}|{PASSWORD}',
            r'\b[1-4]\d{3}\b', r'\b(HY\d{3}|42\w\d\d|23000|40001|08S01|70100)\b',
            *(rf'\b{name}\b' for name, in columns)]), re.IGNORECASE)
        assert cls.leaks.search('no such table: customer_id') and len(columns) > 80, columns

    def assert_tells_nothing(self, error):
        """Not in the message, the details, or the metadata."""
        self.assertEqual(broken_promises(error), [], error)
        uuid.UUID(error.trailers['x-request-id'])
        seen = [error.message]
        for detail in details_of(error).values():
            seen += texts_of(detail)
        for text in seen:
            if text in (error.reason, 'log_id'):
                continue
            found = self.leaks.search(text.replace(error.trailers['x-request-id'], ''))
            self.assertIsNone(found, f'"{text}" of {error}')
        return error

    def log_of(self, error):
        """Its line, by what the caller was told."""
        def line():
            return next((e for e in self.server.log_entries() if e.get('x_request_id') == error.metadata['log_id']),
                        None)
        return lmp_server.wait_until(line, 5, 'the line of the call')

    def failed_create(self, fault):
        with fault(self.database):
            return call_error(self.rpc.CreateCustomer, customer=new_customer(note='a note'), timeout=10)

    def test_the_caller_learns_what_to_do_and_nothing_of_the_database(self):
        for name, (fault, reason, _) in FAULTS.items():
            with self.subTest(fault=name):
                error = self.assert_tells_nothing(self.failed_create(fault))
                self.assertEqual(error.reason, reason, error)
        self.assertTrue(self.rpc.CreateCustomer(customer=new_customer()).name, 'and afterwards all is well')

    def assert_log_has_native_text(self, name):
        fault, _, native = FAULTS[name]
        line = self.log_of(self.failed_create(fault))
        self.assertEqual((line['severity'], line['code'], line['reason']), ('ERROR', 'INTERNAL', 'INTERNAL_FAILURE'))
        self.assertRegex(line['error'], r'MySQL error \d{4} .*, in: ')
        self.assertRegex(line.get('database', ''), native, line)

    def test_the_log_has_the_words_of_the_database_under_the_id_that_the_caller_has(self):
        for name in (n for n, (_, _, native) in FAULTS.items() if native):
            with self.subTest(fault=name):
                self.assert_log_has_native_text(name)

    def test_a_real_lock_that_is_not_released(self):
        name = self.rpc.CreateCustomer(customer=new_customer()).name
        with self.database.locked(f"customers WHERE customer_id = '{name.split('/')[1]}'"):
            error = lmp_server.Error(server_error(lambda: self.rpc.DisableCustomer(name=name, timeout=1)))
        self.assert_tells_nothing(error)
        self.assertEqual(error.reason, 'DEADLINE_PASSED', error)

    def test_a_password_that_was_changed(self):
        change, undo = (f"ALTER USER {USER}@localhost IDENTIFIED BY '{password}'" for password in ('another', PASSWORD))
        with self.database.reconnected(change, undo):
            error = self.assert_tells_nothing(call_error(self.rpc.ListPartners))
            self.assertEqual(error.reason, 'INTERNAL_FAILURE', error)
            self.assertIn('refuses our user', self.log_of(error)['error'])
        self.client.wait_healthy()

    def test_a_node_without_a_quorum_is_not_ready_and_lives(self):
        """It says so of every table, and still knows what 1 is: as one of Galera that was cut off."""
        away = ("DELIMITER //\nCREATE FUNCTION quorum() RETURNS INT BEGIN SIGNAL SQLSTATE '08S01' SET "
                "MYSQL_ERRNO = 1047, MESSAGE_TEXT = 'WSREP has not yet prepared node for application use'; RETURN 1; "
                'END//\nDELIMITER ;\nRENAME TABLE catalogue_version TO kept; '
                'CREATE VIEW catalogue_version AS SELECT * FROM kept WHERE quorum() = 1')
        back = 'DROP VIEW catalogue_version; DROP FUNCTION quorum; RENAME TABLE kept TO catalogue_version'
        with self.database.altered(away, back):
            self.client.wait_healthy(status=lmp_server.NOT_SERVING, timeout=15)
            self.assertEqual(self.client.health_status('liveness'), lmp_server.SERVING)
            self.assertEqual(self.database.sql('SELECT 1'), [['1']])
            error = self.assert_tells_nothing(call_error(self.rpc.CreateCustomer, customer=new_customer()))
            self.assertEqual(error.reason, 'DATABASE_UNAVAILABLE', error)
        self.client.wait_healthy()
        self.assertTrue(self.rpc.CreateCustomer(customer=new_customer()).name)

    def test_a_rollout_that_fails_inside_says_so_and_is_logged(self):
        rpc, product = self.rpc, dict(display_name='p', kind='SERVICE', unit='SEAT')
        components = [rpc.CreateProduct(product=product).name for _ in range(3)]
        suite = rpc.CreateProduct(product=dict(display_name='s', kind='SUITE', components=components[:2])).name
        plan = rpc.CreateServicePlan(service_plan=dict(display_name='s', partner=self.NAMES[0], product=suite,
                                                       initial_term_months=1)).name
        rpc.AssignServicePlan(parent=rpc.CreateCustomer(customer=new_customer()).name, service_plan=plan,
                              units=[dict(product=p, units=1) for p in components[:2]])
        rpc.ChangeSuiteComponents(name=suite, add_components=components[2:])
        rpc.ApproveServicePlan(name=plan)
        fault, reason, _ = FAULTS['no such table']  # not of those that a page is read from
        with fault(self.database):
            error = self.assert_tells_nothing(call_error(rpc.BatchApplyPlanUpdates, service_plan=plan))
        self.assertEqual(error.reason, reason, error)
        self.assertTrue(self.log_of(error)['error'])

    # Every RPC, not only one.

    NAMES = ('partners/acme-msp', 'customers/someone', 'products/cloud-app-security', 'servicePlans/cas-annual',
             'customers/someone/subscriptions/some', 'customers/someone/licenses/some',
             'customers/someone/scheduledChanges/some', 'partners/acme-msp/licensePools/cloud-app-security',
             'registrationKeys/some', 'events/1', 'apiKeys/some')
    OTHERS = dict(  # what a request needs beside a name
        CreateApiKey=dict(api_key=dict(roles=['CHECKER'])),
        UpdateApiKey=dict(api_key=dict(name=NAMES[10], display_name='x')),
        CreatePartner=dict(partner=dict(display_name='x', tier='DISTRIBUTOR')),
                  CreateCustomer=dict(customer=new_customer()),
        CreateProduct=dict(product=dict(display_name='x', kind='SERVICE', unit='SEAT')),
        CreateServicePlan=dict(service_plan=dict(display_name='x', partner=NAMES[0], product=NAMES[2],
                                                 initial_term_months=1)),
        CreateRegistrationKey=dict(registration_key=dict(service_plan=NAMES[3])), AddLicensePoolUnits=dict(units=1),
        UpdatePartner=dict(partner=dict(name=NAMES[0])), UpdateCustomer=dict(customer=dict(name=NAMES[1], city='x')),
        UpdateProduct=dict(product=dict(name=NAMES[2])), UpdateServicePlan=dict(service_plan=dict(name=NAMES[3])),
        UpdateSubscription=dict(subscription=dict(name=NAMES[4], auto_renewal=True)),
        UpdateRegistrationKey=dict(registration_key=dict(name=NAMES[8], note='x')),
        UpdateLicensePool=dict(license_pool=dict(name=NAMES[7])), ReportUsage=dict(used_units=1),
        BatchGetCustomers=dict(names=[NAMES[1]]), CheckLicense=dict(customer=NAMES[1], product=NAMES[2]),
        BatchCheckLicenses=dict(requests=[dict(customer=NAMES[1], product=NAMES[2])]),
                  BatchUpdateSubscriptions=dict(cancel={}),
        AssignServicePlan=dict(parent=NAMES[1], service_plan=NAMES[3]),
                  ListAssignableServicePlans=dict(customer=NAMES[1]),
        ChangeServicePlan=dict(service_plan=NAMES[3]), BatchApplyPlanUpdates=dict(service_plan=NAMES[3]),
        RedeemRegistrationKey=dict(customer=NAMES[1]), GetUsageReport=dict(month=dict(year=2026, month=1)))

    def error_beyond_parsing(self, method):
        """What the call of this method fails with that is well-formed: it is sent with one name after another."""
        names_field = next((f for f in ('name', 'parent') if f in METHODS[method].input_type.fields_by_name), None)
        for name in self.NAMES if names_field else ('',):
            fields = {**({names_field: name} if name else {}), **required(method, {}), **self.OTHERS.get(method, {})}
            error = call_error(getattr(self.rpc, method), **fields)
            if error.reason != 'INVALID_FIELDS':
                return error
        raise AssertionError(f'{method}: nothing is well-formed: {error}')

    def assert_every_rpc_fails(self, reasons):
        # These two ask nobody.
        for method in METHODS:
            with self.subTest(method=method):
                asked = method not in ('ListLicenseTokenKeys', 'WhoAmI')
                error = self.assert_tells_nothing(self.error_beyond_parsing(method)) if asked else None
                if error is not None:
                    self.assertIn(error.reason, reasons, error)

    def test_every_rpc_says_that_the_database_is_gone(self):
        with self.database.gone():
            began = time.monotonic()
            self.assert_every_rpc_fails({'DATABASE_UNAVAILABLE'})
            self.assertLess(time.monotonic() - began, 30)

    def test_every_rpc_is_silent_about_tables_that_are_gone(self):
        tables = [t for t, in self.database.sql('SHOW TABLES')]
        away = ', '.join(f'{t} TO hidden_{t}' for t in tables)
        back = ', '.join(f'hidden_{t} TO {t}' for t in tables)
        with self.database.altered(f'RENAME TABLE {away}', f'RENAME TABLE {back}'):
            self.assert_every_rpc_fails({'INTERNAL_FAILURE'})


if __name__ == '__main__':
    unittest.main()
