"""The spans that a server sends, read by a collector with the schema of PyPI's opentelemetry-proto; and our own small
copy of that schema held against it."""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import threading
import unittest

import grpc

import tools

try:
    sys.path.insert(0, str(tools.opentelemetry_proto()))
except unittest.SkipTest as absent:  # said aloud, as deploy/test repeats it
    print(f"skipped '{absent}'")
    sys.exit(0)

from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc  # noqa: E402
from opentelemetry.proto.common.v1 import common_pb2  # noqa: E402
from opentelemetry.proto.resource.v1 import resource_pb2  # noqa: E402
from opentelemetry.proto.trace.v1 import trace_pb2  # noqa: E402

import lmp_server  # noqa: E402
from lmp.v1.watch_pb2 import WatchEventsRequest  # noqa: E402
from lmp_server import (Cli, ServerTestCase, assign_request, call_error, create_customer, customer_api,  # noqa: E402
                        licensing_api, new_request_id, wait_until)

PROTO = pathlib.Path(__file__).parents[2] / 'proto'
TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
PARENT = '00f067aa0ba902b7'


def traceparent(trace=TRACE, parent=PARENT, flags='01'):
    return [('traceparent', f'00-{trace}-{parent}-{flags}')]


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """Takes spans, and keeps them."""

    def __init__(self):
        self._lock = threading.Lock()
        self._requests = []
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
        trace_service_pb2_grpc.add_TraceServiceServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port('127.0.0.1:0')
        self._server.start()

    def Export(self, request, context):
        with self._lock:
            self._requests.append(request)
        return trace_service_pb2.ExportTraceServiceResponse()

    def requests(self):
        with self._lock:
            return list(self._requests)

    def spans(self, trace=None):
        found = [s for r in self.requests() for o in r.resource_spans for g in o.scope_spans for s in g.spans]
        return [s for s in found if trace is None or s.trace_id.hex() == trace]

    def stop(self):
        self._server.stop(None)


def attributes(span):
    return {a.key: getattr(a.value, a.value.WhichOneof('value')) for a in span.attributes}


class SchemaTest(unittest.TestCase):
    def test_ours_is_a_part_of_the_public_one(self):
        """Each message, field, number, type and enum value of ours is there too."""
        public = {m.full_name: m for file in (trace_service_pb2, trace_pb2, common_pb2, resource_pb2)
                  for m in file.DESCRIPTOR.message_types_by_name.values()}
        done = subprocess.run(['protoc', f'-I{PROTO}', '--include_imports', '--descriptor_set_out=/dev/stdout',
                               'opentelemetry/proto/collector/trace/v1/trace_service.proto'], capture_output=True,
                              check=True, timeout=30, cwd=PROTO)
        from google.protobuf import descriptor_pb2
        files = descriptor_pb2.FileDescriptorSet.FromString(done.stdout).file
        compared = 0
        for file in files:
            for message in file.message_type:
                theirs = public[f'{file.package}.{message.name}']
                for field in message.field:
                    other = theirs.fields_by_name[field.name]
                    kind = (other.message_type or other.enum_type).full_name if field.type_name else ''
                    self.assertEqual((field.number, field.type, field.label, field.type_name.lstrip('.')),
                                     (other.number, other.type, other.label, kind), f'{message.name}.{field.name}')
                    compared += 1
                for enum in message.enum_type:
                    values = theirs.enum_types_by_name[enum.name].values_by_name
                    for value in enum.value:
                        self.assertEqual(values[value.name].number, value.number)
            for service in file.service:
                there = trace_service_pb2.DESCRIPTOR.services_by_name[service.name]
                for method in service.method:
                    other = there.methods_by_name[method.name]
                    self.assertEqual((method.input_type, method.output_type),
                                     (f'.{other.input_type.full_name}', f'.{other.output_type.full_name}'))
        self.assertGreater(compared, 25)


class TracesTest(ServerTestCase, unittest.TestCase):
    @classmethod
    def make_server(cls, stack):
        cls.collector = Collector()
        stack.callback(cls.collector.stop)
        return lmp_server.LmpServer(cls.directory, ['--otlp-endpoint', f'127.0.0.1:{cls.collector.port}',
                                                    '--otlp-sample', '0', '--metrics-listen', '127.0.0.1:0'])

    def spans_of(self, trace, least=1):
        return wait_until(lambda: (s := self.collector.spans(trace)) and len(s) >= least and s, 20,
                          f'{least} spans of {trace}')

    def test_a_call_has_a_span_in_its_callers_trace_and_its_parts_below_it(self):
        trace = 'a' * 32
        # The catalog is known after the first.
        self.client.licensing.AssignServicePlan(assign_request(create_customer(self.client, 'the-first'), 'cas-annual',
                                                               {'cloud-app-security': 5}, request_id=new_request_id()))
        customer = create_customer(self.client, 'traced')
        self.client.licensing.AssignServicePlan(
            assign_request(customer, 'cas-annual', {'cloud-app-security': 5}, request_id=new_request_id()),
            metadata=traceparent(trace) + [('x-request-id', 'traced-call')])
        spans = {s.name: s for s in self.spans_of(trace, 4)}
        self.assertEqual(set(spans), {'lmp.v1.LicensingService/AssignServicePlan', 'queue', 'transaction', 'COMMIT'})
        call = spans['lmp.v1.LicensingService/AssignServicePlan']
        self.assertEqual(call.parent_span_id.hex(), PARENT)
        self.assertEqual(call.kind, trace_pb2.Span.SPAN_KIND_SERVER)
        found = attributes(call)
        self.assertEqual({k: found[k] for k in ('rpc.system', 'rpc.service', 'rpc.method', 'rpc.grpc.status_code',
                                                'lmp.resource', 'lmp.x_request_id')},
                         {'rpc.system': 'grpc', 'rpc.service': 'lmp.v1.LicensingService',
                          'rpc.method': 'AssignServicePlan', 'rpc.grpc.status_code': 0, 'lmp.resource': customer,
                          'lmp.x_request_id': 'traced-call'})
        self.assertEqual(call.status.code, trace_pb2.Status.STATUS_CODE_UNSET)
        for name, parent in (('queue', call), ('transaction', call), ('COMMIT', spans['transaction'])):
            part = spans[name]
            self.assertEqual(part.parent_span_id, parent.span_id, name)
            self.assertLessEqual(parent.start_time_unix_nano, part.start_time_unix_nano, name)
            self.assertLessEqual(part.start_time_unix_nano, part.end_time_unix_nano, name)
            self.assertLessEqual(part.end_time_unix_nano, parent.end_time_unix_nano, name)
        self.assertEqual(attributes(spans['transaction'])['lmp.statements'], 12)
        line = next(e for e in self.server.log_entries() if e.get('x_request_id') == 'traced-call')
        self.assertEqual((line['trace_id'], line['span_id']), (trace, call.span_id.hex()))
        who = {a.key: a.value.string_value for a in self.collector.requests()[0].resource_spans[0].resource.attributes}
        self.assertEqual(who['service.name'], 'lmp-server')
        self.assertEqual(who['service.version'], self.server.serving['version'])

    def test_what_callers_do_wrong_is_no_error_of_the_server(self):
        call_error(self.client.customers.GetCustomer, customer_api.GetCustomerRequest(name='customers/none'),
                   metadata=traceparent('b' * 32))
        span = next(s for s in self.spans_of('b' * 32) if s.kind == trace_pb2.Span.SPAN_KIND_SERVER)
        self.assertEqual(span.status.code, trace_pb2.Status.STATUS_CODE_UNSET)
        self.assertEqual(attributes(span)['lmp.reason'], 'CUSTOMER_NOT_FOUND')

    def test_what_is_not_sampled_or_no_trace_is_not_sent(self):
        for header in (traceparent('c' * 32, flags='00'), [('traceparent', '00-xyz')], []):
            self.client.customers.ListPartners(customer_api.ListPartnersRequest(),
                                               metadata=[*header, ('x-request-id', 'unsampled')])
        self.client.customers.ListPartners(customer_api.ListPartnersRequest(), metadata=traceparent('d' * 32))
        self.spans_of('d' * 32)  # these come in order
        calls = [s for s in self.collector.spans() if attributes(s).get('lmp.x_request_id') == 'unsampled']
        self.assertEqual(calls, [])

    def test_the_tool_goes_on_with_a_trace_or_begins_one(self):
        tool = Cli(self.server.target, env={'TRACEPARENT': f'00-{"e" * 32}-{PARENT}-01'})
        tool.ok('partner', 'list')
        span = next(s for s in self.spans_of('e' * 32) if s.kind == trace_pb2.Span.SPAN_KIND_SERVER)
        self.assertEqual(span.parent_span_id.hex(), PARENT)
        done = Cli(self.server.target).run('partner', 'list', '--trace')
        self.assertEqual(done.returncode, 0, done.stderr)
        trace = re.fullmatch(r'\(trace ([0-9a-f]{32})\)\n', done.stderr).group(1)
        self.spans_of(trace)

    def test_a_stream_has_a_span_when_it_ends(self):
        stream = self.client.licensing.WatchEvents(WatchEventsRequest(), metadata=traceparent('f' * 32), timeout=2)
        call_error(lambda: list(stream))
        span = self.spans_of('f' * 32)[0]
        self.assertEqual(attributes(span)['rpc.method'], 'WatchEvents')


class SamplingTest(ServerTestCase, unittest.TestCase):
    with_catalog = False

    @classmethod
    def make_server(cls, stack):
        cls.collector = Collector()
        stack.callback(cls.collector.stop)
        return lmp_server.LmpServer(cls.directory, ['--otlp-endpoint', f'127.0.0.1:{cls.collector.port}',
                                                    '--otlp-sample', '4'])

    def test_one_of_so_many_calls_begins_a_trace(self):
        for _ in range(40):
            self.client.customers.ListPartners(customer_api.ListPartnersRequest())
        self.assertEqual(self.server.stop(), 0)  # which sends what waits
        roots = [s for s in self.collector.spans() if s.kind == trace_pb2.Span.SPAN_KIND_SERVER]
        self.assertEqual({s.parent_span_id for s in roots}, {b''})
        self.assertGreaterEqual(len(roots), 10)
        self.assertLessEqual(len(roots), 11)


if __name__ == '__main__':
    unittest.main()
