#include "tests/client/scripted_server.h"

#include <thread>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "lmp/error.h"

namespace lmp::client {

// Reads the one request of a unary call, and writes the one answer.
class ScriptedCall final : public grpc::ServerGenericBidiReactor {
 public:
  ScriptedCall(ScriptedServer& server, grpc::GenericCallbackServerContext& context)
      : server_(server), context_(context) {
    StartRead(&request_);
  }

 private:
  void OnReadDone(bool ok) override {
    std::vector<grpc::Slice> slices;
    if (!ok || !request_.Dump(&slices).ok()) return Finish(grpc::Status::CANCELLED);
    std::string bytes;
    for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    // In a thread of its own: gRPC may be running this in the client's thread, which an answer that waits would block.
    std::thread([this, bytes] { Answer(bytes); }).detach();
  }
  void Answer(const std::string& bytes) {
    const absl::StatusOr<std::string> answer = server_.AnswerTo(bytes, context_);
    if (!answer.ok()) {
      const auto details = answer.status().GetPayload(kStatusPayload);
      return Finish(grpc::Status(static_cast<grpc::StatusCode>(answer.status().code()),
                                 std::string(answer.status().message()),
                                 details.has_value() ? std::string(*details) : ""));
    }
    const grpc::Slice slice(*answer);
    response_ = grpc::ByteBuffer(&slice, 1);
    StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
  }
  void OnDone() override { delete this; }

  ScriptedServer& server_;
  grpc::GenericCallbackServerContext& context_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

ScriptedServer::ScriptedServer(const std::shared_ptr<grpc::ServerCredentials>& credentials) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
  builder.RegisterCallbackGenericService(this);
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("127.0.0.1:", port_);
}

ScriptedServer::~ScriptedServer() { server_->Shutdown(); }

grpc::ServerGenericBidiReactor* ScriptedServer::CreateReactor(grpc::GenericCallbackServerContext* context) {
  return new ScriptedCall(*this, *context);
}

void ScriptedServer::SetAnswer(const std::string& rpc, Answer answer) {
  const std::lock_guard lock(mutex_);
  answers_[rpc] = std::move(answer);
}

void ScriptedServer::SetReplayed() {
  const std::lock_guard lock(mutex_);
  replayed_ = true;
}

std::vector<ScriptedServer::Seen> ScriptedServer::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

absl::StatusOr<std::string> ScriptedServer::AnswerTo(const std::string& request,
                                                     grpc::GenericCallbackServerContext& context) {
  Seen call{.rpc = context.method().substr(context.method().rfind('/') + 1), .request = request, .metadata = {}};
  for (const auto& [key, value] : context.client_metadata()) {
    call.metadata.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  }
  Answer answer;
  {
    const std::lock_guard lock(mutex_);
    seen_.push_back(call);
    if (replayed_) context.AddTrailingMetadata("lmp-replayed", "true");
    const auto found = answers_.find(call.rpc);
    if (found == answers_.end()) return absl::UnimplementedError(absl::StrCat("no answer for ", call.rpc));
    answer = found->second;
  }
  return answer(request);
}

}  // namespace lmp::client
