// Page tokens say where a list goes on. A token is bound to the arguments it was made for, and authenticated, so that
// nobody can make one up. A token grants nothing: what a caller may see is checked anew for each page.
#ifndef LMP_SERVER_WIRE_PAGE_TOKEN_H_
#define LMP_SERVER_WIRE_PAGE_TOKEN_H_

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "storage/rows/row_page.h"

namespace lmp::wire {

// The SHA-256 of a message without the named fields; it is the same for equal messages.
std::string Fingerprint(const google::protobuf::Message& message, std::initializer_list<const char*> without_fields);

// What page_size and page_token of a request ask for.
struct PageRequest {
  int limit = 50;                          // 1 to 1000
  std::optional<storage::Position> after;  // empty: the first page
};

class PageTokens final {
 public:
  // All servers of a database have the same secret, so that a list can go on at any of them.
  explicit PageTokens(std::string secret = "") : secret_(std::move(secret)) {}
  // To be called before the first use.
  void SetSecret(std::string secret) { secret_ = std::move(secret); }

  // Errors: INVALID_ARGUMENT, with PAGE_TOKEN_INVALID for a token that is not ours or belongs to other arguments; also
  // for a negative page_size.
  absl::StatusOr<PageRequest> Parse(const google::protobuf::Message& request) const;

  // The token for the page that begins after `last`.
  std::string Next(const google::protobuf::Message& request, const storage::Position& last) const;

 private:
  std::string Seal(const google::protobuf::Message& request, const std::string& position) const;

  std::string secret_;
};

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_PAGE_TOKEN_H_
