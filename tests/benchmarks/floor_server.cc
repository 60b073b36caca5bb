#include "tests/benchmarks/floor_server.h"

#include <utility>
#include <vector>

#include "server/engine/batcher.h"
#include "tests/benchmarks/direct.h"
#include "tests/benchmarks/plain_server.h"

namespace lmp::bench {
namespace {

struct Check {
  model::RowKey key;  // customer and product
  grpc::ServerUnaryReactor* reactor;
};

std::string IdIn(const std::string& name) { return name.substr(name.rfind('/') + 1); }

class FloorService final : public v1::LicensingService::CallbackService {
 public:
  explicit FloorService(storage::DatabaseOptions database) : database_(std::move(database)) {}

  grpc::ServerUnaryReactor* CheckLicense(grpc::CallbackServerContext* context, const v1::CheckLicenseRequest* request,
                                         v1::CheckLicenseResponse* response) override {
    *response = answer_;
    Check check{{IdIn(request->customer()), IdIn(request->product())}, context->DefaultReactor()};
    grpc::ServerUnaryReactor* const reactor = check.reactor;
    if (const absl::Status status = batcher_.Submit(check); !status.ok()) Finish(reactor, status);
    return reactor;
  }

 private:
  static void Finish(grpc::ServerUnaryReactor* reactor, const absl::Status& status) {
    reactor->Finish({static_cast<grpc::StatusCode>(status.code()), std::string(status.message())});
  }

  void Run(const std::vector<Check>& checks) const {
    thread_local const auto connection = storage::Connection::Open(database_);
    std::vector<model::RowKey> keys;
    for (const Check& check : checks) keys.push_back(check.key);
    const absl::Status status = connection.ok() ? CheckDirectly(**connection, keys) : connection.status();
    for (const Check& check : checks) Finish(check.reactor, status);
  }

  const v1::CheckLicenseResponse answer_ = UsualAnswer();
  const storage::DatabaseOptions database_;
  engine::Batcher<Check> batcher_{{}, [this](const std::vector<Check>& checks) { Run(checks); }};
};

}  // namespace

int RunFloorServer(const std::string& database_socket) {
  return Serve([&] { return std::make_unique<FloorService>(BenchDatabase(database_socket)); });
}

}  // namespace lmp::bench
