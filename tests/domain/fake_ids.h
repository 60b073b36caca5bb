// Ids that a test can foresee.
#ifndef LMP_TESTS_DOMAIN_FAKE_IDS_H_
#define LMP_TESTS_DOMAIN_FAKE_IDS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "server/domain/env.h"

namespace lmp::domain {

// "id-1", "id-2" … and "LM-CODE-1", "LM-CODE-2" …
class FakeIds final : public IdSource {
 public:
  std::string NewId(absl::Time /*now*/) override { return absl::StrCat("id-", ++ids_); }
  std::string NewActivationCode() override { return absl::StrCat("LM-CODE-", ++codes_); }

 private:
  int ids_ = 0;
  int codes_ = 0;
};

}  // namespace lmp::domain

#endif  // LMP_TESTS_DOMAIN_FAKE_IDS_H_
