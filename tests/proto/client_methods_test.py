"""The C++ client library has a method for each RPC, with its types, that calls it."""

import pathlib
import re
import unittest

from lmp.v1 import customer_service_pb2
from lmp.v1 import licensing_service_pb2

CLIENT = pathlib.Path(__file__).parents[2] / 'client'


def methods_of(name):
    """{method: (type it takes, type it gives, path it calls)} of a client class, from its header and its source."""
    header = re.sub(r'\s+', ' ', (CLIENT / f'include/lmp/{name}_client.h').read_text())
    source = re.sub(r'\s+', ' ', (CLIENT / f'src/{name}_client.cc').read_text())
    declared = re.findall(r'absl::StatusOr<v1::(\w+)> (\w+)\( ?const v1::(\w+)& request, const CallOptions& options = '
                          r'\{\}\) const;',
                          header)
    called = dict(re.findall(r'Client::(\w+)\([^{]*\{ return TypedCall<v1::\w+>\( ?\*connection_, "([^"]+)", request, '
                             r'options\);',
                             source))
    return {method: (request, response, called.get(method)) for response, method, request in declared}


class ClientMethodsTest(unittest.TestCase):

    def test_every_rpc_has_one(self):
        for name, module in (('customer', customer_service_pb2), ('licensing', licensing_service_pb2)):
            service, = module.DESCRIPTOR.services_by_name.values()
            promised = {method.name: (method.input_type.name, method.output_type.name,
                                      f'/{service.full_name}/{method.name}')
                        for method in service.methods}
            self.assertEqual(methods_of(name), promised)


if __name__ == '__main__':
    unittest.main()
