"""What the Python tests share: an `lmp-server` process of the test's own, and a client for it.

Everything a test starts listens on loopback or a Unix socket, lives in one temporary directory, dies with the test
(also when the test is killed), and is removed in the end.
"""

import concurrent.futures
import contextlib
import datetime
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid

import grpc
from google.rpc import error_details_pb2
from google.rpc import status_pb2
from google.type import date_pb2

import health_pb2
import health_pb2_grpc
from lmp.v1 import customer_service_pb2 as customer_api
from lmp.v1 import customer_service_pb2_grpc
from lmp.v1 import errors_pb2
from lmp.v1 import licensing_service_pb2 as licensing_api
from lmp.v1 import licensing_service_pb2_grpc
from lmp.v1.customer_pb2 import Customer
from lmp.v1.partner_pb2 import Partner
from lmp.v1.product_pb2 import Product
from lmp.v1.service_plan_pb2 import ServicePlan

BIN = pathlib.Path(os.environ['LMP_TEST_BIN'])
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
START_TIMEOUT = 60  # seconds; a busy machine may need some to initialise a database
STOP_TIMEOUT = 60


def child_environment(extra=None):
    """Ours without what would change a server's or a tool's behaviour behind the test's back."""
    env = {k: v for k, v in os.environ.items() if not k.startswith('LMP_') and not k.lower().endswith('_proxy')}
    env.update(extra or {})
    return env


def wait_until(condition, timeout, what):
    """The first true value of condition(), asked every few milliseconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f'not within {timeout} s: {what}')
        time.sleep(0.01)


def kill(process):
    """SIGKILL, and wait."""
    if process is not None and process.poll() is None:
        process.kill()
        process.wait()


def popen(argv, *, user=None, **kwargs):
    """A child that ends when this process does. Start it in the main thread: the death of any other would end it too.

    No preexec_fn, which must not be mixed with gRPC's threads. `user` is (uid, gid) to run as."""
    identity = [f'--reuid={user[0]}', f'--regid={user[1]}', '--clear-groups'] if user else []
    return subprocess.Popen(['setpriv', '--pdeathsig', 'KILL', *identity, *map(str, argv)], **kwargs)


class TemporaryDirectory:
    """A directory that the database's unprivileged user can reach, and that is gone in the end."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix='lmp-e2e-'))
        self.path.chmod(0o711)

    def remove(self):
        """Again and again: a database whose server was killed ends a moment later, and writes until then."""
        def gone():
            shutil.rmtree(self.path, ignore_errors=True)
            return not self.path.exists()

        wait_until(gone, 10, f'{self.path} is removed')


def run_server_command(*args, env=None, timeout=60):
    """`lmp-server ARGS…` to its end."""
    return subprocess.run([str(BIN / 'lmp-server'), *map(str, args)], env=child_environment(env), capture_output=True,
                          encoding='utf-8', timeout=timeout)


class LmpServer:
    """`lmp-server serve` on an embedded database below `directory`, or with the database arguments given."""

    def __init__(self, directory, args=(), database=None, env=None, listen='127.0.0.1:0', subcommand='serve'):
        self.directory = pathlib.Path(directory)
        self.database_directory = self.directory / 'db'
        self.database = database or ['--embedded-mysql', self.database_directory]
        self.args = list(args)
        self.env = env
        self.listen = listen
        self.subcommand = subcommand
        self.log_path = self.directory / 'server.log'
        self.process = None
        self.serving = None  # its log line of that name
        self.port = None

    @property
    def target(self):
        return f'127.0.0.1:{self.port}'

    @property
    def socket(self):
        """The embedded database's."""
        return (self.database_directory / 'lock').read_text().splitlines()[1]

    def start(self, wait=True):
        """Starts it, again on the same port after a stop; waits for the log line that has the port."""
        self._log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        with open(self.log_path, 'ab') as log:
            self.process = popen([BIN / 'lmp-server', self.subcommand, *self.database, '--listen', self.listen, *self.args],
                                 env=child_environment(self.env), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if wait:
            self.wait_serving()
        return self

    def wait_serving(self):
        def serving():
            if self.process.poll() is not None:
                raise AssertionError(f'lmp-server ended with {self.process.returncode}: {self.log_text()[-3000:]}')
            return next((e for e in self.log_entries(self._log_start) if e['message'] == 'serving'), None)

        self.serving = wait_until(serving, START_TIMEOUT, 'lmp-server says "serving"')
        self.port = self.serving['port']
        self.listen = self.listen.rsplit(':', 1)[0] + f':{self.port}'

    def log_text(self, start=0):
        with open(self.log_path, 'rb') as log:
            log.seek(start)
            return log.read().decode()

    def log_entries(self, start=0):
        """Whole lines of the log, parsed; a line that is not JSON fails the test."""
        return [json.loads(line) for line in self.log_text(start).splitlines(keepends=True) if line.endswith('\n')]

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self):
        """SIGTERM, and the exit code."""
        self.terminate()
        return self.process.wait(STOP_TIMEOUT)

    def kill(self):
        kill(self.process)

    def client(self, **kwargs):
        client = Client(self.target, **kwargs)
        with contextlib.suppress(grpc.RpcError):  # a first attempt to connect may fail under load
            client.health.Check(health_pb2.HealthCheckRequest(), timeout=5, wait_for_ready=True)
        return client

    def check(self):
        """`lmp-server check` on the same database; not while an embedded one is being served."""
        return run_server_command('check', *self.database, env=self.env)

    def database_pid(self):
        """The embedded database's process, or None. It says so itself, in run/mysqld.pid."""
        try:
            pid = int((self.database_directory / 'run' / 'mysqld.pid').read_text())
            argv = pathlib.Path(f'/proc/{pid}/cmdline').read_bytes()
        except (OSError, ValueError):
            return None
        return pid if b'mariadbd' in argv or b'mysqld' in argv else None

    def sql(self, statement, schema='lmp'):
        """Rows of a statement, asked of the embedded database behind the server's back."""
        return mariadb(['--socket', self.socket, '--user=root', schema], statement)


def mariadb(args, statement, env=None):
    done = subprocess.run(['mariadb', '--no-defaults', '--batch', '--skip-column-names', *map(str, args)], input=statement,
                          env=child_environment(env), capture_output=True, encoding='utf-8', timeout=60)
    if done.returncode != 0:
        raise AssertionError(f'mariadb: {done.stderr}')
    return [line.split('\t') for line in done.stdout.splitlines()]


class Error:
    """A failed call: its code and the details it carries."""

    def __init__(self, rpc_error):
        self.code = rpc_error.code()
        self.message = rpc_error.details()
        self.trailers = dict(rpc_error.trailing_metadata() or ())
        self.reason = ''
        self.domain = ''
        self.metadata = {}
        self.fields = {}  # field → description
        self.preconditions = []  # (type, subject)
        self.resource = None  # (type, name)
        self.retry_delay = None  # seconds
        self.duplicates = []
        self.details = []  # full names of the detail messages
        status = status_pb2.Status()
        status.ParseFromString(self.trailers.get('grpc-status-details-bin', b''))
        self.status = status
        for detail in status.details:
            self._take(detail)

    def _take(self, detail):
        info, bad, failure = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.PreconditionFailure()
        resource, retry, crossgrade = error_details_pb2.ResourceInfo(), error_details_pb2.RetryInfo(), errors_pb2.CrossgradeRequired()
        self.details.append(detail.TypeName())
        if detail.Unpack(info):
            self.reason, self.domain, self.metadata = info.reason, info.domain, dict(info.metadata)
        elif detail.Unpack(bad):
            self.fields.update({v.field: v.description for v in bad.field_violations})
        elif detail.Unpack(failure):
            self.preconditions += [(v.type, v.subject) for v in failure.violations]
        elif detail.Unpack(resource):
            self.resource = (resource.resource_type, resource.resource_name)
        elif detail.Unpack(retry):
            self.retry_delay = retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9
        elif detail.Unpack(crossgrade):
            self.duplicates = list(crossgrade.duplicates)

    def __repr__(self):
        return f'{self.code.name} {self.reason} {self.message!r} fields={self.fields}'


def call_error(function, *args, **kwargs):
    """The Error of a call that must fail."""
    try:
        answer = function(*args, **kwargs)
    except grpc.RpcError as e:
        return Error(e)
    raise AssertionError(f'the call succeeded: {answer}')


class Client:
    """Stubs of all services on one channel."""

    def __init__(self, target, credentials=None, options=()):
        settings = [('grpc.enable_http_proxy', 0), ('grpc.initial_reconnect_backoff_ms', 50),
                    ('grpc.min_reconnect_backoff_ms', 10000), ('grpc.max_reconnect_backoff_ms', 200),
                    ('grpc.use_local_subchannel_pool', 1), *options]
        self.channel = (grpc.secure_channel(target, credentials, settings) if credentials
                        else grpc.insecure_channel(target, settings))
        self.customers = customer_service_pb2_grpc.CustomerServiceStub(self.channel)
        self.licensing = licensing_service_pb2_grpc.LicensingServiceStub(self.channel)
        self.health = health_pb2_grpc.HealthStub(self.channel)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def health_status(self, service='', timeout=5):
        return self.health.Check(health_pb2.HealthCheckRequest(service=service), timeout=timeout).status

    def wait_healthy(self, service='', status=SERVING, timeout=START_TIMEOUT):
        def reached():
            try:
                return self.health_status(service) == status
            except grpc.RpcError:
                return False

        wait_until(reached, timeout, f'health of "{service}" is {status}')


RETRIED = (grpc.StatusCode.UNAVAILABLE,)


def call_with_retries(method, request, attempt_timeout=30, timeout=60, retried=RETRIED):
    """What a good client does: the same request (with its request_id) again while the answer is UNAVAILABLE.

    A retry waits for a connection: gRPC looks after its attempts to connect only while a call waits, else once in 5 s."""
    deadline = time.monotonic() + timeout
    pause = 0.02
    wait = False
    while True:
        try:
            return method(request, timeout=attempt_timeout, wait_for_ready=wait)
        except grpc.RpcError as e:
            if e.code() not in retried or time.monotonic() > deadline:
                raise
        wait = True
        time.sleep(pause * random.uniform(0.5, 1))
        pause = min(0.3, pause * 2)


def new_request_id():
    return str(uuid.uuid4())


def today():
    return datetime.datetime.now(datetime.timezone.utc).date()


def to_date(day):
    return date_pb2.Date(year=day.year, month=day.month, day=day.day)


def from_date(date):
    return datetime.date(date.year, date.month, date.day)


def in_parallel(function, arguments, threads):
    """The results in order; the first exception is raised."""
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, arguments))


# The catalogue of the tests: one partner, and its plans.
PARTNER = 'partners/acme-msp'
PRODUCTS = {  # id → fields
    'cloud-app-security': dict(kind='SERVICE', unit='USER', nfr_allowed=True),
    'hosted-email-security': dict(kind='SERVICE', unit='MAILBOX', min_units=5),
    'worry-free-services': dict(kind='SERVICE', unit='SEAT'),
    'endpoint-encryption': dict(kind='SOFTWARE', unit='ENCRYPTION_KEY', min_units=5, max_units=500),
    'worry-free-suite': dict(kind='SUITE', components=['products/cloud-app-security', 'products/worry-free-services']),
}
PLANS = {
    'cas-monthly': dict(product='products/cloud-app-security', initial_term_months=1, auto_renewal=True),
    'cas-annual': dict(product='products/cloud-app-security', initial_term_months=12),
    'cas-trial': dict(product='products/cloud-app-security', version='TRIAL'),
    'cas-nfr': dict(product='products/cloud-app-security', nfr=True),
    'hes-annual': dict(product='products/hosted-email-security', initial_term_months=12),
    'wfs-annual': dict(product='products/worry-free-services', initial_term_months=12),
    'encryption-annual': dict(product='products/endpoint-encryption', initial_term_months=12),
    'suite-annual': dict(product='products/worry-free-suite', initial_term_months=12),
}


def make_catalogue(client):
    client.customers.CreatePartner(customer_api.CreatePartnerRequest(
        partner_id='north-distribution', partner=Partner(display_name='North Distribution', tier='DISTRIBUTOR')))
    client.customers.CreatePartner(customer_api.CreatePartnerRequest(
        partner_id='acme-msp', partner=Partner(display_name='Acme MSP', tier='RESELLER', parent='partners/north-distribution')))
    for key, fields in PRODUCTS.items():
        client.licensing.CreateProduct(licensing_api.CreateProductRequest(
            product_id=key, product=Product(display_name=key.replace('-', ' '), **fields)))
    for key, fields in PLANS.items():
        client.licensing.CreateServicePlan(licensing_api.CreateServicePlanRequest(
            service_plan_id=key, service_plan=ServicePlan(display_name=key, partner=PARTNER, **fields)))


def new_customer(**fields):
    """A Customer that can be created, with what the test wants different."""
    values = dict(partner=PARTNER, display_name='The Corner Bakery', city='Bonn', region='NRW', country='DE',
                  contact=Customer.Contact(given_name='Ada', family_name='Berg', email='ada.berg@bakery.example'))
    return Customer(**{**values, **fields})


def create_customer(client, customer_id, **fields):
    """Its name."""
    return client.customers.CreateCustomer(customer_api.CreateCustomerRequest(
        customer_id=customer_id, customer=new_customer(**fields), request_id=new_request_id())).name


def assign_request(customer, plan, units=None, **fields):
    """`units`: {product id: number}."""
    return licensing_api.AssignServicePlanRequest(
        parent=customer, service_plan=f'servicePlans/{plan}',
        units=[licensing_api.LicenseUnits(product=f'products/{p}', units=n) for p, n in (units or {}).items()], **fields)


class AssignLoad:
    """Threads that assign, one plan to each new customer, and keep book of what the server said.

    Each has a connection of its own and retries UNAVAILABLE with the same request_id, as a good client does."""

    def __init__(self, server, threads=8, count=None):
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._next = 0
        self._count = count
        self.assigned = {}  # customer → subscription, as acknowledged
        self.failures = []
        self.slowest = 0
        self._clients = [server.client() for _ in range(threads)]
        self._threads = [threading.Thread(target=self._run, args=(c,), daemon=True) for c in self._clients]
        for thread in self._threads:
            thread.start()

    @property
    def done(self):
        with self._lock:
            return len(self.assigned)

    def _take(self):
        with self._lock:
            if self._stop.is_set() or self.failures or self._next == self._count:
                return None
            self._next += 1
            return f'load-{self._next:05}'

    def _run(self, client):
        while (customer_id := self._take()) is not None:
            start = time.monotonic()
            try:
                customer = call_with_retries(client.customers.CreateCustomer, customer_api.CreateCustomerRequest(
                    customer_id=customer_id, customer=new_customer(), request_id=new_request_id())).name
                request = assign_request(customer, 'cas-annual', {'cloud-app-security': 5}, request_id=new_request_id())
                subscription = call_with_retries(client.licensing.AssignServicePlan, request).subscription.name
            except grpc.RpcError as e:
                with self._lock:
                    self.failures.append(Error(e))
                continue
            with self._lock:
                self.assigned[customer] = subscription
                self.slowest = max(self.slowest, time.monotonic() - start)

    def wait_for(self, count, timeout=60):
        """Until `count` assigns are acknowledged."""
        wait_until(lambda: self.failures or self.done >= count, timeout, f'{count} assigns; {self.done} are done')
        if self.failures:
            raise AssertionError(f'failed calls: {self.failures}')

    def wait_for_more(self, count, timeout=60):
        self.wait_for(self.done + count, timeout)

    def finish(self):
        """Lets calls under way end, and raises if one failed."""
        self._stop.set()
        self.join()
        if self.failures:
            raise AssertionError(f'failed calls: {self.failures}')

    def join(self):
        for thread in self._threads:
            thread.join(90)
        if any(t.is_alive() for t in self._threads):
            raise AssertionError('the load does not end')
        for client in self._clients:
            client.channel.close()

    def verify(self, client):
        """What was acknowledged is there, once: one subscription with one licence for each customer, and nothing else."""
        found = []
        token = ''
        while True:
            page = client.licensing.ListSubscriptions(licensing_api.ListSubscriptionsRequest(
                parent='customers/-', page_size=1000, page_token=token))
            found += [(s.name.split('/subscriptions/')[0], s.name, len(s.licenses)) for s in page.subscriptions]
            token = page.next_page_token
            if not token:
                break
        expected = [(c, s, 1) for c, s in self.assigned.items()]
        if sorted(found) != sorted(expected):
            raise AssertionError(f'acknowledged but not there: {sorted(set(expected) - set(found))[:5]}, '
                                 f'there but not acknowledged: {sorted(set(found) - set(expected))[:5]}, '
                                 f'{len(found)} found, {len(expected)} expected')


class Cli:
    """The `lmp` tool, aimed at a server."""

    def __init__(self, target, env=None):
        self.env = child_environment({'LMP_SERVER': target, **(env or {})})

    def run(self, *args, timeout=60):
        return subprocess.run([str(BIN / 'lmp'), *map(str, args)], env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, encoding='utf-8', timeout=timeout)

    def ok(self, *args):
        """Standard output of a command that must succeed."""
        done = self.run(*args)
        if done.returncode != 0:
            raise AssertionError(f'lmp {" ".join(map(str, args))}: exit code {done.returncode}\n{done.stderr}')
        return done.stdout

    def json(self, *args):
        return json.loads(self.ok(*args, '-o', 'json'))


class ServerTestCase:
    """Mix into unittest.TestCase: each class has a server, a client and the catalogue; after a failed test comes the end
    of the server's log."""

    server_args = ()
    with_catalogue = True

    @classmethod
    def setUpClass(cls):
        with contextlib.ExitStack() as stack:
            directory = TemporaryDirectory()
            stack.callback(directory.remove)
            cls.directory = directory.path
            cls.server = cls.make_server(stack)
            stack.callback(lambda: cls.server.kill())
            cls.server.start()
            cls.client = stack.enter_context(cls.server.client())
            cls.client.wait_healthy()
            if cls.with_catalogue:
                make_catalogue(cls.client)
            cls.addClassCleanup(stack.pop_all().close)

    @classmethod
    def make_server(cls, stack):
        return LmpServer(cls.directory, cls.server_args)

    def tearDown(self):
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            print(''.join(self.server.log_text().splitlines(keepends=True)[-20:]), file=sys.stderr)
        super().tearDown()

    def settled_log(self):
        """The log's entries of all calls answered by now: lines may be some milliseconds late (server/log_writer.h). They come
        in order, so this makes a call of its own and waits for its line, which is the next entry."""
        mark = new_request_id()
        self.client.customers.ListPartners(customer_api.ListPartnersRequest(page_size=1), metadata=[('x-request-id', mark)])

        def reached():
            entries = self.server.log_entries()
            return next((entries[:i] for i, entry in enumerate(entries) if entry.get('x_request_id') == mark), None)

        return wait_until(reached, 5, 'the line of a call')

    def assert_check_finds_nothing(self):
        """The invariants hold on the database of the stopped server."""
        done = self.server.check()
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r'\b[1-9]\d* rows checked, 0 violations')
