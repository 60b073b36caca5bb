#include "server/tls_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <ctime>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/auth/file_text.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Check = std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)>;
using Stack = std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)>;

constexpr size_t kMaxClients = 10'000;
// A certificate that is refused may become good without a change of the files: when its time begins.
constexpr absl::Duration kRefusalAge = absl::Seconds(5);

Bio Memory(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free);
}

// All certificates of the text. Empty if there is none, or if one can't be read, such as the last one of a file that is
// cut off.
std::vector<Certificate> Certificates(const std::string& pem) {
  std::vector<Certificate> found;
  const Bio memory = Memory(pem);
  ERR_clear_error();
  for (;;) {
    Certificate next(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), X509_free);
    if (next == nullptr) break;
    found.push_back(std::move(next));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end) found.clear();
  return found;
}

Key PrivateKey(const std::string& pem) {
  const Bio memory = Memory(pem);
  char no_phrase[] = "";  // otherwise OpenSSL would ask for one on the terminal
  Key key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, no_phrase), EVP_PKEY_free);
  ERR_clear_error();
  return key;
}

absl::Status NoPem(absl::string_view what, absl::string_view flag, const std::string& file) {
  return absl::InvalidArgumentError(absl::StrCat("no ", what, " (PEM) in ", flag, " ", file));
}

absl::Time EndOf(const X509* certificate) {
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) return absl::InfinitePast();
  return absl::FromTM(end, absl::UTCTimeZone());
}

// The earliest end in the chain that was verified.
absl::Time EarliestEnd(X509_STORE_CTX* check) {
  absl::Time end = absl::InfiniteFuture();
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(check);
  for (int i = 0; i < sk_X509_num(chain); ++i) end = std::min(end, EndOf(sk_X509_value(chain, i)));
  return end;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const TlsSet>> TlsSet::Load(const TlsNames& names) {
  auto set = std::make_shared<TlsSet>();
  ASSIGN_OR_RETURN(set->cert_chain_, auth::ReadFile(names.cert));
  ASSIGN_OR_RETURN(set->key_, auth::ReadFile(names.key));
  const std::vector<Certificate> chain = Certificates(set->cert_chain_);
  if (chain.empty()) return NoPem("certificate", "--tls-cert", names.cert);
  const Key key = PrivateKey(set->key_);
  if (key == nullptr) return NoPem("private key", "--tls-key", names.key);
  if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError(
        absl::StrCat("the key in ", names.key, " is not that of the certificate in ", names.cert));
  }
  if (names.client_ca.empty()) return set;
  ASSIGN_OR_RETURN(set->client_ca_, auth::ReadFile(names.client_ca));
  const std::vector<Certificate> authorities = Certificates(set->client_ca_);
  if (authorities.empty()) return NoPem("certificate", "--tls-client-ca", names.client_ca);
  set->authorities_ = std::shared_ptr<X509_STORE>(X509_STORE_new(), X509_STORE_free);
  for (const Certificate& authority : authorities) X509_STORE_add_cert(set->authorities_.get(), authority.get());
  // As in gRPC's handshake, which is not to be repeated more strictly.
  X509_STORE_set_flags(set->authorities_.get(), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
  return set;
}

absl::StatusOr<absl::Time> TlsSet::EndOfClient(const std::string& certificate, const std::string& chain,
                                               absl::Time now) const {
  const std::vector<Certificate> leaf = Certificates(certificate);
  if (leaf.empty() || authorities_ == nullptr) return absl::InvalidArgumentError("there is no certificate to check");
  const std::vector<Certificate> between = Certificates(chain);
  const Stack untrusted(sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); });
  for (const Certificate& one : between) sk_X509_push(untrusted.get(), one.get());
  const Check check(X509_STORE_CTX_new(), X509_STORE_CTX_free);
  if (X509_STORE_CTX_init(check.get(), authorities_.get(), leaf.front().get(), untrusted.get()) != 1)
    return absl::InvalidArgumentError("the certificate can't be checked");
  X509_STORE_CTX_set_default(check.get(), "ssl_client");
  X509_STORE_CTX_set_time(check.get(), 0, absl::ToTimeT(now));
  const bool good = X509_verify_cert(check.get()) == 1;
  ERR_clear_error();
  if (good) return EarliestEnd(check.get());
  const int error = X509_STORE_CTX_get_error(check.get());
  if (error == X509_V_ERR_CERT_HAS_EXPIRED) return absl::DeadlineExceededError("the certificate has expired");
  return absl::InvalidArgumentError(
      absl::StrCat("the CA does not vouch for the certificate any more: ", X509_verify_cert_error_string(error)));
}

absl::StatusOr<std::unique_ptr<TlsFiles>> TlsFiles::Open(TlsNames names, auth::Report report) {
  auto files = std::unique_ptr<TlsFiles>(new TlsFiles(std::move(names), std::move(report)));
  RETURN_IF_ERROR(files->Reload());
  return files;
}

std::string TlsFiles::StateOfFiles() const {
  return absl::StrCat(auth::StateOfFile(names_.cert), ";", auth::StateOfFile(names_.key), ";",
                      names_.client_ca.empty() ? "" : auth::StateOfFile(names_.client_ca));
}

bool TlsFiles::AreSettled() const {
  return auth::IsSettled(names_.cert) && auth::IsSettled(names_.key) &&
         (names_.client_ca.empty() || auth::IsSettled(names_.client_ca));
}

absl::Status TlsFiles::Take() {
  std::string state = StateOfFiles();  // taken before reading: a change in between is then noticed later
  ASSIGN_OR_RETURN(auto set, TlsSet::Load(names_));
  set_ = std::move(set);
  state_ = std::move(state);
  complaint_.clear();
  return absl::OkStatus();
}

absl::Status TlsFiles::Reload() {
  absl::MutexLock lock(&mutex_);
  looked_ = absl::Now();
  return Take();
}

std::shared_ptr<const TlsSet> TlsFiles::Current() {
  absl::MutexLock lock(&mutex_);
  return Look(absl::Now());
}

std::shared_ptr<const TlsSet> TlsFiles::Look(absl::Time now) {
  if (now >= looked_ && now - looked_ < kLookPeriod) return set_;
  looked_ = now;
  if (StateOfFiles() == state_ || !AreSettled()) return set_;
  const absl::Status taken = Take();
  if (taken.ok()) {
    report_("tls", "the certificates were read again", taken);
  } else if (std::exchange(complaint_, std::string(taken.message())) != taken.message()) {
    report_("tls", "the files of TLS changed and can't be used: all stays as it was", taken);
  }
  return set_;
}

absl::StatusOr<absl::Time> TlsFiles::CheckClient(absl::string_view certificate, absl::string_view chain) {
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mutex_);
  const std::shared_ptr<const TlsSet> set = Look(now);
  const auto known = clients_.find(certificate);
  if (known != clients_.end() && known->second.set == set && now < known->second.until) return known->second.end;
  if (known == clients_.end() && clients_.size() >= kMaxClients) clients_.clear();
  Client& client = clients_[std::string(certificate)];
  if (!chain.empty()) client.chain = std::string(chain);
  client.set = set;
  client.end = set->EndOfClient(std::string(certificate), client.chain, now);
  client.until = client.end.ok() ? *client.end : now + kRefusalAge;
  return client.end;
}

}  // namespace lmp::server
