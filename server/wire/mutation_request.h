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

// Checks the request_id that a caller chose: it must be a UUID, or empty.
absl::Status CheckRequestId(const std::string& request_id);

// The form in which a request_id is compared, stored and shown: a UUID in lower case, because the case does not count
// (RFC 9562).
std::string RequestIdOf(const std::string& given);

// Puts the ids of `name` into the command. A command whose name has two ids has an overload of this function in the
// file of its noun. That overload must be declared before the request is parsed; otherwise this does not compile,
// because the command has no kCollection.
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

// INTERNAL if requests of this type have more fields than a name, an etag and what all mutations have.
absl::Status HasOnlyAName(const google::protobuf::Descriptor& request);

// Parses the request of a verb that takes no more than a name. A field that is added to the request later is not
// dropped in silence: every call is INTERNAL until the verb has a parse function of its own, and a test says so.
template <class Request, class Command>
absl::StatusOr<Command> ParseNamed(const Request& request) {
  static const auto& fits = *new absl::Status(HasOnlyAName(*Request::descriptor()));
  RETURN_IF_ERROR(fits);
  return ParseNameAndEtag<Command>(request);
}

// Used by several requests. No license has more units than this; a higher number is a typing mistake.
inline constexpr int kMaxUnits = 999'999;

// An empty text counts as no value.
std::optional<std::string> OrNone(const std::string& text);

std::optional<model::Date> OptionalDate(Fields& fields, absl::string_view field, bool has,
                                        const google::type::Date& date);

// Adds those violations of an update that are about fields it sets: the other fields are in order already, or not the
// caller's doing. Only the decision knows whether a value differs from the stored one and so counts at all. So these
// violations are told here only if something else is wrong in any case.
void FailToo(const std::set<std::string>& columns, std::vector<domain::FieldViolation> violations,
             absl::string_view prefix, Fields& fields);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_MUTATION_REQUEST_H_
