#include "server/wire/mutation_request.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace lmp::wire {

absl::Status CheckRequestId(const std::string& request_id) {
  if (request_id.empty()) return absl::OkStatus();
  bool valid = request_id.size() == 36;
  for (size_t i = 0; valid && i < request_id.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    valid = dash ? request_id[i] == '-' : absl::ascii_isxdigit(static_cast<unsigned char>(request_id[i]));
  }
  if (valid) return absl::OkStatus();
  return domain::InvalidFields({{"request_id", "must be a UUID like \"123e4567-e89b-42d3-a456-426614174000\""}});
}

std::string RequestIdOf(const std::string& given) { return absl::AsciiStrToLower(given); }

absl::Status HasOnlyAName(const google::protobuf::Descriptor& request) {
  static const auto& common =
      *new std::set<std::string>{"name", "etag", "request_id", "validate_only", "preview_token"};
  for (int i = 0; i < request.field_count(); ++i) {
    if (common.contains(request.field(i)->name())) continue;
    return absl::InternalError(absl::StrCat("nobody reads ", request.field(i)->full_name()));
  }
  return absl::OkStatus();
}

std::optional<std::string> OrNone(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

std::optional<model::Date> OptionalDate(Fields& fields, absl::string_view field, bool has,
                                        const google::type::Date& date) {
  return has ? fields.Date(field, date) : std::nullopt;
}

void FailToo(const std::set<std::string>& columns, std::vector<domain::FieldViolation> violations,
             absl::string_view prefix, Fields& fields) {
  if (fields.status().ok()) return;
  std::erase_if(violations, [&](const domain::FieldViolation& violation) {
    std::string column = violation.field.substr(0, violation.field.find('['));
    std::replace(column.begin(), column.end(), '.', '_');
    return !columns.contains(column);
  });
  fields.Fail(std::move(violations), prefix);
}

}  // namespace lmp::wire
