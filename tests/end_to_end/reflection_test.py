"""grpc.reflection.v1 and v1alpha, asked by a client that we did not write."""

import unittest

import grpc
from google.protobuf import descriptor_pb2

import reflection_pb2
import reflection_pb2_grpc
import reflection_v1alpha_pb2
import reflection_v1alpha_pb2_grpc
from lmp_server import ServerTestCase

Code = grpc.StatusCode


class ReflectionTest(ServerTestCase, unittest.TestCase):
    def test_every_question(self):
        for messages, stubs in ((reflection_pb2, reflection_pb2_grpc),
                                (reflection_v1alpha_pb2, reflection_v1alpha_pb2_grpc)):
            with self.subTest(messages.DESCRIPTOR.package):
                self.check_reflection(messages, stubs.ServerReflectionStub(self.client.channel))

    def check_reflection(self, messages, stub):
        def ask(**question):
            return messages.ServerReflectionRequest(host='here', **question)

        questions = [ask(list_services=''), ask(file_containing_symbol='lmp.v1.LicensingService.AssignServicePlan'),
                     ask(file_by_filename='lmp/v1/license.proto'), ask(file_containing_symbol='lmp.v1.NoSuchThing'),
                     ask(file_by_filename='no/such.proto'), ask(all_extension_numbers_of_type='lmp.v1.License'),
                     ask(file_containing_extension={'containing_type': 'lmp.v1.License', 'extension_number': 1}), ask()]
        answers = list(stub.ServerReflectionInfo(iter(questions), timeout=10))
        self.assertEqual([a.original_request for a in answers], questions)
        self.assertEqual({a.valid_host for a in answers}, {'here'})
        services, by_symbol, by_name, no_symbol, no_file, extensions, no_extension, nothing = answers
        self.assertEqual({s.name for s in services.list_services_response.service},
                         {'lmp.v1.CustomerService', 'lmp.v1.LicensingService', 'grpc.health.v1.Health',
                          'grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'})
        files = {}
        for answer in (by_symbol, by_name):
            found = [descriptor_pb2.FileDescriptorProto.FromString(f)
                     for f in answer.file_descriptor_response.file_descriptor_proto]
            self.assertEqual(len({f.name for f in found}), len(found))
            files.update({f.name: f for f in found})
        for file in files.values():  # with all that it imports
            self.assertLessEqual(set(file.dependency), set(files))
        self.assertIn('AssignServicePlan', [m.name for m in files['lmp/v1/licensing_service.proto'].service[0].method])
        self.assertIn('License', [m.name for m in files['lmp/v1/license.proto'].message_type])
        self.assertEqual(extensions.all_extension_numbers_response.base_type_name, 'lmp.v1.License')
        for answer in (no_symbol, no_file, no_extension):
            self.assertEqual(answer.error_response.error_code, Code.NOT_FOUND.value[0])
        self.assertEqual(nothing.error_response.error_code, Code.UNIMPLEMENTED.value[0])


if __name__ == '__main__':
    unittest.main()
