#ifndef LMP_TESTS_CLIENT_SCRIPTED_SERVER_H_
#define LMP_TESTS_CLIENT_SCRIPTED_SERVER_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace lmp::client {

// A gRPC server in this process, on a port of its own, that answers each RPC as the test says. An RPC without an answer
// is UNIMPLEMENTED.
class ScriptedServer final : public grpc::CallbackGenericService {
 public:
  // One call as it came in.
  struct Seen {
    // "CheckLicense".
    std::string rpc;
    std::string request;  // serialized
    std::multimap<std::string, std::string> metadata;
  };

  explicit ScriptedServer(
      const std::shared_ptr<grpc::ServerCredentials>& credentials = grpc::InsecureServerCredentials());
  ~ScriptedServer() override;

  int port() const { return port_; }
  // "127.0.0.1:PORT".
  const std::string& address() const { return address_; }

  // Answers every call of the RPC by `answer`; an error's details (FromRpcStatus) go out too.
  template <typename Request, typename Response>
  void On(const std::string& rpc, std::function<absl::StatusOr<Response>(const Request&)> answer) {
    SetAnswer(rpc, [answer = std::move(answer)](const std::string& bytes) -> absl::StatusOr<std::string> {
      Request request;
      request.ParseFromString(bytes);
      const absl::StatusOr<Response> response = answer(request);
      if (!response.ok()) return response.status();
      return response->SerializeAsString();
    });
  }
  // The same with one answer for all.
  template <typename Request, typename Response>
  void Always(const std::string& rpc, absl::StatusOr<Response> answer) {
    On<Request, Response>(rpc, [answer = std::move(answer)](const Request&) { return answer; });
  }
  // Marks all answers from now on as replays.
  void SetReplayed();

  // All calls so far; and those of one RPC, parsed.
  std::vector<Seen> seen() const;
  template <typename Request>
  std::vector<Request> Requests(const std::string& rpc) const {
    std::vector<Request> requests;
    for (const Seen& call : seen()) {
      if (call.rpc == rpc) requests.emplace_back().ParseFromString(call.request);
    }
    return requests;
  }

 private:
  using Answer = std::function<absl::StatusOr<std::string>(const std::string&)>;

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override;
  void SetAnswer(const std::string& rpc, Answer answer);
  absl::StatusOr<std::string> AnswerTo(const std::string& request, grpc::GenericCallbackServerContext& context);

  mutable std::mutex mutex_;
  std::map<std::string, Answer> answers_;
  std::vector<Seen> seen_;
  bool replayed_ = false;
  int port_ = 0;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;

  friend class ScriptedCall;
};

}  // namespace lmp::client

#endif  // LMP_TESTS_CLIENT_SCRIPTED_SERVER_H_
