#include "lmp/license_cache.h"

#include <time.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <thread>
#include <utility>

#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "client/src/license_facts.h"
#include "lmp/v1/watch_licenses.pb.h"

namespace lmp::client {
namespace {

constexpr char kWatch[] = "/lmp.v1.LicensingService/WatchLicenses";
constexpr char kCheck[] = "/lmp.v1.LicensingService/CheckLicense";
constexpr int64_t kNanosPerDay = int64_t{86'400} * 1'000'000'000;
// Around midnight the server says which day it is: its clock is known here but for the time that a message takes.
constexpr int64_t kMidnightNanos = 1'000'000'000;
constexpr int64_t kNever = std::numeric_limits<int64_t>::min();

// CLOCK_MONOTONIC stands still while the machine is suspended, and after a night nothing would seem to be old.
int64_t NanosSinceBoot() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

// The server's clock is known from read_time: it is at least that when a message comes. So with each message, the
// difference to the steady clock here becomes that of the fastest message so far.
class LicenseCache::Impl final {
 public:
  Impl(std::shared_ptr<Connection> connection, LicenseCacheOptions options)
      : connection_(std::move(connection)), options_(std::move(options)), facts_(options_.max_bytes) {
    if (!options_.sleep) {
      options_.sleep = [this](absl::Duration wait) {
        absl::MutexLock lock(&mutex_);
        mutex_.AwaitWithTimeout(absl::Condition(&stopping_), wait);
      };
    }
    thread_ = std::thread([this] { Run(); });
  }

  ~Impl() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
      if (stream_ != nullptr) stream_->Cancel();
    }
    thread_.join();
  }

  // Null: the server must be asked.
  std::shared_ptr<const v1::CheckLicenseResponse> Find(absl::string_view customer, absl::string_view product,
                                                       absl::Time& read_time) const {
    const int64_t read = read_nanos_.load(std::memory_order_acquire);
    const int64_t now = ServerNanos();
    if (read == kNever || now - read > absl::ToInt64Nanoseconds(options_.max_staleness)) return nullptr;
    const int64_t in_day = now % kNanosPerDay;
    if (in_day < kMidnightNanos || in_day > kNanosPerDay - kMidnightNanos) return nullptr;
    if (!absl::ConsumePrefix(&customer, "customers/") || !absl::ConsumePrefix(&product, "products/")) return nullptr;
    read_time = absl::FromUnixNanos(read);
    return facts_.Check(customer, product, absl::CivilDay() + now / kNanosPerDay);
  }

  absl::StatusOr<v1::CheckLicenseResponse> Ask(const v1::CheckLicenseRequest& request) const {
    asked_server_.fetch_add(1, std::memory_order_relaxed);
    v1::CheckLicenseResponse response;
    const absl::Status status = connection_->Call(kCheck, request, response, {});
    if (!status.ok()) return status;
    return response;
  }

  State state() const {
    State state;
    const int64_t read = read_nanos_.load(std::memory_order_acquire);
    if (read != kNever) state.staleness = absl::Nanoseconds(std::max<int64_t>(0, ServerNanos() - read));
    state.asked_server = asked_server_.load(std::memory_order_relaxed);
    state.streams = streams_.load(std::memory_order_relaxed);
    state.ready = state.staleness <= options_.max_staleness;
    state.customers = facts_.customers();
    state.customers_left_out = facts_.left_out();
    state.bytes = facts_.bytes();
    absl::MutexLock lock(&mutex_);
    state.last_error = last_error_;
    return state;
  }

 private:
  int64_t SteadyNanos() const {
    if (options_.steady_now) return absl::ToInt64Nanoseconds(options_.steady_now());
    return NanosSinceBoot();
  }
  int64_t ServerNanos() const { return SteadyNanos() + offset_nanos_.load(std::memory_order_relaxed); }

  bool stopping() const {
    absl::MutexLock lock(&mutex_);
    return stopping_;
  }

  void Run() {
    absl::Duration backoff = options_.first_backoff;
    while (!stopping()) {
      const bool any = RunStream();
      backoff = any ? options_.first_backoff : std::min(2 * backoff, options_.longest_backoff);
      if (!stopping()) options_.sleep(backoff);
    }
  }

  // One stream to its end. Whether it brought something.
  bool RunStream() {
    ++streams_;
    v1::WatchLicensesRequest request;
    request.set_resume_token(resume_token_);
    request.set_partner(options_.partner);
    request.set_customer(options_.customer);
    absl::StatusOr<std::unique_ptr<MessageStream>> stream = connection_->Open(kWatch, request, {});
    if (!stream.ok()) {
      Note(stream.status());
      return false;
    }
    {
      absl::MutexLock lock(&mutex_);
      stream_ = std::move(*stream);
      if (stopping_) stream_->Cancel();
    }
    bool any = false;
    building_ = nullptr;
    clock_known_ = false;
    v1::WatchLicensesResponse message;
    for (; stream_->Read(message); any = true) Take(message);
    const absl::Status status = stream_->Finish();
    absl::MutexLock lock(&mutex_);
    stream_ = nullptr;
    last_error_ = status;
    // What the token was of is gone: it is all begun anew.
    if (absl::IsOutOfRange(status) || absl::IsInvalidArgument(status)) resume_token_.clear();
    return any;
  }

  void Note(const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    last_error_ = status;
  }

  // A snapshot is made beside what is known, which answers until it is complete.
  void Take(const v1::WatchLicensesResponse& message) {
    if (message.snapshot() == v1::SNAPSHOT_BEGIN) building_ = std::make_unique<LicenseFacts>(options_.max_bytes);
    LicenseFacts& facts = building_ != nullptr ? *building_ : facts_;
    for (const v1::LicenseFact& fact : message.facts()) facts.Apply(fact);
    if (message.snapshot() == v1::SNAPSHOT_COMPLETE && building_ != nullptr) {
      facts_.Swap(*building_);
      building_ = nullptr;
    }
    resume_token_ = message.resume_token();
    if (message.has_read_time() && building_ == nullptr) TakeTime(TimeOf(message.read_time()));
    Note(absl::OkStatus());
  }

  void TakeTime(absl::Time time) {
    const int64_t read = absl::ToUnixNanos(time);
    const int64_t offset = read - SteadyNanos();
    if (!clock_known_ || offset > offset_nanos_) offset_nanos_ = offset;
    clock_known_ = true;
    read_nanos_.store(read, std::memory_order_release);
  }

  const std::shared_ptr<Connection> connection_;
  LicenseCacheOptions options_;
  // Of the thread alone.
  std::string resume_token_;
  std::unique_ptr<LicenseFacts> building_;  // a snapshot that is not complete
  bool clock_known_ = false;                // by this stream: the server may be another

  LicenseFacts facts_;
  std::atomic<int64_t> offset_nanos_ = 0;
  std::atomic<int64_t> read_nanos_ = kNever;
  std::atomic<int64_t> streams_ = 0;
  mutable std::atomic<int64_t> asked_server_ = 0;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<MessageStream> stream_;  // changed under the mutex, by the thread
  absl::Status last_error_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

LicenseCache::LicenseCache(std::shared_ptr<Connection> connection, LicenseCacheOptions options)
    : impl_(std::make_unique<Impl>(std::move(connection), std::move(options))) {}
LicenseCache::~LicenseCache() = default;

absl::StatusOr<LicenseCache::Answer> LicenseCache::Check(absl::string_view customer, absl::string_view product) const {
  Answer answer;
  answer.response = impl_->Find(customer, product, answer.read_time);
  if (answer.response != nullptr) return answer;
  v1::CheckLicenseRequest request;
  request.set_customer(std::string(customer));
  request.set_product(std::string(product));
  absl::StatusOr<v1::CheckLicenseResponse> response = impl_->Ask(request);
  if (!response.ok()) return response.status();
  answer.read_time = TimeOf(response->read_time());
  response->clear_read_time();
  answer.response = std::make_shared<const v1::CheckLicenseResponse>(*std::move(response));
  answer.from_server = true;
  return answer;
}

absl::StatusOr<v1::CheckLicenseResponse> LicenseCache::CheckLicense(const v1::CheckLicenseRequest& request) const {
  absl::Time read_time;
  const auto found = impl_->Find(request.customer(), request.product(), read_time);
  if (found == nullptr) return impl_->Ask(request);
  v1::CheckLicenseResponse response = *found;
  const int64_t seconds = absl::ToUnixSeconds(read_time);
  response.mutable_read_time()->set_seconds(seconds);
  response.mutable_read_time()->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(read_time - absl::FromUnixSeconds(seconds))));
  return response;
}

LicenseCache::State LicenseCache::state() const { return impl_->state(); }

bool LicenseCache::WaitUntilReady(absl::Duration longest) const {
  const absl::Time until = absl::Now() + longest;
  while (!impl_->state().ready) {
    if (absl::Now() >= until) return false;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return true;
}

}  // namespace lmp::client
