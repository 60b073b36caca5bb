"""A small stand-in for grpcurl, for machines that have none. It knows the server's methods by reflection alone.

grpcurl [-plaintext] [-format-error] [-d JSON|@] [-H 'name: value']… [-import-path DIR -proto FILE] HOST VERB
VERB is list [SERVICE], describe SYMBOL, or SERVICE/METHOD. It takes, prints and exits as grpcurl does, as far as
scripts look at it: field names as in the protos, 64 plus the code of a failed call, a field mask as {"paths": […]}.
"""

import argparse
import contextlib
import json
import pathlib
import re
import socketserver
import subprocess
import sys
import threading

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.rpc import status_pb2

import reflection_pb2
import reflection_pb2_grpc

STATUS_CODE_OFFSET = 64
# What a script finds in its PATH: as quick to start as Python can be, it passes its arguments to a GrpcurlProcess.
SHIM = '''#!/usr/bin/python3 -IS
import json, os, socket, sys
takes_input = any(a == '-d' and b == '@' for a, b in zip(sys.argv, sys.argv[1:]))
with socket.socket(socket.AF_UNIX) as s:
    s.connect({socket!r})
    stream = s.makefile('rw', encoding='utf-8')
    json.dump(dict(argv=sys.argv[1:], stdin=sys.stdin.read() if takes_input else '', directory=os.getcwd()), stream)
    stream.write('\\n')
    stream.flush()
    answer = json.loads(stream.readline())
sys.stdout.write(answer['out'])
sys.stderr.write(answer['err'])
sys.exit(answer['code'])
'''


class Failure(Exception):
    """What grpcurl says and exits with if it comes to no call."""


class Refused(Exception):
    """A call that failed, with its google.rpc.Status."""

    def __init__(self, status):
        super().__init__(status.message)
        self.status = status


class Schema:
    """Services and messages, as the server describes them or as .proto files do."""

    def __init__(self, reflection=None, files=()):
        self.by_reflection = reflection is not None
        self._reflection = reflection
        self._pool = descriptor_pool.DescriptorPool()
        self._known = set()
        self._add(files)

    @classmethod
    def of_proto_file(cls, import_path, proto):
        done = subprocess.run(['protoc', f'-I{import_path}', '--include_imports', '--descriptor_set_out=/dev/stdout',
                               proto],
                              capture_output=True)
        if done.returncode != 0:
            raise Failure(done.stderr.decode())
        return cls(files=descriptor_pb2.FileDescriptorSet.FromString(done.stdout).file)

    @property
    def pool(self):
        return self._pool

    def services(self):
        answer = self._ask(list_services='*')
        return sorted(s.name for s in answer.list_services_response.service)

    def find(self, kind, name):
        """The descriptor; `kind` as in DescriptorPool.Find…ByName."""
        find = getattr(self._pool, f'Find{kind}ByName')
        with contextlib.suppress(KeyError):
            return find(name)
        if self.by_reflection:
            answer = self._ask(file_containing_symbol=name)
            self._add([descriptor_pb2.FileDescriptorProto.FromString(f)
                       for f in answer.file_descriptor_response.file_descriptor_proto])
        try:
            return find(name)
        except KeyError:
            raise Failure(f'Symbol not found: {name}') from None

    def new(self, descriptor):
        """An empty message of that type."""
        return message_factory.MessageFactory(self._pool).GetPrototype(descriptor)()

    def _ask(self, **fields):
        request = reflection_pb2.ServerReflectionRequest(**fields)
        return next(self._reflection.ServerReflectionInfo(iter([request]), timeout=10))

    def _add(self, files):
        """In the order of their imports."""
        files = {f.name: f for f in files}

        def add(name):
            if name in self._known or name not in files:
                return
            self._known.add(name)
            for dependency in files[name].dependency:
                add(dependency)
            self._pool.Add(files[name])

        for name in files:
            add(name)


class Grpcurl:
    """Does what a command line says, and keeps connections and descriptors for the next one."""

    def __init__(self):
        self._schemas = {}  # host → Schema
        self._channels = {}  # host → channel
        self._lock = threading.Lock()

    def run(self, argv, stdin='', directory='.'):
        """(exit code, standard output, standard error)"""
        parser = argparse.ArgumentParser('grpcurl', allow_abbrev=False)
        for flag in ('-plaintext', '-format-error'):
            parser.add_argument(flag, action='store_true')
        for flag in ('-d', '-import-path', '-proto', '-max-time'):
            parser.add_argument(flag)
        parser.add_argument('-H', action='append', default=[])
        parser.add_argument('host')
        parser.add_argument('verb')
        parser.add_argument('symbol', nargs='?', default='')
        try:
            args = parser.parse_args(argv)
        except SystemExit:
            return 2, '', f'grpcurl: the stand-in does not know this: {argv}\n'
        try:
            with self._lock:
                schema = self._schema(args, directory)
                if args.verb == 'list':
                    return 0, ''.join(f'{name}\n' for name in self._list(schema, args.symbol)), ''
                if args.verb == 'describe':
                    return 0, describe(schema, args.symbol), ''
                return 0, self._call(schema, args, stdin), ''
        except Refused as e:
            return STATUS_CODE_OFFSET + e.status.code, '', (error_json if args.format_error
                                                            else error_text)(schema, e.status)
        except Failure as e:
            return 1, '', f'{e}\n'

    def invoke(self, schema, host, method, request, response, metadata):
        """Fills the response, or raises Refused. `method` is SERVICE/METHOD."""
        call = self._channel(host).unary_unary(f'/{method}')
        try:
            response.ParseFromString(call(request.SerializeToString(), timeout=30, metadata=metadata))
        except grpc.RpcError as e:
            status = status_pb2.Status(code=e.code().value[0], message=e.details())
            for key, value in e.trailing_metadata() or ():
                if key == 'grpc-status-details-bin':
                    status.ParseFromString(value)
            raise Refused(status) from None

    def follow(self, schema, host, method, request, output_type, metadata, seconds):
        """The messages of a stream in JSON, as long as it lasts, or for so long."""
        texts = []
        try:
            for data in self._channel(host).unary_stream(f'/{method}')(request.SerializeToString(), timeout=seconds,
                                                                       metadata=metadata):
                response = schema.new(output_type)
                response.ParseFromString(data)
                texts.append(to_json(schema, response))
        except grpc.RpcError as e:
            if e.code() != grpc.StatusCode.DEADLINE_EXCEEDED:
                raise Failure(f'ERROR: {e.details()}') from None
        return ''.join(texts)

    def _channel(self, host):
        if host not in self._channels:
            self._channels[host] = grpc.insecure_channel(host, [('grpc.enable_http_proxy', 0)])
        return self._channels[host]

    def _schema(self, args, directory):
        if args.proto:
            return Schema.of_proto_file(pathlib.Path(directory, args.import_path or '.'), args.proto)
        if args.host not in self._schemas:
            self._schemas[args.host] = Schema(reflection_pb2_grpc.ServerReflectionStub(self._channel(args.host)))
        return self._schemas[args.host]

    def _list(self, schema, service):
        if not service:
            return schema.services()
        return sorted(f'{service}.{method.name}' for method in schema.find('Service', service).methods)

    def _call(self, schema, args, stdin):
        service, _, name = args.verb.rpartition('/')
        method = schema.find('Service', service).methods_by_name.get(name)
        if method is None:
            raise Failure(f'Error invoking method "{args.verb}": service "{service}" does not include a method named '
                          f'"{name}"')
        request = schema.new(method.input_type)
        try:
            data = json.loads((stdin if args.d == '@' else args.d) or '{}')
            json_format.ParseDict(standard_masks(data), request, descriptor_pool=schema.pool)
        except (json.JSONDecodeError, json_format.ParseError) as e:
            raise Failure(f'Error invoking method "{args.verb}": error getting request data: {e}') from None
        metadata = [tuple(part.strip() for part in header.split(':', 1)) for header in args.H]
        proto = descriptor_pb2.MethodDescriptorProto()
        method.CopyToProto(proto)
        if proto.server_streaming:
            return self.follow(schema, args.host, args.verb, request, method.output_type, metadata,
                               float(args.max_time or 30))
        response = schema.new(method.output_type)
        self.invoke(schema, args.host, args.verb, request, response, metadata)
        return to_json(schema, response)


def standard_masks(value):
    """{"paths": […]}, which grpcurl wants for a field mask, as the string that protobuf's JSON has."""
    if isinstance(value, list):
        return [standard_masks(v) for v in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {'paths'}:
        return ','.join(re.sub('_([a-z])', lambda m: m[1].upper(), path) for path in value['paths'])
    return {k: standard_masks(v) for k, v in value.items()}


def to_json(schema, message):
    return json_format.MessageToJson(message, preserving_proto_field_name=True, descriptor_pool=schema.pool,
                                     ensure_ascii=False) + '\n'


def details_of(schema, status):
    """Each detail as a dict."""
    for detail in status.details:
        message = schema.new(schema.find('MessageType', detail.TypeName()))
        message.ParseFromString(detail.value)
        yield {'@type': detail.type_url, **json.loads(to_json(schema, message))}


def error_json(schema, status):
    return json.dumps(dict(code=status.code, message=status.message, details=list(details_of(schema, status))),
                      indent=2, ensure_ascii=False) + '\n'


def error_text(schema, status):
    name = next(c.name for c in grpc.StatusCode if c.value[0] == status.code).title().replace('_', '')
    lines = ['ERROR:', f'  Code: {name}', f'  Message: {status.message}']
    for i, detail in enumerate(details_of(schema, status), 1):
        lines += ['  Details:'] if i == 1 else []
        lines.append(f'  {i})\t' + json.dumps(detail, indent=2, ensure_ascii=False).replace('\n', '\n    \t'))
    return '\n'.join(lines) + '\n'


def describe(schema, symbol):
    """Of a service, a method, a message or an enum."""
    for kind in ('Service', 'MessageType', 'EnumType', 'Method'):
        with contextlib.suppress(Failure):
            found = schema.find(kind, symbol)
            break
    else:
        raise Failure(f'Failed to resolve symbol "{symbol}": Symbol not found: {symbol}')
    if kind == 'Method':
        return f'{symbol} is a method:\n{rpc_line(found)}\n'
    if kind == 'Service':
        word, lines = 'service', [rpc_line(m) for m in found.methods]
    elif kind == 'EnumType':
        word, lines = 'enum', [f'{v.name} = {v.number};' for v in found.values]
    else:
        proto = descriptor_pb2.DescriptorProto()
        found.CopyToProto(proto)
        word, lines = 'message', [field_line(f) for f in proto.field]
    body = ''.join(f'  {line}\n' for line in lines)
    return f'{symbol} is {"an" if word == "enum" else "a"} {word}:\n{word} {found.name} {{\n{body}}}\n'


def rpc_line(method):
    return f'rpc {method.name} ( .{method.input_type.full_name} ) returns ( .{method.output_type.full_name} );'


def field_line(proto):
    label = 'repeated ' if proto.label == proto.LABEL_REPEATED else 'optional ' if proto.proto3_optional else ''
    return f'{label}{proto.type_name or proto.Type.Name(proto.type)[5:].lower()} {proto.name} = {proto.number};'


class GrpcurlProcess(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Keeps Python and the connection warm: `with GrpcurlProcess(directory)`, and directory/bin/grpcurl is a
    command."""
    daemon_threads = True

    def __init__(self, directory, grpcurl=None):
        self.grpcurl = grpcurl or Grpcurl()
        socket = str(pathlib.Path(directory) / 'grpcurl.socket')
        super().__init__(socket, Handler)
        self.bin = pathlib.Path(directory) / 'bin'
        self.bin.mkdir()
        (self.bin / 'grpcurl').write_text(SHIM.format(socket=socket))
        (self.bin / 'grpcurl').chmod(0o755)
        threading.Thread(target=self.serve_forever, kwargs=dict(poll_interval=0.05), daemon=True).start()

    def __exit__(self, *args):
        self.shutdown()
        super().__exit__(*args)


class Handler(socketserver.StreamRequestHandler):

    def handle(self):
        command = json.loads(self.rfile.readline())
        code, out, err = self.server.grpcurl.run(**command)
        self.wfile.write(json.dumps(dict(code=code, out=out, err=err)).encode() + b'\n')


def main():
    takes_input = any(a == '-d' and b == '@' for a, b in zip(sys.argv, sys.argv[1:]))
    code, out, err = Grpcurl().run(sys.argv[1:], sys.stdin.read() if takes_input else '')
    sys.stdout.write(out)
    sys.stderr.write(err)
    return code


if __name__ == '__main__':
    sys.exit(main())
