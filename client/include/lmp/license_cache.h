#ifndef LMP_LICENSE_CACHE_H_
#define LMP_LICENSE_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lmp/connection.h"
#include "lmp/v1/license_requests.pb.h"

namespace lmp::client {

struct LicenseCacheOptions {
  // Only of this customer, "customers/{customer}", or of this partner's customers, "partners/{partner}". Empty: of all
  // that the caller may see.
  std::string customer;
  std::string partner;
  // How old what is known may be for an answer: older, and the server is asked. It is told once a second how old it is,
  // so that less than two seconds is no good.
  absl::Duration max_staleness = absl::Seconds(5);
  // What is kept takes about so many bytes at most (about 500 for a license with its answer), and twice that while a
  // new snapshot comes. The server is asked about customers that there is no place for.
  size_t max_bytes = size_t{256} << 20;
  // The waits before a stream that ended is opened again: the first, doubled each time without a message, up to the
  // longest.
  absl::Duration first_backoff = absl::Milliseconds(100);
  absl::Duration longest_backoff = absl::Seconds(5);
  // For tests: a clock that is never set and never stands still, and the waits between streams.
  std::function<absl::Duration()> steady_now = {};
  std::function<void(absl::Duration)> sleep = {};
};

// Answers CheckLicense in the process: it has what the answers depend on from a stream (WatchLicenses, permission
// CHECK_LICENSES), first all of it and then each change, and applies the server's own rule to it. An answer is what the
// server would have said at its read_time, some 100 ms ago, on the server's day of now; what falls due by the calendar
// (a start, a grace, an end, a suspension) needs no message.
//
// It asks the server itself as long as the snapshot is not complete, if the stream has brought nothing for longer than
// max_staleness, for a second at midnight UTC, if a renewal or a scheduled change of today was not told yet, and about
// customers that it does not know. So an answer is never one that must not be given, and an error is the server's.
//
//   LicenseCache cache(MakeConnection(options));
//   …
//   const auto answer = cache.Check("customers/bakery", "products/cloud-app-security");
//   if (answer.ok() && answer->response->usable()) …
//
// Thread-safe. One is enough for a process; it has a thread of its own.
class LicenseCache final {
 public:
  explicit LicenseCache(std::shared_ptr<Connection> connection, LicenseCacheOptions options = {});
  ~LicenseCache();
  LicenseCache(const LicenseCache&) = delete;
  LicenseCache& operator=(const LicenseCache&) = delete;

  struct Answer {
    // Shared with others, so that no answer is copied. Without read_time, which is beside it.
    std::shared_ptr<const v1::CheckLicenseResponse> response;
    // All that was committed before this instant, by the server's clock, has been considered.
    absl::Time read_time;
    bool from_server = false;
  };
  // Both by name. Errors: those of CheckLicense, only if the server was asked.
  absl::StatusOr<Answer> Check(absl::string_view customer, absl::string_view product) const;
  // In place of LicensingClient::CheckLicense. The cache's own limit holds, not `max_staleness` of the request; one
  // that asks for something strictly fresh must ask the server.
  absl::StatusOr<v1::CheckLicenseResponse> CheckLicense(const v1::CheckLicenseRequest& request) const;

  struct State {
    bool ready = false;  // answers would be given now, about the customers that are known
    // How old what is known is; infinite: nothing is known.
    absl::Duration staleness = absl::InfiniteDuration();
    int64_t customers = 0;           // that are known
    int64_t customers_left_out = 0;  // for want of place
    size_t bytes = 0;                // that is kept, about
    int64_t asked_server = 0;        // how often
    int64_t streams = 0;             // that were opened
    absl::Status last_error;         // of the stream; OK since there is a message
  };
  State state() const;
  // Waits until answers can be given. False: not within `longest`; state() may say why.
  bool WaitUntilReady(absl::Duration longest) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lmp::client

#endif  // LMP_LICENSE_CACHE_H_
