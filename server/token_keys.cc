#include "server/token_keys.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/observe/log.h"
#include "server/open_file.h"
#include "storage/status_macros.h"

namespace lmp::server {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Key = std::shared_ptr<EVP_PKEY>;

constexpr size_t kKeySize = 32;
constexpr size_t kSignatureSize = 64;

Key Owned(EVP_PKEY* key) { return Key(key, EVP_PKEY_free); }

template <class Read>
Key ReadPem(const std::string& name, Read read) {
  const OpenFile file(std::fopen(name.c_str(), "re"));
  // An empty pass phrase, because otherwise OpenSSL would ask for one on the terminal.
  char no_phrase[] = "";
  Key key = Owned(file == nullptr ? nullptr : read(file.get(), nullptr, nullptr, no_phrase));
  return key != nullptr && EVP_PKEY_id(key.get()) == EVP_PKEY_ED25519 ? key : nullptr;
}

// RFC 7638: the hash is over the required members of the JWK, in order and without blanks.
std::string Thumbprint(const std::string& x) {
  const std::string jwk = absl::StrCat(R"({"crv":"Ed25519","kty":"OKP","x":")", x, R"("})");
  std::array<char, EVP_MAX_MD_SIZE> hash{};
  unsigned int size = 0;
  EVP_Digest(jwk.data(), jwk.size(), reinterpret_cast<unsigned char*>(hash.data()), &size, EVP_sha256(), nullptr);
  return absl::WebSafeBase64Escape(absl::string_view(hash.data(), size));
}

std::string PublicPem(EVP_PKEY* key) {
  const Bio memory(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PUBKEY(memory.get(), key);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

TokenKey PublicHalf(EVP_PKEY* key) {
  std::array<char, kKeySize> bytes{};
  size_t size = bytes.size();
  EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &size);
  TokenKey half;
  half.x = absl::WebSafeBase64Escape(absl::string_view(bytes.data(), size));
  half.key_id = Thumbprint(half.x);
  half.public_key_pem = PublicPem(key);
  return half;
}

// A text that changes when one of the files does.
std::string StateOf(const std::vector<std::string>& files) {
  std::string state;
  for (const std::string& file : files) {
    struct stat info {};
    if (stat(file.c_str(), &info) != 0) info = {};
    absl::StrAppend(&state, info.st_dev, " ", info.st_ino, " ", info.st_size, " ", info.st_mtim.tv_sec, ".",
                    info.st_mtim.tv_nsec, ";");
  }
  return state;
}

absl::Status WriteKey(EVP_PKEY* key, const std::string& name) {
  const int fd = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  const OpenFile file(fd < 0 ? nullptr : fdopen(fd, "w"));
  if (file == nullptr || PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      std::fflush(file.get()) != 0 || fsync(fd) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("can't write a key for license tokens to ", name, ": ", strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const TokenKeySet>> TokenKeySet::Load(const std::vector<std::string>& files) {
  auto set = std::make_shared<TokenKeySet>();
  for (const std::string& file : files) {
    Key key = ReadPem(file, PEM_read_PrivateKey);
    if (set->private_key_ == nullptr) {
      if (key == nullptr) {
        return absl::InvalidArgumentError(absl::StrCat(
            "no Ed25519 private key (PEM) in --token-key-file ", file,
            ": the first file is the one to sign with; `openssl genpkey -algorithm ed25519 -out FILE` makes one"));
      }
      set->private_key_ = key;
    } else if (key == nullptr) {
      key = ReadPem(file, PEM_read_PUBKEY);
    }
    if (key == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("no Ed25519 key, private or public (PEM), in --token-key-file ", file));
    }
    TokenKey half = PublicHalf(key.get());
    const bool is_new = std::none_of(set->keys_.begin(), set->keys_.end(),
                                     [&](const TokenKey& other) { return other.key_id == half.key_id; });
    if (is_new) set->keys_.push_back(std::move(half));
  }
  return set;
}

absl::StatusOr<std::string> TokenKeySet::Sign(absl::string_view type, absl::string_view claims) const {
  const std::string header = absl::StrCat(R"({"alg":"EdDSA","kid":")", signing_key_id(), R"(","typ":")", type, R"("})");
  std::string token = absl::StrCat(absl::WebSafeBase64Escape(header), ".", absl::WebSafeBase64Escape(claims));
  std::array<char, kSignatureSize> signature{};
  size_t size = signature.size();
  const Context context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, private_key_.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(token.data()), token.size()) != 1) {
    return absl::InternalError("OpenSSL could not sign");
  }
  absl::StrAppend(&token, ".", absl::WebSafeBase64Escape(absl::string_view(signature.data(), size)));
  return token;
}

std::string TokenKeySet::JwksJson() const {
  std::string json = R"({"keys":[)";
  const char* separator = "";
  for (const TokenKey& key : keys_) {
    absl::StrAppend(&json, std::exchange(separator, ","), R"({"kty":"OKP","crv":"Ed25519","x":")", key.x,
                    R"(","kid":")", key.key_id, R"(","alg":"EdDSA","use":"sig"})");
  }
  return json + "]}";
}

TokenKeys::TokenKeys(std::vector<std::string> files, std::string state, std::shared_ptr<const TokenKeySet> keys)
    : files_(std::move(files)), looked_(absl::Now()), state_(std::move(state)), keys_(std::move(keys)) {}

absl::StatusOr<std::unique_ptr<TokenKeys>> TokenKeys::Open(std::vector<std::string> files) {
  std::string state = StateOf(files);  // taken before reading: a change in between is then noticed later
  ASSIGN_OR_RETURN(auto keys, TokenKeySet::Load(files));
  return std::unique_ptr<TokenKeys>(new TokenKeys(std::move(files), std::move(state), std::move(keys)));
}

std::shared_ptr<const TokenKeySet> TokenKeys::Current() {
  absl::MutexLock lock(&mutex_);
  const absl::Time now = absl::Now();
  if (files_.empty() || (now >= looked_ && now - looked_ < kLookPeriod)) return keys_;
  looked_ = now;
  std::string state = StateOf(files_);
  if (state == state_) return keys_;
  absl::StatusOr<std::shared_ptr<const TokenKeySet>> changed = TokenKeySet::Load(files_);
  if (!changed.ok()) {
    if (std::exchange(refused_, state) == state) return keys_;
    count_(false);
    Log(Severity::kWarning, "the token keys changed and can't be read: they stay as they were",
        {{"error", std::string(changed.status().message())}});
    return keys_;
  }
  state_ = std::move(state);
  keys_ = *std::move(changed);
  count_(true);
  Log(Severity::kInfo, "the token keys were read again",
      {{"signing_key_id", keys_->signing_key_id()}, {"keys", static_cast<int64_t>(keys_->keys().size())}});
  return keys_;
}

absl::Status TokenKeys::Reload(std::vector<std::string> files) {
  std::string state = StateOf(files);
  ASSIGN_OR_RETURN(auto keys, TokenKeySet::Load(files));
  absl::MutexLock lock(&mutex_);
  files_ = std::move(files);
  looked_ = absl::Now();
  state_ = std::move(state);
  keys_ = std::move(keys);
  return absl::OkStatus();
}

absl::Status MakeTokenKeyFile(const std::string& file) {
  struct stat info {};
  if (lstat(file.c_str(), &info) == 0) {
    if (S_ISREG(info.st_mode) && info.st_uid == geteuid()) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(file,
                     ", the key for license tokens, is not a plain file of ours: somebody else may have chosen it; "
                     "remove it, and another is made"));
  }
  const Key key = Owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  if (key == nullptr) return absl::FailedPreconditionError("OpenSSL could not make a key for license tokens");
  const std::string unfinished = file + ".new";  // written and then renamed, so that the file is always whole
  unlink(unfinished.c_str());
  RETURN_IF_ERROR(WriteKey(key.get(), unfinished));
  if (rename(unfinished.c_str(), file.c_str()) != 0) {
    return absl::FailedPreconditionError(absl::StrCat("can't make ", file, ": ", strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace lmp::server
