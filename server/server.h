// The running service: database, engines, gRPC, health, and an orderly shutdown.
#ifndef LMP_SERVER_SERVER_H_
#define LMP_SERVER_SERVER_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "server/config.h"
#include "server/database_start.h"
#include "server/engine/event_feed.h"
#include "server/engine/read_engine.h"
#include "server/engine/write_engine.h"
#include "server/ids.h"
#include "server/observe/call_observer.h"
#include "server/observe/endpoint.h"
#include "server/readiness.h"
#include "server/reloads.h"
#include "server/rpcs/backend.h"
#include "server/services/admission.h"
#include "server/services/gate.h"
#include "server/tls_files.h"
#include "server/token_keys.h"
#include "server/wire/page_token.h"
#include "server/workers/customer_eraser.h"
#include "server/workers/event_archive.h"
#include "server/workers/event_sequencer.h"
#include "server/workers/gauge_reader.h"
#include "server/workers/history_retention.h"
#include "server/workers/renewal_worker.h"
#include "server/workers/request_expiry.h"
#include "server/workers/token_expiry.h"
#include "storage/catalog_cache.h"
#include "storage/embedded/embedded_server.h"
#include "storage/mysql/database.h"

namespace lmp::server {

class Server final {
 public:
  // Listens first, so that a port that is taken is noticed at once, and then opens its database. With an embedded
  // database the server is ready when this returns. A database of --mysql-url may be away: then the server lives but is
  // not ready, refuses calls with UNAVAILABLE, and keeps trying. If it turns out later that the server can never serve,
  // it calls `failed`, once, and should be destroyed. `clock` is business time. Errors: what keeps the server from
  // serving, in words that say what to do.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const Config& config,
                                                       std::function<void(const absl::Status&)> failed = {},
                                                       std::function<absl::Time()> clock = absl::Now);
  ~Server();

  int port() const { return port_; }

  // Takes over what can be changed while the server runs, from a config that was just read: the log level, the token
  // keys (also which files they are in), and the certificates in the same files. What can't be read stays as it was,
  // and the log says so.
  void Reload(const Config& config);

  // NOT_SERVING → wait → no new calls → calls under way end → workers, engines → database. Idempotent; must not be
  // called from a signal handler.
  void Drain();

 private:
  Server(const Config& config, std::unique_ptr<TokenKeys> token_keys, std::function<void(const absl::Status&)> failed,
         const std::function<absl::Time()>& clock);
  absl::Status OpenServices();
  absl::Status Listen();
  absl::Status Connect();
  bool ConnectLate();
  void Open();
  void Complain(const absl::Status& status);
  void WatchDatabase();
  void NoteClock(const Probe& probe);
  void CheckReadiness();
  absl::Status ListenForHealth();
  absl::Status ListenForMetrics();
  std::vector<observe::Sample> Samples();
  void AddInnerSamples(std::vector<observe::Sample>& samples);
  // Sets the status in each place where health can be asked for.
  void SetServing(const std::string& service, bool serving);
  void SetReady(bool ready) ABSL_LOCKS_EXCLUDED(ready_mutex_);

  const Config config_;
  const absl::Time start_ = absl::Now();
  const std::function<void(const absl::Status&)> failed_;
  std::unique_ptr<storage::EmbeddedServer> embedded_;
  // For readiness: gives up soon on a database that hangs, and needs no free connection of the pool.
  storage::Database probe_;
  storage::Database database_;
  storage::CatalogCache cache_;
  SystemIds ids_;
  std::unique_ptr<TokenKeys> token_keys_;
  wire::PageTokens page_tokens_;
  engine::EventFeed feed_;
  EventSequencer sequencer_;  // before the engine, whose commits wake it
  engine::WriteEngine writes_;
  engine::ReadEngine reads_;
  engine::ReadEngine lists_;
  engine::ReadEngine streams_;
  engine::ReadEngine checks_;
  engine::ReadEngine api_keys_;
  RenewalWorker time_worker_;
  RequestExpiry request_expiry_;
  TokenExpiry token_expiry_;
  EventArchive event_archive_;
  HistoryRetention history_retention_;
  CustomerEraser customer_eraser_;
  GaugeReader gauges_;
  const rpcs::Backend backend_;
  Admission admission_;
  Reloads reloads_;
  std::unique_ptr<TlsFiles> tls_files_;                   // null without TLS
  std::shared_ptr<grpc::ServerCredentials> credentials_;  // gRPC asks them at each handshake
  std::unique_ptr<Gate> gate_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::vector<std::unique_ptr<grpc::Service>> reflection_;
  const std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  observe::CallMetrics call_metrics_{*registry_};
  observe::CallLog call_log_;
  std::unique_ptr<observe::SpanExporter> spans_;
  std::unique_ptr<observe::CallObserver> observer_;
  std::atomic<bool> serving_ = false;
  std::unique_ptr<observe::Endpoint> metrics_;
  std::unique_ptr<grpc::Server> grpc_;
  grpc::CallbackGenericService nothing_else_;  // answers UNIMPLEMENTED to all but health checks
  std::unique_ptr<grpc::Server> health_;       // for --health-listen
  int port_ = 0;
  absl::Notification draining_;
  absl::Mutex ready_mutex_;  // orders what is said about readiness: nothing is said after the drain
  // When it was last said that the database is away; used by the watcher, and by Start before it.
  absl::Time last_complaint_ = absl::InfinitePast();
  absl::Time mismatch_since_ = absl::InfiniteFuture();      // since when the schema does not fit; used likewise
  absl::Time last_clock_complaint_ = absl::InfinitePast();  // used likewise
  Readiness readiness_{Readiness::State::kReady};           // set once there is a database; used by the watcher
  std::atomic<bool> clock_right_ = true;
  std::string database_address_, database_tls_;  // for the log, once there is one
  std::atomic<bool> connected_ = false;
  std::thread watcher_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVER_H_
