// Applying exactly what was previewed. The answer to a preview carries a token: a digest of the changes that it shows.
// The same request with the token does just these, or is refused with what is different now. Nothing is stored, and the
// token needs no key: it grants nothing, so any server can read what another made.
#ifndef LMP_SERVER_WIRE_PREVIEW_TOKEN_H_
#define LMP_SERVER_WIRE_PREVIEW_TOKEN_H_

#include <google/protobuf/message.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lmp/v1/change.pb.h"
#include "lmp/v1/errors.pb.h"
#include "server/engine/write_engine.h"

namespace lmp::wire {

// A change, as a token keeps it: enough to tell that it is the same, and of which resource another one is.
struct ChangeDigest {
  std::string resource;
  std::string change;
  auto operator<=>(const ChangeDigest&) const = default;
};

// What a token says.
struct ShownChanges {
  std::string all;                    // of every change, in no order; of a part of a call its first bytes
  std::vector<ChangeDigest> changes;  // in order of their resource's digest; the first of them, if there are very many
};

// How a mutation was asked for.
struct Asked {
  bool preview = false;
  std::string request;                // digest of what it asks for; of a preview, or with a token
  std::optional<ShownChanges> shown;  // it must do this, as a preview of the same request showed it
};

// From the request's validate_only and preview_token. INVALID_FIELDS, naming preview_token, if that is none, or one of
// another request.
absl::StatusOr<Asked> ParseAsked(const google::protobuf::Message& request);

// What a decision would be shown as. Ids and instants that the server makes are of no account: they are others each
// time.
ShownChanges DigestOf(const engine::Decision& decided, const std::vector<v1::Change>& changes);

// For a preview, sets `changes` and `preview_token` of the response. ABORTED, PREVIEW_CHANGED, if it is not what was
// asked for: with the resources that would change otherwise.
absl::Status AddPreview(const engine::Decision& decided, const Asked& asked, google::protobuf::Message* response);

// A call that is done in parts, each in a transaction of its own: what is asked of the part of this name, and the token
// of the whole from those of its parts.
Asked PartOf(const Asked& whole, const std::string& name);
std::string JoinPreviews(const Asked& whole, const std::map<std::string, std::string>& tokens);

// Of a status that is PREVIEW_CHANGED; nothing of any other.
std::optional<v1::PreviewChanged> PreviewChangedOf(const absl::Status& status);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_PREVIEW_TOKEN_H_
