#include "server/services/reflection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <set>
#include <utility>

#include "reflection.grpc.pb.h"
#include "reflection_v1alpha.grpc.pb.h"

namespace lmp::server {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

// Adds the file after all files that it imports, each only once.
void AddFile(const FileDescriptor& file, std::set<const FileDescriptor*>& seen, std::vector<std::string>& files) {
  if (!seen.insert(&file).second) return;
  for (int i = 0; i < file.dependency_count(); ++i) AddFile(*file.dependency(i), seen, files);
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  files.push_back(proto.SerializeAsString());
}

template <class Response>
void AnswerFile(const FileDescriptor* file, Response& response) {
  if (file == nullptr) {
    response.mutable_error_response()->set_error_code(grpc::StatusCode::NOT_FOUND);
    response.mutable_error_response()->set_error_message("there is no such file, symbol or extension");
    return;
  }
  std::set<const FileDescriptor*> seen;
  std::vector<std::string> files;
  AddFile(*file, seen, files);
  // The file that was asked for comes first, because tools expect that.
  for (auto it = files.rbegin(); it != files.rend(); ++it) {
    response.mutable_file_descriptor_response()->add_file_descriptor_proto(std::move(*it));
  }
}

const FileDescriptor* FileOfExtension(const std::string& type, int number) {
  const auto& pool = *DescriptorPool::generated_pool();
  const auto* message = pool.FindMessageTypeByName(type);
  const auto* extension = message == nullptr ? nullptr : pool.FindExtensionByNumber(message, number);
  return extension == nullptr ? nullptr : extension->file();
}

template <class Response>
void AnswerExtensionNumbers(const std::string& type, Response& response) {
  const auto& pool = *DescriptorPool::generated_pool();
  const auto* message = pool.FindMessageTypeByName(type);
  if (message == nullptr) return AnswerFile(nullptr, response);
  std::vector<const google::protobuf::FieldDescriptor*> extensions;
  pool.FindAllExtensions(message, &extensions);
  auto* numbers = response.mutable_all_extension_numbers_response();
  numbers->set_base_type_name(type);
  for (const auto* extension : extensions) numbers->add_extension_number(extension->number());
}

// The two versions differ only in their package.
template <class Request, class Response>
void Answer(const std::vector<std::string>& names, const Request& request, Response& response) {
  const auto& pool = *DescriptorPool::generated_pool();
  response.Clear();
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case Request::kFileByFilename:
      return AnswerFile(pool.FindFileByName(request.file_by_filename()), response);
    case Request::kFileContainingSymbol:
      return AnswerFile(pool.FindFileContainingSymbol(request.file_containing_symbol()), response);
    case Request::kFileContainingExtension:
      return AnswerFile(FileOfExtension(request.file_containing_extension().containing_type(),
                                        request.file_containing_extension().extension_number()),
                        response);
    case Request::kAllExtensionNumbersOfType:
      return AnswerExtensionNumbers(request.all_extension_numbers_of_type(), response);
    case Request::kListServices:
      for (const std::string& name : names) response.mutable_list_services_response()->add_service()->set_name(name);
      return;
    case Request::MESSAGE_REQUEST_NOT_SET:
      response.mutable_error_response()->set_error_code(grpc::StatusCode::UNIMPLEMENTED);
      response.mutable_error_response()->set_error_message("the request asks for nothing that is known here");
      return;
  }
}

// One question gets one answer, until the client has no more.
template <class Request, class Response>
class Conversation final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  explicit Conversation(const std::vector<std::string>& names) : names_(names) { this->StartRead(&request_); }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return this->Finish(grpc::Status::OK);
    Answer(names_, request_, response_);
    this->StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return this->Finish(grpc::Status::CANCELLED);
    this->StartRead(&request_);
  }
  void OnDone() override { delete this; }

  const std::vector<std::string>& names_;
  Request request_;
  Response response_;
};

template <class Service, class Request, class Response>
class Reflection final : public Service::CallbackService {
 public:
  explicit Reflection(std::vector<std::string> names) : names_(std::move(names)) {}

 private:
  grpc::ServerBidiReactor<Request, Response>* ServerReflectionInfo(grpc::CallbackServerContext*) override {
    return new Conversation<Request, Response>(names_);
  }

  const std::vector<std::string> names_;
};

}  // namespace

std::vector<std::unique_ptr<grpc::Service>> NewReflectionServices(std::vector<std::string> names) {
  namespace v1 = grpc::reflection::v1;
  namespace v1alpha = grpc::reflection::v1alpha;
  names.push_back(v1::ServerReflection::service_full_name());
  names.push_back(v1alpha::ServerReflection::service_full_name());
  std::vector<std::unique_ptr<grpc::Service>> services;
  services.push_back(
      std::make_unique<Reflection<v1::ServerReflection, v1::ServerReflectionRequest, v1::ServerReflectionResponse>>(
          names));
  services.push_back(std::make_unique<Reflection<v1alpha::ServerReflection, v1alpha::ServerReflectionRequest,
                                                 v1alpha::ServerReflectionResponse>>(names));
  return services;
}

}  // namespace lmp::server
