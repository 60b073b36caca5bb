// What the requests of mutations share: their name, their etag, their request_id.
#ifndef LMP_SERVER_WIRE_MUTATION_REQUEST_H_
#define LMP_SERVER_WIRE_MUTATION_REQUEST_H_

#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/type/date.pb.h"
#include "server/domain/refusal.h"
#include "server/wire/fields.h"
#include "storage/status_macros.h"

namespace lmp::wire {

// The id chosen by the caller for a request_id, checked: a UUID, or empty.
absl::Status CheckRequestId(const std::string& request_id);

// A request_id as it is compared, kept and shown: a UUID in small letters, in which case does not count (RFC 9562).
std::string RequestIdOf(const std::string& given);

// Puts the ids of `name` into the command. Commands whose names have two ids have an overload beside their noun, which
// has to be declared before the request is parsed: else the command has no kCollection, and this does not compile.
template <class Command>
requires requires { Command::kCollection; }
void SetName(Fields& fields, const std::string& name, Command& command) {
  command.id = fields.Name("name", name, Command::kCollection);
}

template <class Command, class Request>
absl::StatusOr<Command> ParseNameAndEtag(const Request& request) {
  Fields fields;
  Command command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  RETURN_IF_ERROR(fields.status());
  return command;
}

// INTERNAL if requests of this type have more than a name, an etag and what all mutations have.
absl::Status HasOnlyAName(const google::protobuf::Descriptor& request);

// For a verb that takes no more than a name. A field that is added to its request later is not dropped in silence:
// every call is INTERNAL until the verb has a function of its own, and a test says so.
template <class Request, class Command>
absl::StatusOr<Command> ParseNamed(const Request& request) {
  static const auto& fits = *new absl::Status(HasOnlyAName(*Request::descriptor()));
  RETURN_IF_ERROR(fits);
  return ParseNameAndEtag<Command>(request);
}

// Parts of requests. More units than any license has are a slip.
inline constexpr int kMaxUnits = 999'999;

// An empty text is none.
std::optional<std::string> OrNone(const std::string& text);

std::optional<model::Date> OptionalDate(Fields& fields, absl::string_view field, bool has,
                                        const google::type::Date& date);

// Violations of an update count only for what it sets: the rest is in order already, or not the caller's doing. Whether
// a value differs from what is, and so counts at all, the decision knows: here they are told only beside what is wrong
// in any case.
void FailToo(const std::set<std::string>& columns, std::vector<domain::FieldViolation> violations,
             absl::string_view prefix, Fields& fields);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_MUTATION_REQUEST_H_
