#include "server/auth/issuer_keys.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/auth/file_text.h"
#include "server/auth/https_get.h"

namespace lmp::auth {
namespace {

absl::StatusOr<std::string> ReadOrFetch(const IssuerOptions& options) {
  if (options.jwks.find("://") == std::string::npos) return ReadFile(options.jwks);
  HttpsGet request{.url = options.jwks, .ca_file = options.ca_file};
  if (!options.bearer_token_file.empty()) {
    absl::StatusOr<std::string> token = ReadFile(options.bearer_token_file);
    if (!token.ok()) return token.status();
    request.bearer_token = std::string(absl::StripAsciiWhitespace(*token));
  }
  return Fetch(request);
}

}  // namespace

IssuerKeys::IssuerKeys(IssuerOptions options, Report report, std::shared_ptr<const KeySet> keys)
    : IssuerKeys(std::move(options), std::move(report), ReadOrFetch, Periods(), std::move(keys)) {}

IssuerKeys::IssuerKeys(IssuerOptions options, Report report, Read read, Periods periods,
                       std::shared_ptr<const KeySet> keys)
    : options_(std::move(options)),
      report_(std::move(report)),
      read_(std::move(read)),
      periods_(periods),
      keys_(std::move(keys)) {
  if (IsFile()) Look();  // at once, because reading a file keeps nobody waiting
  thread_ = std::thread([this] { Run(); });
}

IssuerKeys::~IssuerKeys() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

std::shared_ptr<const KeySet> IssuerKeys::Current() const {
  absl::MutexLock lock(&mutex_);
  return keys_;
}

bool IssuerKeys::AskForNewer() {
  if (IsFile()) return false;  // the file is looked at all the time anyway
  absl::MutexLock lock(&mutex_);
  if (!asked_ && absl::Now() - looked_ >= periods_.asked) asked_ = true;
  return asked_;
}

void IssuerKeys::Run() {
  if (!IsFile()) Look();
  while (WaitForNextLook()) {
    if (!IsFile() || StateOfFile(options_.jwks) != state_) Look();
  }
}

bool IssuerKeys::WaitForNextLook() {
  // The state is empty until the keys were read once.
  const absl::Duration period = IsFile() ? periods_.file : state_.empty() ? periods_.failed : periods_.url;
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(this, &IssuerKeys::Woken), period);
  return !stopping_;
}

void IssuerKeys::Look() {
  const std::string state =
      IsFile() ? StateOfFile(options_.jwks) : "";  // taken before reading: a change in between is then noticed later
  const absl::StatusOr<std::string> text = read_(options_);
  absl::StatusOr<std::shared_ptr<const KeySet>> keys = text.ok() ? KeySet::Parse(*text) : text.status();
  if (!keys.ok() && std::exchange(complaint_, std::string(keys.status().message())) != keys.status().message()) {
    report_("issuer_keys", absl::StrCat("the keys of ", options_.issuer, " can't be read: they stay as they were"),
            keys.status());
  }
  if (keys.ok()) {
    complaint_.clear();
    const std::string now = IsFile() ? state : *text;
    if (now != state_)
      report_("issuer_keys", absl::StrCat("the keys of ", options_.issuer, " were read"), absl::OkStatus());
    state_ = now;
  }
  absl::MutexLock lock(&mutex_);
  if (keys.ok()) keys_ = *std::move(keys);
  looked_ = absl::Now();
  asked_ = false;
}

}  // namespace lmp::auth
