#include "server/domain/refusal.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "server/domain/reasons.h"

namespace lmp::domain {
namespace {
constexpr char kPayloadUrl[] = "lmp/refusal";
constexpr std::size_t kMaxMessage = 1000;  // bytes: a status message travels in a header; the details have everything
}  // namespace

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FieldViolation, field, description)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Duplicate, product_id, license_name, subscription_name, choices)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Refusal, reason, resource, metadata, violations, more_violations, duplicates)

absl::Status Refuse(absl::StatusCode code, absl::string_view message, const Refusal& refusal) {
  absl::Status status(code, message);
  // "replace": if the name of a field contains the caller's invalid UTF-8, dump() must not throw.
  status.SetPayload(kPayloadUrl,
                    absl::Cord(nlohmann::json(refusal).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
  return status;
}

Refusal RefusalOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return {};
  return nlohmann::json::parse(std::string(*payload)).get<Refusal>();
}

absl::Status NotFound(absl::string_view reason, absl::string_view resource) {
  return Refuse(absl::StatusCode::kNotFound, absl::StrCat(resource, " was not found"),
                {.reason = std::string(reason), .resource = std::string(resource)});
}

absl::Status AlreadyExists(absl::string_view reason, absl::string_view resource, absl::string_view message) {
  return Refuse(absl::StatusCode::kAlreadyExists, message,
                {.reason = std::string(reason), .resource = std::string(resource)});
}

absl::Status Precondition(absl::string_view reason, absl::string_view resource, absl::string_view message,
                          std::map<std::string, std::string> metadata) {
  return Refuse(absl::StatusCode::kFailedPrecondition, message,
                {.reason = std::string(reason), .resource = std::string(resource), .metadata = std::move(metadata)});
}

absl::Status InvalidFields(std::vector<FieldViolation> violations, absl::string_view prefix, std::size_t more) {
  if (violations.empty()) return absl::OkStatus();
  if (violations.size() > kMaxViolations) {
    more += violations.size() - kMaxViolations;
    violations.resize(kMaxViolations);
  }
  for (FieldViolation& violation : violations) violation.field = absl::StrCat(prefix, violation.field);
  std::string message = "invalid request";
  const char* separator = ": ";
  for (const FieldViolation& violation : violations) {
    absl::StrAppend(&message, std::exchange(separator, "; "), violation.field, " ", violation.description);
    if (message.size() > kMaxMessage) {
      std::size_t end = kMaxMessage;
      // Do not cut inside a character.
      while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;
      message.resize(end);
      absl::StrAppend(&message, "…");
      break;
    }
  }
  return Refuse(absl::StatusCode::kInvalidArgument, message,
                {.reason = reason::kInvalidFields, .violations = std::move(violations), .more_violations = more});
}

absl::Status CheckEtag(absl::string_view given, absl::string_view current, absl::string_view resource) {
  if (given.empty() || given == current) return absl::OkStatus();
  return Refuse(absl::StatusCode::kAborted,
                absl::StrCat(resource, " has changed since it was read: its etag is ", current, ", not ", given),
                {.reason = reason::kEtagMismatch,
                 .resource = std::string(resource),
                 .metadata = {{"etag", std::string(current)}}});
}

}  // namespace lmp::domain
