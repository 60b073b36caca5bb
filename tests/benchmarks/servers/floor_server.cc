#include "tests/benchmarks/servers/floor_server.h"

#include <grpcpp/alarm.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/engine/batcher.h"
#include "tests/benchmarks/servers/direct.h"
#include "tests/benchmarks/servers/plain_server.h"

namespace lmp::bench {
namespace {

// Customer and product.
model::RowKey KeyOf(const v1::CheckLicenseRequest& request) {
  const auto id = [](const std::string& name) { return name.substr(name.rfind('/') + 1); };
  return {id(request.customer()), id(request.product())};
}

// One query for all of a batch, on this thread's connection. Check has a key.
template <class Check>
absl::Status Ask(const storage::DatabaseOptions& database, const std::vector<Check>& checks) {
  thread_local const auto connection = storage::Connection::Open(database);
  std::vector<model::RowKey> keys;
  for (const Check& check : checks) keys.push_back(check.key);
  return connection.ok() ? CheckDirectly(**connection, keys) : connection.status();
}

grpc::Status ToGrpc(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

class FloorService final : public v1::LicensingService::CallbackService {
 public:
  explicit FloorService(storage::DatabaseOptions database) : database_(std::move(database)) {}

  grpc::ServerUnaryReactor* CheckLicense(grpc::CallbackServerContext* context, const v1::CheckLicenseRequest* request,
                                         v1::CheckLicenseResponse* response) override {
    *response = answer_;
    Check check{KeyOf(*request), context->DefaultReactor()};
    grpc::ServerUnaryReactor* const reactor = check.reactor;
    if (const absl::Status status = batcher_.Submit(check); !status.ok()) reactor->Finish(ToGrpc(status));
    return reactor;
  }

 private:
  struct Check {
    model::RowKey key;
    grpc::ServerUnaryReactor* reactor;
    size_t bytes = 0;
    absl::Time deadline = absl::InfiniteFuture();
    std::function<bool()> gone = {};
    void done(const absl::Status& status) const { reactor->Finish(ToGrpc(status)); }
  };

  void Run(const std::vector<Check>& checks) const {
    const absl::Status status = Ask(database_, checks);
    for (const Check& check : checks) check.reactor->Finish(ToGrpc(status));
  }

  const v1::CheckLicenseResponse answer_ = UsualAnswer();
  const storage::DatabaseOptions database_;
  engine::Batcher<Check> batcher_{{}, [this](const std::vector<Check>& checks) { Run(checks); }};
};

// What a completion queue gives back.
class Tag {
 public:
  virtual ~Tag() = default;
  virtual void Proceed(bool ok) = 0;
};

class LoopService final : public v1::LicensingService::WithAsyncMethod_CheckLicense<v1::LicensingService::Service> {
 public:
  LoopService(storage::DatabaseOptions database, std::unique_ptr<grpc::ServerCompletionQueue> queue)
      : database_(std::move(database)), queue_(std::move(queue)) {}
  // The server, which is gone by now, has given up its calls.
  ~LoopService() override {
    batcher_.Stop();
    queue_->Shutdown();
    if (loop_.joinable()) loop_.join();
  }

  void Start() {
    loop_ = std::thread([this] { Loop(); });
  }

 private:
  static constexpr int kExpectedCalls = 1024;

  class Call final : public Tag {
   public:
    explicit Call(LoopService& service) : service_(service) {
      service_.RequestCheckLicense(&context_, &request_, &responder_, service_.queue_.get(), service_.queue_.get(),
                                   tag());
    }
    void Proceed(bool ok) override {
      if (!ok || answered_) {
        delete this;
        return;
      }
      new Call(service_);  // the next one to come
      Check check{KeyOf(request_), this};
      if (const absl::Status status = service_.batcher_.Submit(check); !status.ok()) Answer(status);
    }
    void Answer(const absl::Status& status) {
      answered_ = true;
      responder_.Finish(service_.answer_, ToGrpc(status), tag());
    }

   private:
    Tag* tag() { return this; }

    LoopService& service_;
    grpc::ServerContext context_;
    v1::CheckLicenseRequest request_;
    grpc::ServerAsyncResponseWriter<v1::CheckLicenseResponse> responder_{&context_};
    bool answered_ = false;
  };
  struct Check {
    model::RowKey key;
    Call* call;
    size_t bytes = 0;
    absl::Time deadline = absl::InfiniteFuture();
    std::function<bool()> gone = {};
    void done(const absl::Status& status) const { call->Answer(status); }
  };
  // A batch on its way back to the loop.
  struct Answers final : Tag {
    std::vector<Check> checks;
    absl::Status status;
    grpc::Alarm alarm;  // due at once

    void Proceed(bool) override {
      for (const Check& check : checks) check.call->Answer(status);
      delete this;
    }
  };

  void Loop() {
    for (int i = 0; i < kExpectedCalls; ++i) new Call(*this);
    void* tag = nullptr;
    bool ok = false;
    while (queue_->Next(&tag, &ok)) static_cast<Tag*>(tag)->Proceed(ok);
  }

  void Run(std::vector<Check> checks) {
    auto* const answers = new Answers;
    answers->status = Ask(database_, checks);
    answers->checks = std::move(checks);
    answers->alarm.Set(queue_.get(), gpr_time_0(GPR_CLOCK_MONOTONIC), static_cast<Tag*>(answers));
  }

  const v1::CheckLicenseResponse answer_ = UsualAnswer();
  const storage::DatabaseOptions database_;
  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  engine::Batcher<Check> batcher_{{}, [this](std::vector<Check> checks) { Run(std::move(checks)); }};
  std::thread loop_;
};

}  // namespace

int RunFloorServer(const std::string& database_socket) {
  return Serve(
      [&](grpc::ServerBuilder&) { return Served{std::make_unique<FloorService>(BenchDatabase(database_socket))}; });
}

int RunLoopServer(const std::string& database_socket) {
  return Serve([&](grpc::ServerBuilder& builder) {
    auto service = std::make_unique<LoopService>(BenchDatabase(database_socket), builder.AddCompletionQueue());
    LoopService* const loop = service.get();
    return Served{std::move(service), [loop] { loop->Start(); }};
  });
}

}  // namespace lmp::bench
