// What the server, and not the caller, knows. A request is completed with it while it is parsed.
#ifndef LMP_SERVER_WIRE_SERVER_CONTEXT_H_
#define LMP_SERVER_WIRE_SERVER_CONTEXT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "server/domain/env.h"
#include "server/domain/license/license_token.h"
#include "server/wire/page_token.h"

namespace lmp::wire {

struct ServerContext {
  domain::IdSource& ids;
  const PageTokens& tokens;
  absl::Time now;  // business time
  // Returns the key of license tokens that signs now. It may be empty, or return null: the server has no key.
  std::function<std::shared_ptr<const domain::TokenSigner>()> signer = {};

  // The id for what a request makes: the caller's choice or, if that is empty, a new id.
  std::string IdOr(const std::string& chosen) const { return chosen.empty() ? ids.NewId(now) : chosen; }
};

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_SERVER_CONTEXT_H_
