// The running service: database, engines, gRPC, health, and an orderly end.
#ifndef LMP_SERVER_SERVER_H_
#define LMP_SERVER_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "server/config.h"
#include "server/engine/read_engine.h"
#include "server/engine/write_engine.h"
#include "server/ids.h"
#include "server/token_keys.h"
#include "server/wire/page_token.h"
#include "server/workers/event_archive.h"
#include "server/workers/request_expiry.h"
#include "server/workers/time_worker.h"
#include "storage/catalogue_cache.h"
#include "storage/database.h"
#include "storage/embedded_server.h"

namespace lmp::server {

// Schema versions that this program works with: a range, so that old and new run side by side during an upgrade.
inline constexpr int kOldestSchema = 9;
inline constexpr int kNewestSchema = 9;

// A database as the config says: an embedded one is started, and its (empty) schema created.
struct OpenedDatabase {
  std::unique_ptr<storage::EmbeddedServer> embedded;  // none with --mysql-url
  storage::DatabaseOptions options;
};
absl::StatusOr<OpenedDatabase> OpenDatabase(const Config& config);

class Server final {
 public:
  // Ready to serve when it returns. `clock` is business time. Errors: what keeps it from serving, in words that say what
  // to do.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Config& config,
                                                       std::function<absl::Time()> clock = absl::Now);
  ~Server();

  int port() const { return port_; }

  // NOT_SERVING → wait → no new calls → those under way end → engines → database. Idempotent; never from a signal handler.
  void Drain();

 private:
  Server(const Config& config, OpenedDatabase opened, std::unique_ptr<TokenKeys> token_keys, wire::PageTokens page_tokens,
         const std::function<absl::Time()>& clock);
  absl::Status Listen();
  void WatchDatabase();
  void SetReady(bool ready);

  const Config config_;
  std::unique_ptr<storage::EmbeddedServer> embedded_;
  storage::Database probe_;  // of readiness: gives up soon on a database that hangs, and needs no free connection
  storage::Database database_;
  storage::CatalogueCache cache_;
  SystemIds ids_;
  std::unique_ptr<TokenKeys> token_keys_;
  const wire::PageTokens page_tokens_;
  engine::WriteEngine writes_;
  engine::ReadEngine reads_;
  engine::ReadEngine lists_;
  engine::ReadEngine checks_;
  TimeWorker time_worker_;
  RequestExpiry request_expiry_;
  EventArchive event_archive_;
  std::unique_ptr<grpc::Service> customer_service_;
  std::unique_ptr<grpc::Service> licensing_service_;
  std::vector<std::unique_ptr<grpc::Service>> reflection_;
  std::unique_ptr<grpc::Server> grpc_;
  int port_ = 0;
  absl::Notification draining_;
  std::thread watcher_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVER_H_
