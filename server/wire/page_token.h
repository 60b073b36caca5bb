// Page tokens: where a list goes on, bound to the arguments it belongs to and authenticated, so that nobody makes one
// up. A token grants nothing: what a caller may see is asked anew for each page.
#ifndef LMP_SERVER_WIRE_PAGE_TOKEN_H_
#define LMP_SERVER_WIRE_PAGE_TOKEN_H_

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "storage/rows/row_page.h"

namespace lmp::wire {

// SHA-256 of a message without the named field; the same for equal messages.
std::string Fingerprint(const google::protobuf::Message& message, std::initializer_list<const char*> without_fields);

// What page_size and page_token of a request say.
struct PageRequest {
  int limit = 50;                          // 1 to 1000
  std::optional<storage::Position> after;  // none: the first page
};

class PageTokens final {
 public:
  // The same secret for all servers of a database: a list goes on at any of them.
  explicit PageTokens(std::string secret = "") : secret_(std::move(secret)) {}
  // Before the first call.
  void SetSecret(std::string secret) { secret_ = std::move(secret); }

  // Errors: INVALID_ARGUMENT with PAGE_TOKEN_INVALID for a token that is not ours or belongs to other arguments; a
  // negative page_size.
  absl::StatusOr<PageRequest> Parse(const google::protobuf::Message& request) const;

  // The token for the page that begins after `last`.
  std::string Next(const google::protobuf::Message& request, const storage::Position& last) const;

 private:
  std::string Seal(const google::protobuf::Message& request, const std::string& position) const;

  std::string secret_;
};

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_PAGE_TOKEN_H_
