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

// Verifies license tokens (lmp/v1/license_token.proto) with no server, no network and no protobuf: link
// lmp::license_token.
//
// What it can't know: what happened to the license since the token was made, unless a revocation list says so; and the
// true time, if someone controls the clock and every file of the machine. A clock set back is noticed against what was
// seen before: the times in token and list, and a clock memory that the caller keeps (ClockFile keeps it in a file).
namespace lmp::client {

// What is wrong with a token. In the order in which it is looked for; the first one found is the error.
enum class LicenseTokenError {
  kKeysMalformed,        // the key set is not a JWK Set, or an Ed25519 key in it is broken
  kMalformed,            // not a JWT of the right type with the claims of a license token; or a revocation list is none
  kWrongAlgorithm,       // not EdDSA: "none" and HS256 are never accepted
  kUnknownKey,           // signed with a key that is not in the set: is the set up to date?
  kBadSignature,         // not what was signed
  kClockSetBack,         // now is before a time that was seen already
  kExpired,              // the token's time is over, or the license's grace
  kNotYetValid,          // the token's time, or the license, has not begun
  kRevocationListWrong,  // it is about neither the license's customer nor its partner
  kRevoked,              // the list says so
  kRevocationListStale,  // its time is over: a newer one may revoke the token
};

// "TOKEN_EXPIRED", "CLOCK_SET_BACK", …
absl::string_view LicenseTokenErrorName(LicenseTokenError error);
// Of a status from VerifyLicenseToken; nothing if it is OK or of another source.
std::optional<LicenseTokenError> GetLicenseTokenError(const absl::Status& status);

struct LicenseTokenOptions {
  // A JSON Web Key Set, as ListLicenseTokenKeys gives it. Comes with the program or from its installation: whoever can
  // change it can make tokens.
  std::string jwks_json = {};
  // As GetLicenseRevocationList gives it. Nothing: what was revoked is not noticed before the token expires.
  std::optional<std::string> revocation_list = {};
  absl::Time now = absl::Now();
  // The latest time ever seen (VerifiedLicense::latest_time); InfinitePast: no memory.
  absl::Time latest_seen = absl::InfinitePast();
  // How far clocks may be apart, or be set back, without a complaint. Nothing gets longer by it: to look at dates, the
  // latest time seen is taken for now.
  absl::Duration clock_tolerance = absl::Minutes(5);
};

// What a valid token says.
struct VerifiedLicense {
  enum class State {
    kActive,  // in its term
    kGrace,   // the term is over, it can still be used: time to renew
  };
  std::string license;           // "customers/{customer}/licenses/{license}"
  std::string partner;           // "partners/{partner}"
  std::string product;           // "products/{product}"
  std::string unit;              // "USER", "SEAT", …: a name of v1::Product::Unit
  int units = 0;                 // at least 1
  State state = State::kActive;  // today, in UTC
  absl::CivilDay start_date;
  absl::CivilDay expiration_date;  // first day after the term
  absl::CivilDay grace_end_date;   // first day on which it can't be used
  absl::Time issue_time;
  absl::Time expire_time;  // of the token: get another one before
  std::string token_id;
  std::string key_id;
  // The latest of now, LicenseTokenOptions::latest_seen, and the times at which token and list were made: to be
  // remembered.
  absl::Time latest_time;
};

// Errors, each with its LicenseTokenError: INVALID_ARGUMENT (kKeysMalformed, kMalformed), UNAUTHENTICATED
// (kWrongAlgorithm, kUnknownKey, kBadSignature), FAILED_PRECONDITION (the others). The token has no blanks around it.
// Thread-safe.
absl::StatusOr<VerifiedLicense> VerifyLicenseToken(absl::string_view token, const LicenseTokenOptions& options);

// A clock memory in a file: one line, a time as in RFC 3339. Several processes may share it. It is as safe as the file
// is: whoever deletes it leaves only the times in token and list to compare with.
class ClockFile final {
 public:
  explicit ClockFile(std::string path) : path_(std::move(path)) {}

  // InfinitePast if there is no file. Errors: FAILED_PRECONDITION.
  absl::StatusOr<absl::Time> Read() const;
  // Remembers `seen`, unless the file knows that time or a later one, to within a minute. Errors: FAILED_PRECONDITION.
  absl::Status Advance(absl::Time seen) const;

 private:
  std::string path_;
};

// The same with the file as the clock memory. It is advanced for every genuine token, also one that is expired or
// revoked, unless the clock was set back. Errors: also those of ClockFile.
absl::StatusOr<VerifiedLicense> VerifyLicenseToken(absl::string_view token, LicenseTokenOptions options,
                                                   const ClockFile& clock_file);

}  // namespace lmp::client

#endif  // LMP_LICENSE_TOKEN_H_
