// Signs nothing: what it gives shows what it was asked for.
#ifndef LMP_TESTS_DOMAIN_FAKE_SIGNER_H_
#define LMP_TESTS_DOMAIN_FAKE_SIGNER_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/domain/license/license_token.h"

namespace lmp::domain {

class FakeSigner final : public TokenSigner {
 public:
  explicit FakeSigner(std::string key_id) : key_id_(std::move(key_id)) {}
  std::string signing_key_id() const override { return key_id_; }
  absl::StatusOr<std::string> Sign(absl::string_view type, absl::string_view claims) const override {
    return absl::StrCat(type, ".", claims, ".", key_id_);
  }

 private:
  const std::string key_id_;
};

}  // namespace lmp::domain

#endif  // LMP_TESTS_DOMAIN_FAKE_SIGNER_H_
