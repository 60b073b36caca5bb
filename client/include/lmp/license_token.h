#ifndef LMP_LICENSE_TOKEN_H_
#define LMP_LICENSE_TOKEN_H_

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

// Verifies license tokens (lmp/v1/license_token.proto) without a server, a network or protobuf: link
// lmp::license_token.
//
// It can't know what happened to the license since the token was made, unless a revocation list says so. Nor can it
// know the true time, if someone controls the clock and every file of the machine. It notices a clock that was set back
// by comparing it with times seen before: those in the token and the list, and a clock memory that the caller keeps
// (ClockFile keeps it in a file).
namespace lmp::client {

// What can be wrong with a token, in the order of the checks; the first fault found is the error.
enum class LicenseTokenError {
  kKeysMalformed,   // the key set is not a JWK Set, or an Ed25519 key in it is broken
  kMalformed,       // not a JWT of the right type with the claims of a license token; or the revocation list is none
  kWrongAlgorithm,  // not EdDSA: "none" and HS256 are never accepted
  kUnknownKey,      // signed with a key that is not in the set: the set may be out of date
  kBadSignature,    // the signature is not one of this content
  kClockSetBack,    // the clock is before a time that was seen already
  kExpired,         // the token has expired, or the license's grace is over
  kNotYetValid,     // the token, or the license, is not valid yet
  kRevocationListWrong,  // the list is about neither the license's customer nor its partner
  kRevoked,              // the list names the token
  kRevocationListStale,  // the list has expired: a newer one may revoke the token
};

// The name, like "TOKEN_EXPIRED" or "CLOCK_SET_BACK".
absl::string_view LicenseTokenErrorName(LicenseTokenError error);
// The error in a status from VerifyLicenseToken; nothing if the status is OK or comes from elsewhere.
std::optional<LicenseTokenError> GetLicenseTokenError(const absl::Status& status);

struct LicenseTokenOptions {
  // A JSON Web Key Set, as ListLicenseTokenKeys returns it. It comes with the program or from its installation: whoever
  // can change it can make tokens.
  std::string jwks_json = {};
  // A list as GetLicenseRevocationList returns it. If it is not set, a revocation is not noticed before the token
  // expires.
  std::optional<std::string> revocation_list = {};
  absl::Time now = absl::Now();
  // The latest time ever seen (VerifiedLicense::latest_time); InfinitePast: nothing is remembered.
  absl::Time latest_seen = absl::InfinitePast();
  // How far clocks may be apart, or be set back, without an error. This prolongs nothing: dates are compared with the
  // latest time seen.
  absl::Duration clock_tolerance = absl::Minutes(5);
};

// What a valid token says.
struct VerifiedLicense {
  enum class State {
    kActive,  // within its term
    kGrace,   // the term is over, but the license can still be used: time to renew
  };
  std::string license;           // "customers/{customer}/licenses/{license}"
  std::string partner;           // "partners/{partner}"
  std::string product;           // "products/{product}"
  std::string unit;              // "USER", "SEAT", …: a name of v1::Product::Unit
  int units = 0;                 // at least 1
  State state = State::kActive;  // the state today, in UTC
  absl::CivilDay start_date;
  absl::CivilDay expiration_date;  // first day after the term
  absl::CivilDay grace_end_date;   // first day on which the license can't be used
  absl::Time issue_time;
  absl::Time expire_time;  // of the token; get another token before
  std::string token_id;
  std::string key_id;
  // The latest of the clock, LicenseTokenOptions::latest_seen, and the times at which token and list were made. The
  // caller should remember it.
  absl::Time latest_time;
};

// `token` must not have blanks around it. Errors, each with its LicenseTokenError: INVALID_ARGUMENT (kKeysMalformed,
// kMalformed), UNAUTHENTICATED (kWrongAlgorithm, kUnknownKey, kBadSignature), FAILED_PRECONDITION (the others).
// Thread-safe.
absl::StatusOr<VerifiedLicense> VerifyLicenseToken(absl::string_view token, const LicenseTokenOptions& options);

// A clock memory in a file: one line with a time as in RFC 3339. Several processes may share the file. The memory is
// only as safe as the file: if it is deleted, only the times in token and list are left to compare with.
class ClockFile final {
 public:
  explicit ClockFile(std::string path) : path_(std::move(path)) {}

  // Returns InfinitePast if there is no file. Errors: FAILED_PRECONDITION.
  absl::StatusOr<absl::Time> Read() const;
  // Stores `seen`, unless the file has that time or a later one, to within a minute. Errors: FAILED_PRECONDITION.
  absl::Status Advance(absl::Time seen) const;

 private:
  std::string path_;
};

// The same with the file as the clock memory. The memory is advanced for every genuine token, also for one that is
// expired or revoked, unless the clock was set back. Errors: also those of ClockFile.
absl::StatusOr<VerifiedLicense> VerifyLicenseToken(absl::string_view token, LicenseTokenOptions options,
                                                   const ClockFile& clock_file);

}  // namespace lmp::client

#endif  // LMP_LICENSE_TOKEN_H_
