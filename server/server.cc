#include "server/server.h"

#include <grpc/grpc.h>
#include <grpcpp/health_check_service_interface.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "health.pb.h"
#include "server/credentials.h"
#include "server/gate_samples.h"
#include "server/observe/log.h"
#include "server/open_gate.h"
#include "server/open_spans.h"
#include "server/rpcs/event_render.h"
#include "server/samples.h"
#include "server/service_manager.h"
#include "server/services/reflection.h"
#include "server/services/rpc_service.h"
#include "server/transport.h"
#include "server/version.h"
#include "storage/mysql/migrator.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

constexpr char kEmbeddedTokenKey[] = "token-key.pem";  // its place is beside the embedded database's own files
constexpr absl::Duration kOldRowsPeriod = absl::Minutes(10);
constexpr absl::Duration kTokensPeriod = absl::Hours(6);     // long, because each pass reads all tokens
constexpr absl::Duration kErasurePeriod = absl::Seconds(5);  // short, as whoever erases waits for it to be done
constexpr absl::Duration kWatchPeriod = absl::Seconds(1);
constexpr absl::Duration kProbeTimeout = absl::Seconds(2);    // for each step of connecting, and for the look itself
constexpr absl::Duration kProbeDeadline = absl::Seconds(20);  // for all steps: connecting takes ten on a slow network
// Far longer than anything that happens between two statements; others may have to wait for our locks for so long.
constexpr absl::Duration kIdleTransaction = absl::Seconds(5);
// Gives the last answers time to leave before the connections are closed.
constexpr absl::Duration kLastAnswers = absl::Milliseconds(20);
constexpr absl::Duration kComplaintPeriod = absl::Minutes(1);
// The service name whose health never depends on the database; that of "" and of the two services does.
constexpr char kLiveness[] = "liveness";

engine::EngineOptions EngineOptionsFor(const Config& config, int workers, const std::function<absl::Time()>& clock,
                                       std::function<void(std::vector<model::Event>)> stored = {}) {
  return {.batches = {.workers = workers,
                      .max_batch = static_cast<size_t>(config.max_batch),
                      .max_queue = static_cast<size_t>(config.max_queue),
                      .max_queue_bytes = static_cast<size_t>(config.max_queue_mib) * 1024 * 1024},
          .clock = clock,
          .passed_over =
              [](const std::string& customer_id, const absl::Status& why) {
                Log(Severity::kWarning, "time could not pass for a customer: others are not held up by it",
                    {{"customer", customer_id}, {"error", why.message()}});
              },
          .stored = std::move(stored)};
}

void LogFeedFailure(const absl::Status& why) {
  Log(Severity::kWarning, "the history could not be read for those who watch: it will be tried again",
      {{"error", why.message()}});
}

// Lists share nothing, so a list in a batch would only wait for the others.
engine::EngineOptions OneByOne(engine::EngineOptions options) {
  options.batches.max_batch = 1;
  return options;
}

storage::DatabaseOptions ProbeOptions(storage::DatabaseOptions options) {
  options.connect_timeout = kProbeTimeout;
  options.read_timeout = kProbeTimeout;
  return options;
}

// Ends serving without a failed call for clients that retry UNAVAILABLE. New calls are refused with UNAVAILABLE while
// those under way end. Then the connections are closed (calls on them become UNAVAILABLE too), and only then gRPC shuts
// down. Once that has begun, gRPC answers calls that still come in on open connections with CANCELLED, and waits up to
// 20 s for idle clients to acknowledge a graceful GOAWAY.
void ShutdownGrpc(grpc::Server& server, Admission& admission, int port, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  admission.Stop();
  while (admission.under_way() > 0 && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(5));
  absl::SleepFor(kLastAnswers);
  EndConnections(port);
  grpc_server_cancel_all_calls(server.c_server());
  server.Shutdown(absl::ToChronoTime(std::max(deadline, absl::Now())));
  server.Wait();
}

}  // namespace

Server::Server(const Config& config, std::unique_ptr<TokenKeys> token_keys,
               std::function<void(const absl::Status&)> failed, const std::function<absl::Time()>& clock)
    : config_(config),
      failed_(std::move(failed)),
      probe_(storage::DatabaseOptions(), 1),
      database_(storage::DatabaseOptions(), config.write_workers + 4 * config.read_workers + 8),
      token_keys_(std::move(token_keys)),
      feed_(
          database_, [this](auto& db, const auto& events) { return rpcs::SerializedEvents(db, cache_, events); }, clock,
          LogFeedFailure),
      sequencer_(database_, [this](int64_t head) { feed_.Moved(head); }),
      writes_(database_, cache_, ids_,
              EngineOptionsFor(config, config.write_workers, clock,
                               [this](auto events) { sequencer_.Committed(std::move(events)); })),
      reads_(database_, cache_, ids_, EngineOptionsFor(config, config.read_workers, clock)),
      lists_(database_, cache_, ids_, OneByOne(EngineOptionsFor(config, config.read_workers, clock))),
      streams_(database_, cache_, ids_, OneByOne(EngineOptionsFor(config, config.read_workers, clock))),
      checks_(database_, cache_, ids_, EngineOptionsFor(config, config.read_workers, clock)),
      api_keys_(database_, cache_, ids_, OneByOne(EngineOptionsFor(config, 1, clock))),
      time_worker_(database_, writes_, clock),
      request_expiry_(database_, absl::Hours(24) * config.request_days, clock),
      token_expiry_(database_, clock),
      event_archive_(database_, absl::Hours(24) * config.archive_events_days, clock),
      history_retention_(database_, absl::Hours(24) * config.history_retention_days, clock),
      customer_eraser_(database_),
      gauges_(database_, clock),
      backend_{writes_, reads_, lists_, streams_, checks_, cache_, ids_, page_tokens_, *token_keys_, feed_},
      admission_(config.transport.max_metadata_bytes()) {}

// Opens the gate, and the services behind it.
absl::Status Server::OpenServices() {
  token_keys_->set_count([this](bool taken) { reloads_.Count("token_keys", taken); });
  ASSIGN_OR_RETURN(tls_files_, OpenTlsFiles(config_, reloads_));
  credentials_ = ServerCredentials(tls_files_.get());
  ASSIGN_OR_RETURN(gate_, OpenGate(config_, api_keys_, database_, tls_files_.get(), reloads_));
  ASSIGN_OR_RETURN(spans_, OpenSpans(config_));
  ASSIGN_OR_RETURN(const auto which, observe::ParseCallLog(config_.log_calls, config_.slow_call_ms));
  call_log_.Set(which);
  observer_.reset(
      new observe::CallObserver{config_.metrics_listen.empty() ? nullptr : &call_metrics_, call_log_, spans_.get()});
  std::vector<std::string> names = {"grpc.health.v1.Health"};
  for (const google::protobuf::ServiceDescriptor* service : rpcs::Services()) {
    services_.push_back(std::make_unique<RpcService>(*service, backend_, admission_, *gate_, *observer_,
                                                     config_.transport.max_message_bytes()));
    names.push_back(service->full_name());
  }
  reflection_ = NewReflectionServices(names);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Config& config,
                                                      std::function<void(const absl::Status&)> failed,
                                                      std::function<absl::Time()> clock) {
  RETURN_IF_ERROR(Validate(config));
  ASSIGN_OR_RETURN(auto token_keys, TokenKeys::Open(config.token_key_files));
  auto server = std::unique_ptr<Server>(new Server(config, std::move(token_keys), std::move(failed), clock));
  RETURN_IF_ERROR(server->OpenServices());
  RETURN_IF_ERROR(server->Listen());
  const absl::Status connected = server->Connect();
  if (connected.ok()) {
    server->Open();
  } else if (!config.embedded_mysql.empty() || !ShouldWait(connected, absl::ZeroDuration())) {
    return connected;
  } else {
    server->Complain(connected);
  }
  server->watcher_ = std::thread([self = server.get()] { self->WatchDatabase(); });
  return server;
}

Server::~Server() { Drain(); }

// Starts everything except the answering of calls.
absl::Status Server::Listen() {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::health::v1::HealthCheckRequest::descriptor();  // linked, so that reflection can describe it
  grpc::ServerBuilder builder;
  builder.AddListeningPort(config_.listen, credentials_, &port_);
  ConfigureTransport(config_.transport, builder);
  for (const auto& service : services_) builder.RegisterService(service.get());
  for (const auto& service : reflection_) builder.RegisterService(service.get());
  grpc_ = builder.BuildAndStart();
  if (grpc_ == nullptr || port_ == 0) {
    return absl::UnavailableError(absl::StrCat("can't listen on ", config_.listen, ": is the port in use?"));
  }
  RETURN_IF_ERROR(ListenForHealth());
  RETURN_IF_ERROR(ListenForMetrics());
  SetReady(false);
  SetServing(kLiveness, true);
  return absl::OkStatus();
}

// Serves only gRPC's own health service. A client that can ask nothing else needs neither TLS nor a certificate.
absl::Status Server::ListenForHealth() {
  if (config_.health_listen.empty()) return absl::OkStatus();
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(config_.health_listen, grpc::InsecureServerCredentials(), &port);
  ConfigureTransport(config_.transport, builder);
  builder.RegisterCallbackGenericService(&nothing_else_);  // gRPC answers only if it has a service
  health_ = builder.BuildAndStart();
  if (health_ == nullptr || port == 0) {
    return absl::UnavailableError(absl::StrCat("can't listen on ", config_.health_listen, ": is the port in use?"));
  }
  Log(Severity::kInfo, "listening for health checks",
      {{"listen", config_.health_listen}, {"port", static_cast<int64_t>(port)}});
  return absl::OkStatus();
}

absl::Status Server::ListenForMetrics() {
  if (config_.metrics_listen.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(metrics_, observe::Endpoint::Open(config_.metrics_listen, registry_, [this] { return Samples(); }));
  Log(Severity::kInfo, "listening for metrics",
      {{"listen", config_.metrics_listen}, {"port", static_cast<int64_t>(metrics_->port())}});
  return absl::OkStatus();
}

void Server::SetServing(const std::string& service, bool serving) {
  for (grpc::Server* server : {grpc_.get(), health_.get()}) {
    if (server != nullptr) server->GetHealthCheckService()->SetServingStatus(service, serving);
  }
}

// Opens the database and prepares what calls need, so that calls may come.
absl::Status Server::Connect() {
  ASSIGN_OR_RETURN(OpenedDatabase opened, OpenDatabase(config_, IfMissing::kMake));
  embedded_ = std::move(opened.embedded);
  const bool embedded = embedded_ != nullptr;
  ASSIGN_OR_RETURN(std::string secret, PrepareDatabase(opened.options, config_.auto_migrate || embedded));
  // A server for trying things out makes a key for license tokens itself; other servers are told their keys.
  if (embedded && config_.token_key_files.empty()) {
    const std::string file = absl::StrCat(config_.embedded_mysql, "/", kEmbeddedTokenKey);
    RETURN_IF_ERROR(MakeTokenKeyFile(file));
    RETURN_IF_ERROR(token_keys_->Reload({file}));
  }
  page_tokens_.SetSecret(std::move(secret));
  probe_.pool().SetTarget(ProbeOptions(opened.options));
  NoteClock(ProbeDatabase(probe_, absl::Now() + kProbeDeadline));
  opened.options.idle_transaction = kIdleTransaction;
  database_address_ = AddressOf(opened.options);
  database_tls_ = TlsOf(opened.options);
  database_.pool().SetTarget(std::move(opened.options));
  return absl::OkStatus();
}

void Server::Open() {
  connected_ = true;
  admission_.Start();
  sequencer_.Start();
  feed_.Start();
  const auto may_run = [this] { return clock_right_.load(); };
  if (config_.time_worker_seconds > 0) time_worker_.Start(absl::Seconds(config_.time_worker_seconds), may_run);
  request_expiry_.Start(kOldRowsPeriod, may_run);
  token_expiry_.Start(kTokensPeriod, may_run);
  if (config_.archive_events_days > 0) event_archive_.Start(kOldRowsPeriod, may_run);
  if (config_.history_retention_days > 0) history_retention_.Start(kOldRowsPeriod, may_run);
  customer_eraser_.Start(kErasurePeriod, may_run);
  if (!config_.metrics_listen.empty()) gauges_.Start();
  SetReady(clock_right_);
  TellServiceManager("READY=1\nSTATUS=serving");
  Log(Severity::kInfo, "serving",
      {{"listen", config_.listen},
       {"port", static_cast<int64_t>(port_)},
       {"tls", !config_.tls_cert.empty()},
       {"database", database_address_},
       {"database_tls", database_tls_},
       {"anonymous", AnonymousIsAdmin(config_) ? "administrator" : "refused"},
       {"start_ms", absl::ToInt64Milliseconds(absl::Now() - start_)},
       {"version", Version()}});
}

void Server::Complain(const absl::Status& status) {
  if (absl::Now() - last_complaint_ < kComplaintPeriod) return;
  last_complaint_ = absl::Now();
  TellServiceManager("STATUS=waiting for the database");
  Log(Severity::kError, "there is no database yet: the server waits for it and is not ready",
      {{"port", static_cast<int64_t>(port_)}, {"error", ExplainToOperator(status)}});
}

void Server::SetReady(bool ready) {
  absl::MutexLock lock(&ready_mutex_);
  if (ready && draining_.HasBeenNotified()) return;
  serving_ = ready;
  for (const char* service : {"", "lmp.v1.CustomerService", "lmp.v1.LicensingService"}) {
    SetServing(service, ready);
  }
}

// Connects to a database that was away at the start. Returns false if the server can never use it.
bool Server::ConnectLate() {
  const absl::Status connected = Connect();
  if (connected.ok()) {
    Open();
    return true;
  }
  const absl::Time now = absl::Now();
  mismatch_since_ = storage::IsSchemaMismatch(connected) ? std::min(mismatch_since_, now) : absl::InfiniteFuture();
  if (ShouldWait(connected, now - mismatch_since_)) {
    Complain(connected);
    return true;
  }
  if (failed_) failed_(connected);
  return false;
}

// Makes readiness follow the database, and restarts an embedded database that died.
void Server::WatchDatabase() {
  while (!draining_.WaitForNotificationWithTimeout(kWatchPeriod)) {
    gate_->LogRefused(absl::Now());
    if (tls_files_ != nullptr) tls_files_->Current();
    if (!connected_) {
      if (!ConnectLate()) return;
    } else {
      CheckReadiness();
    }
  }
}

// What depends on the clock, and is done for good, waits until the clock is right.
void Server::NoteClock(const Probe& probe) {
  if (!probe.status.ok()) return;
  clock_right_ = absl::AbsDuration(probe.ahead) <= kMaxClockDifference;
  if (clock_right_ || absl::Now() - last_clock_complaint_ < kComplaintPeriod) return;
  last_clock_complaint_ = absl::Now();
  Log(Severity::kError,
      "the clock of this machine and that of the database disagree: the server is not ready, and its workers wait",
      {{"ahead_seconds", absl::ToInt64Seconds(probe.ahead)},
       {"allowed_seconds", absl::ToInt64Seconds(kMaxClockDifference)}});
}

void Server::CheckReadiness() {
  if (embedded_ != nullptr && !embedded_->running()) {
    const absl::Status restarted = embedded_->Restart();
    Log(Severity::kWarning, "the embedded database had ended and was started again",
        {{"status", std::string(restarted.message())}});
  }
  const Probe probe = ProbeDatabase(probe_, absl::Now() + kProbeDeadline);
  NoteClock(probe);
  const Readiness::State before = readiness_.state();
  const Readiness::State state = readiness_.Take(probe);
  if (state == before) return;
  SetReady(state == Readiness::State::kReady);
  TellServiceManager(state == Readiness::State::kReady          ? "STATUS=serving"
                     : state == Readiness::State::kDatabaseAway ? "STATUS=not ready: the database is away"
                                                                : "STATUS=not ready: the clock is wrong");
  if (state == Readiness::State::kReady) {
    Log(Severity::kInfo, before == Readiness::State::kClockWrong ? "the clocks agree again" : "the database is back");
  }
  if (state == Readiness::State::kDatabaseAway) {
    Log(Severity::kError, "the database is away", {{"error", ExplainToOperator(probe.status)}});
  }
}

void Server::Drain() {
  if (draining_.HasBeenNotified()) return;
  draining_.Notify();
  if (grpc_ != nullptr) {
    // This comes before anything that may have to wait for the database.
    SetReady(false);
    time_worker_.AskToStop();
    request_expiry_.AskToStop();
    token_expiry_.AskToStop();
    event_archive_.AskToStop();
    history_retention_.AskToStop();
    customer_eraser_.AskToStop();
    if (connected_) absl::SleepFor(absl::Seconds(config_.drain_delay_seconds));  // else nobody sends calls here
    if (watcher_.joinable()) watcher_.join();                                    // it might open the doors again
    feed_.Drain();
    ShutdownGrpc(*grpc_, admission_, port_, absl::Seconds(config_.drain_timeout_seconds));
    metrics_.reset();
    if (health_ != nullptr) health_->Shutdown(absl::ToChronoTime(absl::Now()));
  }
  time_worker_.Stop();
  request_expiry_.Stop();
  token_expiry_.Stop();
  event_archive_.Stop();
  history_retention_.Stop();
  customer_eraser_.Stop();
  gauges_.Stop();
  writes_.Stop();
  feed_.Stop();
  sequencer_.Stop();
  reads_.Stop();
  lists_.Stop();
  streams_.Stop();
  checks_.Stop();
  api_keys_.Stop();
  if (embedded_ != nullptr) {
    const absl::Status stopped = embedded_->Stop();
    if (!stopped.ok())
      Log(Severity::kError, "the embedded database did not stop", {{"error", std::string(stopped.message())}});
  }
}

}  // namespace lmp::server
