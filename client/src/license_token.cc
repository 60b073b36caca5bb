#include "lmp/license_token.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/src/jws.h"

namespace lmp::client {
namespace {

using nlohmann::json;
using Error = LicenseTokenError;

constexpr char kPayload[] = "lmp/license-token-error";
constexpr char kTokenType[] = "lmp-license+jwt";
constexpr char kListType[] = "lmp-revocations+jwt";
constexpr size_t kMaxToken = 16 * 1024;
constexpr size_t kMaxList = 64 * 1024 * 1024;
constexpr int64_t kLastSecond = 253'402'300'799;  // the last second of the year 9999
constexpr int64_t kMaxUnits = std::numeric_limits<int>::max();

constexpr std::array<absl::string_view, 11> kNames = {
    "KEYS_MALFORMED",        "TOKEN_MALFORMED", "TOKEN_WRONG_ALGORITHM", "TOKEN_UNKNOWN_KEY",
    "TOKEN_BAD_SIGNATURE",   "CLOCK_SET_BACK",  "TOKEN_EXPIRED",         "TOKEN_NOT_YET_VALID",
    "REVOCATION_LIST_WRONG", "TOKEN_REVOKED",   "REVOCATION_LIST_STALE"};

absl::StatusCode CodeOf(Error error) {
  if (error <= Error::kMalformed) return absl::StatusCode::kInvalidArgument;
  return error <= Error::kBadSignature ? absl::StatusCode::kUnauthenticated : absl::StatusCode::kFailedPrecondition;
}

absl::Status Fail(Error error, absl::string_view message) {
  absl::Status status(CodeOf(error), message);
  status.SetPayload(kPayload, absl::Cord(LicenseTokenErrorName(error)));
  return status;
}

// One of the two kinds of JWT.
struct Kind {
  absl::string_view what;
  absl::string_view type;
  size_t max_size;
};
constexpr Kind kToken{"license token", kTokenType, kMaxToken};
constexpr Kind kList{"revocation list", kListType, kMaxList};

// Reads claims one by one, and remembers whether all of them were valid.
class Claims final {
 public:
  explicit Claims(const json& object) : object_(object), good_(object.is_object()) {}

  std::string Text(const char* name) {
    const json* value = Find(name);
    if (value == nullptr || !value->is_string() || value->get_ref<const std::string&>().empty())
      return Bad<std::string>();
    return value->get<std::string>();
  }
  int64_t Number(const char* name, int64_t least, int64_t most) {
    const json* value = Find(name);
    if (value == nullptr || !value->is_number_integer()) return Bad<int64_t>();
    // A number beyond 63 bits becomes negative, and no range here allows that.
    const int64_t number = value->get<int64_t>();
    return number >= least && number <= most ? number : Bad<int64_t>();
  }
  absl::Time Time(const char* name) { return absl::FromUnixSeconds(Number(name, 0, kLastSecond)); }
  absl::CivilDay Date(const char* name) {
    const std::string text = Text(name);
    absl::CivilDay day;
    if (!absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text) return Bad<absl::CivilDay>();
    return day;
  }
  const json* Find(const char* name) const {
    const auto it = object_.is_object() ? object_.find(name) : object_.end();
    return it == object_.end() ? nullptr : &*it;
  }
  bool Has(const char* name) const { return Find(name) != nullptr; }
  void Require(bool condition) { good_ = good_ && condition; }
  bool good() const { return good_; }

 private:
  template <class T>
  T Bad() {
    good_ = false;
    return T{};
  }

  const json& object_;
  bool good_;
};

// Verifies the signature of a JWT and returns its claims.
absl::StatusOr<std::pair<json, std::string>> VerifySignature(const KeySet& keys, const Kind& kind,
                                                             absl::string_view text) {
  const std::optional<Jws> jws = text.size() <= kind.max_size ? ParseJws(text) : std::nullopt;
  if (!jws.has_value())
    return Fail(Error::kMalformed, absl::StrCat("this is no ", kind.what, ": not a JWT in compact form"));
  if (jws->algorithm != "EdDSA") {
    return Fail(Error::kWrongAlgorithm, absl::StrCat("the ", kind.what, " is not signed with EdDSA"));
  }
  const auto key = keys.find(jws->key_id);
  if (key == keys.end()) {
    return Fail(Error::kUnknownKey,
                absl::StrCat("the ", kind.what, " is signed with a key that is not among the keys given",
                             ": they may be older than it"));
  }
  if (!VerifyEd25519(key->second, jws->signing_input, jws->signature)) {
    return Fail(Error::kBadSignature,
                absl::StrCat("the signature of the ", kind.what, " does not hold: it was changed"));
  }
  json claims = json::parse(jws->payload, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (jws->type != kind.type || jws->critical || !claims.is_object()) {
    return Fail(Error::kMalformed, absl::StrCat("this JWT is no ", kind.what));
  }
  return std::make_pair(std::move(claims), jws->key_id);
}

absl::Status Incomplete(const Kind& kind) {
  return Fail(Error::kMalformed, absl::StrCat("the ", kind.what, " lacks claims, or has some that make no sense"));
}

const json& Member(const json& object, const char* name) {
  static const json& none = *new json();
  const auto it = object.find(name);
  return it == object.end() ? none : *it;
}

struct Token {
  VerifiedLicense license;
  absl::Time not_before = absl::InfinitePast();
};

absl::StatusOr<Token> ReadToken(const KeySet& keys, absl::string_view text) {
  const auto verified = VerifySignature(keys, kToken, text);
  if (!verified.ok()) return verified.status();
  Claims claims(verified->first);
  Claims own(Member(verified->first, "lmp"));
  Token token;
  VerifiedLicense& license = token.license;
  license.key_id = verified->second;
  license.license = claims.Text("sub");
  license.token_id = claims.Text("jti");
  license.issue_time = claims.Time("iat");
  license.expire_time = claims.Time("exp");
  if (claims.Has("nbf")) token.not_before = claims.Time("nbf");
  license.partner = own.Text("partner");
  license.product = own.Text("product");
  license.unit = own.Text("unit");
  license.units = static_cast<int>(own.Number("units", 1, kMaxUnits));
  license.start_date = own.Date("start_date");
  license.expiration_date = own.Date("expiration_date");
  license.grace_end_date = own.Date("grace_end_date");
  claims.Require(claims.Text("iss") == "lmp" && license.issue_time < license.expire_time &&
                 license.start_date <= license.expiration_date && license.expiration_date <= license.grace_end_date);
  if (!claims.good() || !own.good()) return Incomplete(kToken);
  return token;
}

struct RevocationList {
  std::string parent;
  absl::Time issue_time;
  absl::Time expire_time;
  std::set<std::string> revoked;
};

absl::StatusOr<RevocationList> ReadList(const KeySet& keys, absl::string_view text) {
  const auto verified = VerifySignature(keys, kList, text);
  if (!verified.ok()) return verified.status();
  Claims claims(verified->first);
  Claims own(Member(verified->first, "lmp"));
  RevocationList list{claims.Text("sub"), claims.Time("iat"), claims.Time("exp"), {}};
  const json* revoked = own.Find("revoked");
  own.Require(revoked != nullptr && revoked->is_array());
  claims.Require(claims.Text("iss") == "lmp");
  if (!claims.good() || !own.good()) return Incomplete(kList);
  for (const json& id : *revoked) {
    if (!id.is_string()) return Incomplete(kList);
    list.revoked.insert(id.get<std::string>());
  }
  return list;
}

std::string Show(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }

absl::Status CheckDates(const Token& token, absl::Time now) {
  const VerifiedLicense& license = token.license;
  const absl::CivilDay today = absl::ToCivilDay(now, absl::UTCTimeZone());
  if (today >= license.grace_end_date) {
    return Fail(Error::kExpired, absl::StrCat("the license ended on ", absl::FormatCivilTime(license.grace_end_date)));
  }
  if (now >= license.expire_time) {
    return Fail(Error::kExpired, absl::StrCat("the token expired at ", Show(license.expire_time), ": get a new one"));
  }
  if (now < token.not_before || today < license.start_date) {
    return Fail(Error::kNotYetValid, absl::StrCat("the license starts on ", absl::FormatCivilTime(license.start_date)));
  }
  return absl::OkStatus();
}

// A list about another customer or partner says nothing about this token.
absl::Status CheckRevocations(const VerifiedLicense& license, const RevocationList& list, absl::Time now) {
  if (list.parent != license.partner && !absl::StartsWith(license.license, absl::StrCat(list.parent, "/"))) {
    return Fail(Error::kRevocationListWrong, absl::StrCat("the revocation list is about ", list.parent, ", not about ",
                                                          license.license, " or ", license.partner));
  }
  if (list.revoked.count(license.token_id) > 0) {
    return Fail(Error::kRevoked, absl::StrCat("the token was revoked: ", license.license,
                                              " can no longer be used as it says; get a new one"));
  }
  if (now >= list.expire_time) {
    return Fail(Error::kRevocationListStale,
                absl::StrCat("the revocation list was good until ", Show(list.expire_time), ": get a new one"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::string_view LicenseTokenErrorName(LicenseTokenError error) { return kNames.at(static_cast<size_t>(error)); }

std::optional<LicenseTokenError> GetLicenseTokenError(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  if (!payload.has_value()) return std::nullopt;
  const auto name = std::find(kNames.begin(), kNames.end(), std::string(*payload));
  if (name == kNames.end()) return std::nullopt;
  return static_cast<Error>(name - kNames.begin());
}

absl::StatusOr<VerifiedLicense> VerifyLicenseToken(absl::string_view token_text, const LicenseTokenOptions& options) {
  const absl::StatusOr<KeySet> keys = ParseKeySet(options.jwks_json);
  if (!keys.ok()) return Fail(Error::kKeysMalformed, keys.status().message());
  absl::StatusOr<Token> token = ReadToken(*keys, token_text);
  if (!token.ok()) return token.status();
  VerifiedLicense& license = token->license;
  license.latest_time = std::max({options.now, options.latest_seen, license.issue_time});
  std::optional<RevocationList> list;
  if (options.revocation_list.has_value()) {
    absl::StatusOr<RevocationList> read = ReadList(*keys, *options.revocation_list);
    if (!read.ok()) return read.status();
    license.latest_time = std::max(license.latest_time, read->issue_time);
    list = *std::move(read);
  }
  if (options.now < license.latest_time - options.clock_tolerance) {
    return Fail(Error::kClockSetBack, absl::StrCat("the clock was set back: it says ", Show(options.now),
                                                   ", but it was ", Show(license.latest_time), " already"));
  }
  if (absl::Status status = CheckDates(*token, license.latest_time); !status.ok()) return status;
  if (list.has_value()) {
    if (absl::Status status = CheckRevocations(license, *list, license.latest_time); !status.ok()) return status;
  }
  const absl::CivilDay today = absl::ToCivilDay(license.latest_time, absl::UTCTimeZone());
  license.state = today < license.expiration_date ? VerifiedLicense::State::kActive : VerifiedLicense::State::kGrace;
  return std::move(license);
}

absl::StatusOr<VerifiedLicense> VerifyLicenseToken(absl::string_view token, LicenseTokenOptions options,
                                                   const ClockFile& clock_file) {
  const absl::StatusOr<absl::Time> remembered = clock_file.Read();
  if (!remembered.ok()) return remembered.status();
  options.latest_seen = std::max(options.latest_seen, *remembered);
  absl::StatusOr<VerifiedLicense> license = VerifyLicenseToken(token, options);
  const std::optional<Error> error = GetLicenseTokenError(license.status());
  if (error.has_value() && *error <= Error::kClockSetBack) return license;
  const absl::Status kept = clock_file.Advance(license.ok() ? license->latest_time : options.now);
  if (license.ok() && !kept.ok()) return kept;
  return license;
}

}  // namespace lmp::client
