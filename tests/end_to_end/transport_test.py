"""The transport: what one caller does on a connection disturbs nobody, what is received is bounded, and common clients'
defaults work."""

import collections
import contextlib
import socket
import struct
import threading
import time
import unittest

import grpc

import lmp_server
from lmp_server import ServerTestCase, call_error, create_customer, customer_api, licensing_api, new_customer
from processes import resident_mib
from rpc import Rpc, broken_promises

PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
DATA, HEADERS, SETTINGS, PING, GOAWAY = 0, 1, 4, 6, 7
END_HEADERS = 4
MAX_CONCURRENT_STREAMS, MAX_HEADER_LIST_SIZE = 3, 6
CAS = 'products/cloud-app-security'


class Http2:
    """A connection of which we see the frames."""

    def __init__(self, port):
        self.socket = socket.create_connection(('127.0.0.1', port), timeout=30)
        self.frames = []  # (type, flags, payload)
        self.closed = threading.Event()
        self.socket.sendall(PREFACE + self.frame(SETTINGS))
        threading.Thread(target=self._read, daemon=True).start()

    @staticmethod
    def frame(kind, payload=b'', flags=0, stream=0):
        return struct.pack('>I', len(payload))[1:] + bytes([kind, flags]) + struct.pack('>I', stream) + payload

    def _read(self):
        buffered = b''
        try:
            while data := self.socket.recv(65536):
                buffered += data
                while len(buffered) >= 9 and len(buffered) >= 9 + (size := int.from_bytes(buffered[:3], 'big')):
                    self.frames.append((buffered[3], buffered[4], buffered[9:9 + size]))
                    if buffered[3] == SETTINGS and not buffered[4]:
                        self.socket.sendall(self.frame(SETTINGS, flags=1))
                    if buffered[3] == PING and not buffered[4]:
                        self.socket.sendall(self.frame(PING, buffered[9:17], flags=1))
                    buffered = buffered[9 + size:]
        except OSError:
            pass
        self.closed.set()

    def ping(self):
        self.socket.sendall(self.frame(PING, b'are you?'))

    def pongs(self):
        return sum(1 for kind, flags, _ in self.frames if (kind, flags) == (PING, 1))

    def goaways(self):
        """(error code, text) of each."""
        return [(int.from_bytes(payload[4:8], 'big'), payload[8:]) for kind, _,
                payload in self.frames if kind == GOAWAY]

    def settings(self):
        lmp_server.wait_until(lambda: any(kind == SETTINGS for kind, _, _ in self.frames), 10, 'the settings are here')
        payload = next(payload for kind, flags, payload in self.frames if kind == SETTINGS and not flags)
        return dict(struct.unpack('>HI', payload[i:i + 6]) for i in range(0, len(payload), 6))


def header(name, value):
    """A field of HPACK, as it is, and not to be remembered (RFC 7541, 6.2.2)."""
    return b'\0' + bytes([len(name)]) + name + bytes([len(value)]) + value


class HalfACall:
    """A connection on which a call has sent HALF bytes of a message, and then nothing more."""

    HALF, WHOLE, FRAME = 60_000, 250_000, 16_000  # the first fits into the window of a new stream

    def __init__(self, port):
        self.socket = socket.create_connection(('127.0.0.1', port), timeout=10)
        head = b''.join(header(*field) for field in (
            (b':method', b'POST'), (b':scheme', b'http'), (b':path', b'/lmp.v1.CustomerService/CreateCustomer'),
            (b':authority', b'x'), (b'te', b'trailers'), (b'content-type', b'application/grpc')))
        message = (b'\0' + struct.pack('>I', self.WHOLE)).ljust(self.HALF, b'x')
        data = [Http2.frame(DATA, message[i:i + self.FRAME], stream=1) for i in range(0, self.HALF, self.FRAME)]
        with contextlib.suppress(OSError):  # it may be ended already
            self.socket.sendall(PREFACE + Http2.frame(SETTINGS) + Http2.frame(HEADERS, head, END_HEADERS, 1)
                                + b''.join(data))
        self.socket.setblocking(False)
        self._alive = True

    def alive(self):
        """Whether the server has not ended it."""
        try:
            while self._alive:
                self._alive = bool(self.socket.recv(65536))
        except BlockingIOError:
            pass
        except OSError:
            self._alive = False
        return self._alive


class TransportTest(ServerTestCase, unittest.TestCase):

    def setUp(self):
        self.rpc = Rpc(self.client)

    def connect(self, port=None):
        connection = Http2(port or self.server.port)
        self.addCleanup(connection.socket.close)
        return connection

    def other_server(self, *args):
        directory = self.directory / f'other-{len(list(self.directory.iterdir()))}'
        directory.mkdir()
        directory.chmod(0o711)
        server = lmp_server.LmpServer(directory, args)
        self.addCleanup(server.kill)
        return server.start()

    # Metadata.

    def test_much_metadata_is_refused_and_nobody_else_on_the_channel_notices(self):
        outcomes, large, stop = collections.Counter(), collections.Counter(), threading.Event()

        def ordinary():
            while not stop.is_set():
                try:
                    self.rpc.ListProducts()
                    outcomes['ok'] += 1
                except grpc.RpcError as error:
                    outcomes[error.details()] += 1

        threads = [threading.Thread(target=ordinary) for _ in range(11)]
        for thread in threads:
            thread.start()
        for size in (12_000, 30_000, 40_000, 60_000, 100_000, 200_000):
            for i in range(30):
                token = chr(ord('a') + i % 26) * size
                try:
                    self.rpc.ListProducts(metadata=[('x-session', token)])
                    large[size, 'ok'] += 1
                except grpc.RpcError as failed:
                    error = lmp_server.Error(failed)
                    self.assertEqual((error.reason, list(error.fields), broken_promises(error)),
                                     ('INVALID_FIELDS', ['metadata'], []))
                    large[size, 'refused'] += 1
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(dict(large),
                         {(12_000, 'ok'): 30, (30_000, 'ok'): 30, (40_000, 'refused'): 30, (60_000, 'refused'): 30,
                          (100_000, 'refused'): 30, (200_000, 'refused'): 30})
        self.assertEqual(set(outcomes), {'ok'}, outcomes)
        self.assertGreater(outcomes['ok'], 180)

    # Compression.

    def compressed(self, method, request, compression):
        call, _ = self.rpc.method(method)
        return call(request, timeout=60, compression=compression)

    def test_compressed_requests_are_taken(self):
        for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
            customer = customer_api.CreateCustomerRequest(customer=new_customer(note='x' * 500,
                                                                                external_id=str(compression)))
            self.assertEqual(self.compressed('CreateCustomer', customer, compression).note, 'x' * 500)

    def test_what_becomes_large_when_it_is_unpacked_takes_no_memory(self):
        bomb = customer_api.CreateCustomerRequest(customer=new_customer(note='x' * (150 << 20)))
        before = resident_mib(self.server.process.pid)
        for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
            error = call_error(self.compressed, 'CreateCustomer', bomb, compression)
            self.assertEqual((error.reason, broken_promises(error)), ('MALFORMED_REQUEST', []), error)
            self.assertIn('262144 bytes', error.message)
        self.assertLess(resident_mib(self.server.process.pid) - before, 15, 'MiB more than before')

    def test_what_is_wrong_in_a_compressed_request_is_named(self):
        half = customer_api.CreateCustomerRequest(customer=new_customer(note='y' * 100_000))
        with self.assertRaises(grpc.RpcError) as raised:
            self.compressed('CreateCustomer', half, grpc.Compression.Gzip)
        self.assertEqual(lmp_server.Error(raised.exception).reason, 'INVALID_FIELDS')

    # Size.

    def test_what_is_half_received_takes_no_more_memory_than_the_network_may(self):
        """Where it is more, connections are ended, and others are still served."""
        small = self.other_server('--network-memory-mib', '16')
        for server, bounded in ((small, True), (self.server, False)):
            halves = [HalfACall(server.port) for _ in range(400)]
            for half in halves:
                self.addCleanup(half.socket.close)
            self.assertGreater(len(halves) * HalfACall.HALF, 20 << 20, 'more than it may')

            def alive():
                return sum(half.alive() for half in halves)

            if bounded:
                lmp_server.wait_until(lambda: alive() * HalfACall.HALF < 16 << 20, 10, 'it holds less')
            with server.client() as client:
                self.assertEqual(client.health_status(), lmp_server.SERVING)
            if not bounded:
                self.assertEqual(alive(), len(halves), 'nobody is ended as long as there is room')

    def test_the_largest_honest_request_fits(self):
        customer, product = 'customers/' + 'c' * 63, 'products/' + 'p' * 63
        checks = [dict(customer=customer, product=product, max_staleness=dict(seconds=3600, nanos=0))
                  for _ in range(1000)]
        request = licensing_api.BatchCheckLicensesRequest(requests=checks)
        self.assertGreater(request.ByteSize(), 150_000)
        self.assertEqual(len(self.client.licensing.BatchCheckLicenses(request).responses), 1000)
        names = [f'{customer}/subscriptions/{"s" * 59}{i:04}' for i in range(1000)]
        error = call_error(self.rpc.BatchUpdateSubscriptions, parent=customer, subscriptions=names, cancel={})
        self.assertEqual(error.reason, 'CUSTOMER_NOT_FOUND')

    # Connections.

    def test_keepalives_of_common_clients_are_welcome(self):
        """Every 10 s, with a call under way and without one."""
        idle, busy = self.connect(), self.connect()
        watch = self.client.channel.unary_stream('/grpc.health.v1.Health/Watch')(b'', timeout=120)
        next(watch)
        for number in range(1, 6):
            for connection in (idle, busy):
                connection.ping()
                lmp_server.wait_until(lambda: connection.pongs() == number, 5, 'an answer to the ping')
            time.sleep(5.5)
        self.assertEqual((idle.goaways(), busy.goaways(), idle.closed.is_set()), ([], [], False))
        watch.cancel()

    def test_a_flood_of_pings_is_not(self):
        connection = self.connect()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it need not take all of them
            for _ in range(20):
                connection.ping()
        lmp_server.wait_until(connection.goaways, 10, 'GOAWAY')
        self.assertEqual(connection.goaways()[0], (11, b'too_many_pings'))  # ENHANCE_YOUR_CALM

    def test_the_settings_say_the_limits(self):
        settings = self.connect().settings()
        self.assertEqual((settings[MAX_CONCURRENT_STREAMS], settings[MAX_HEADER_LIST_SIZE]), (1000, 256 * 1024))

    def test_old_connections_are_ended_and_no_call_fails(self):
        server = self.other_server('--max-connection-age', '1', '--max-streams', '7', '--max-metadata-kib', '64')
        connection = self.connect(server.port)
        settings = connection.settings()
        self.assertEqual((settings[MAX_CONCURRENT_STREAMS], settings[MAX_HEADER_LIST_SIZE]), (7, 512 * 1024))
        with server.client() as client:
            end, calls = time.monotonic() + 4, 0
            while time.monotonic() < end:
                lmp_server.in_parallel(lambda _: Rpc(client).ListProducts(), range(20), threads=20)
                calls += 20
        lmp_server.wait_until(connection.goaways, 10, 'GOAWAY')
        self.assertEqual(connection.goaways()[0][0], 0, 'NO_ERROR')
        self.assertGreater(calls, 100)

    def test_settings_out_of_range_are_refused(self):
        for flag, value in (('--max-metadata-kib', '0'), ('--max-streams', '0'), ('--max-connection-age', '-1'),
                            ('--network-memory-mib', '1'), ('--keepalive', 'x')):
            done = lmp_server.run_server_command('serve', '--embedded-mysql', self.directory / 'never', flag, value)
            self.assertEqual((done.returncode, flag in done.stderr), (64, True), done.stderr)


if __name__ == '__main__':
    unittest.main()
