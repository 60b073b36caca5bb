#include "server/auth/authenticator.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/auth/api_key_secret.h"
#include "server/auth/file_text.h"
#include "server/auth/jwt.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"

namespace lmp::auth {
namespace {

absl::Status Refused(absl::string_view reason, absl::string_view message) {
  return domain::Refuse(absl::StatusCode::kUnauthenticated, message, {.reason = std::string(reason)});
}

absl::Status NoCredentials() {
  return Refused(domain::reason::kNoCredentials,
                 "this server must know who calls: send an API key or a token as `authorization: Bearer …`, or a "
                 "client certificate");
}

// What the caller is told. It is the same for all faults, so that nobody learns how far an attempt came.
absl::Status Shown(const absl::Status& status) {
  if (absl::IsDeadlineExceeded(status))
    return Refused(domain::reason::kExpiredCredentials, "the key or token has expired: get a new one");
  if (absl::IsInvalidArgument(status))
    return Refused(domain::reason::kInvalidCredentials, "the key, token or certificate is not accepted here");
  if (absl::IsUnavailable(status)) {
    return domain::Refuse(absl::StatusCode::kUnavailable, "the keys of the token's issuer can't be had now: try again",
                          {.reason = domain::reason::kIssuerUnavailable});
  }
  return status;
}

}  // namespace

Authenticator::Authenticator(Options options)
    : options_(std::move(options)),
      local_admin_(std::make_shared<const Identity>(LocalAdmin())),
      keys_(options_.find_key, options_.clock) {}

absl::StatusOr<std::unique_ptr<Authenticator>> Authenticator::Open(Options options) {
  auto authenticator = std::unique_ptr<Authenticator>(new Authenticator(std::move(options)));
  if (const absl::Status status = authenticator->Reload(); !status.ok()) return status;
  return authenticator;
}

absl::StatusOr<std::shared_ptr<const Authenticator::Trust>> Authenticator::Load() const {
  auto trust = std::make_shared<Trust>();
  if (options_.auth_file.empty()) return trust;
  const absl::StatusOr<std::string> text = ReadFile(options_.auth_file);
  if (!text.ok()) return text.status();
  absl::StatusOr<AuthFile> file = ParseAuthFile(*text);
  if (!file.ok()) return absl::InvalidArgumentError(absl::StrCat(options_.auth_file, ", ", file.status().message()));
  trust->file = *std::move(file);
  return trust;
}

absl::Status Authenticator::Reload() {
  absl::MutexLock one_at_a_time(&reload_mutex_);
  // Taken before reading, so that a change in between is noticed later.
  std::string state = StateOfFile(options_.auth_file);
  absl::StatusOr<std::shared_ptr<const Trust>> trust = Load();
  const absl::Status status = trust.status();
  if (status.ok()) Take(*std::move(trust));
  absl::MutexLock lock(&mutex_);
  looked_ = options_.clock();
  state_ = std::move(state);
  return status;
}

// Issuers that did not change keep the keys that they have, and one that changed has the same until it has read its
// own: nobody who is entitled before and after is refused in between.
void Authenticator::Take(std::shared_ptr<const Trust> loaded) {
  auto trust = std::make_shared<Trust>(*loaded);
  std::shared_ptr<const Trust> before;
  {
    absl::MutexLock lock(&mutex_);
    before = trust_;
  }
  for (const IssuerOptions& options : trust->file.issuers) {
    std::shared_ptr<IssuerKeys> keys;
    std::shared_ptr<const KeySet> last;
    for (const auto& old : before == nullptr ? std::vector<std::shared_ptr<IssuerKeys>>() : before->issuers) {
      if (old->options() == options) keys = old;
      if (old->options().issuer == options.issuer) last = old->Current();
    }
    trust->issuers.push_back(keys != nullptr ? keys : std::make_shared<IssuerKeys>(options, options_.report, last));
  }
  absl::MutexLock lock(&mutex_);
  trust_ = std::move(trust);
  tokens_.clear();
}

std::shared_ptr<const Authenticator::Trust> Authenticator::CurrentTrust(absl::Time now) {
  {
    absl::MutexLock lock(&mutex_);
    if (options_.auth_file.empty() || (now >= looked_ && now - looked_ < kLookPeriod)) return trust_;
    looked_ = now;
    if (StateOfFile(options_.auth_file) == state_ || !IsSettled(options_.auth_file)) return trust_;
  }
  const absl::Status read = Reload();
  options_.report("auth_file",
                  read.ok() ? "the file of issuers and bindings was read again"
                            : "the file of issuers and bindings changed and can't be used: all stays as it was",
                  read);
  absl::MutexLock lock(&mutex_);
  return trust_;
}

void Authenticator::Authenticate(const Credentials& credentials, Done done) {
  const absl::Time now = options_.clock();
  absl::StatusOr<Caller> caller = NoCredentials();
  absl::string_view token = credentials.authorization;
  if (!credentials.certificate_end.ok()) {
    caller = credentials.certificate_end.status();
  } else if (!token.empty()) {
    const bool bearer = absl::StartsWithIgnoreCase(token, "bearer ");
    token = absl::StripAsciiWhitespace(token.substr(bearer ? 7 : 0));
    if (bearer && LooksLikeApiKey(token)) {
      return keys_.Find(HashOfSecret(token), [this, done = std::move(done)](const auto& key) { AnswerKey(key, done); });
    }
    caller = !bearer                           ? absl::InvalidArgumentError("not a bearer token")
             : absl::StartsWith(token, "lmp_") ? absl::InvalidArgumentError("not an API key: its checksum is wrong")
                                               : OfToken(token, now);
  } else if (!credentials.certificate.empty()) {
    caller = OfCertificate(credentials.certificate, *credentials.certificate_end, now);
  } else if (options_.anonymous_is_admin) {
    caller = local_admin_;
  }
  if (caller.ok()) return done(*std::move(caller), "");
  done(Shown(caller.status()), std::string(caller.status().message()));
}

void Authenticator::AnswerKey(const absl::StatusOr<FoundKey>& key, const Done& done) const {
  if (!key.ok()) return done(key.status(), std::string(key.status().message()));  // this error comes from the database
  absl::Status status;
  if (*key == nullptr) {
    status = absl::InvalidArgumentError("there is no such API key, or it was revoked");
  } else if (options_.clock() >= (*key)->expire_time) {
    status = absl::DeadlineExceededError(absl::StrCat((*key)->actor, " has expired"));
  }
  if (status.ok()) return done(*key, "");
  done(Shown(status), std::string(status.message()));
}

absl::StatusOr<Authenticator::Caller> Authenticator::OfToken(absl::string_view token, absl::Time now) {
  const std::shared_ptr<const Trust> trust = CurrentTrust(now);
  const std::string hash = HashOfSecret(token);
  {
    absl::MutexLock lock(&mutex_);
    const auto known = tokens_.find(hash);
    // A key that was withdrawn vouches for nothing from then on, also not for what it has vouched for.
    if (known != tokens_.end() && now < known->second.until &&
        known->second.verifier->Current() == known->second.keys) {
      return known->second.caller;
    }
  }
  absl::StatusOr<Known> verified = VerifiedToken(token, *trust, now);
  if (!verified.ok()) return verified.status();
  Caller caller = verified->caller;
  absl::MutexLock lock(&mutex_);
  if (tokens_.size() >= kMaxTokens) tokens_.clear();
  // The file may have changed meanwhile: then the token is verified by the new one the next time.
  if (trust_ == trust) tokens_[hash] = *std::move(verified);
  return caller;
}

absl::StatusOr<Authenticator::Known> Authenticator::VerifiedToken(absl::string_view token, const Trust& trust,
                                                                  absl::Time now) const {
  absl::StatusOr<TokenClaims> claims = VerifyJwt(token, trust.issuers, now);
  if (!claims.ok()) return claims.status();
  Identity identity{.issuer = claims->issuer,
                    .subject = claims->subject,
                    .actor = absl::StrCat(claims->issuer, "#", claims->subject),
                    .expire_time = claims->expire_time};
  if (identity.actor.size() > kMaxActor) return absl::InvalidArgumentError("its issuer and subject are too long");
  identity.grant = claims->grant.has_value() ? *claims->grant
                                             : trust.file.GrantOf(identity.issuer, identity.subject).value_or(Grant());
  const absl::Time until = std::min(identity.expire_time + kClockTolerance, now + kMaxTokenAge);
  return Known{std::make_shared<const Identity>(std::move(identity)), until, claims->verifier, claims->keys};
}

absl::StatusOr<Authenticator::Caller> Authenticator::OfCertificate(const CertificateNames& names, absl::Time end,
                                                                   absl::Time now) {
  const std::vector<std::string> subjects = SubjectsOf(names);
  if (subjects.empty())
    return absl::InvalidArgumentError("the certificate names nobody: a SPIFFE id, a DNS name or a CN");
  const std::shared_ptr<const Trust> trust = CurrentTrust(now);
  Identity identity{.issuer = kMtls, .subject = subjects.front(), .expire_time = end};
  for (const std::string& subject : subjects) {
    const std::optional<Grant> grant = trust->file.GrantOf(kMtls, subject);
    if (!grant.has_value()) continue;
    identity.subject = subject;
    identity.grant = *grant;
    break;
  }
  // A SPIFFE id is unique by itself, so it needs no issuer.
  const bool spiffe = absl::StartsWithIgnoreCase(identity.subject, "spiffe://");
  identity.actor = spiffe ? identity.subject : absl::StrCat(kMtls, "#", identity.subject);
  if (identity.actor.size() > kMaxActor) return absl::InvalidArgumentError("the certificate's name is too long");
  return std::make_shared<const Identity>(std::move(identity));
}

}  // namespace lmp::auth
