// What a request is completed with while it is parsed: what the server, and not the caller, knows.
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
  // The keys of license tokens as they are now. May be empty, or return null: the server has none.
  std::function<std::shared_ptr<const domain::TokenSigner>()> signer = {};

  // The id of what a request makes: the caller's choice or, if that is empty, a new one.
  std::string IdOr(const std::string& chosen) const { return chosen.empty() ? ids.NewId(now) : chosen; }
};

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_SERVER_CONTEXT_H_
