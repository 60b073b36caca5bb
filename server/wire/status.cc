#include "server/wire/status.h"

#include <google/protobuf/any.pb.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/wire/preview_token.h"
#include "storage/mysql/errors.h"

namespace lmp::wire {
namespace {

// For a call that fails, clients accept 8 KiB of headers and trailers, including base64 and percent signs; if there is
// more, they see nothing of the error. The message is in there three times.
constexpr size_t kMaxMessage = 400;      // bytes
constexpr size_t kMaxFieldText = 300;    // bytes of a field's path, and bytes of what is wrong with it
constexpr size_t kMaxViolations = 3000;  // bytes of all fields together

// At most about `limit` bytes of the text, not cut inside a character.
std::string Clipped(const std::string& text, size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return text.substr(0, limit) + "…";
}

// A failure in the form in which the caller may see it.
struct Told {
  absl::StatusCode code;
  std::string reason;
  std::string message;
};

// What a failure of the storage or the engine, which carries no refusal, means to a caller.
Told ToldOf(const absl::Status& status, const std::string& log_id) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return {status.code(), domain::reason::kDatabaseUnavailable, "the database can't be reached now: try again"};
    case absl::StatusCode::kAborted:
      return {status.code(), domain::reason::kTransactionConflict, "other calls changed the same things: try again"};
    case absl::StatusCode::kDeadlineExceeded:
      return {status.code(), domain::reason::kDeadlinePassed, "the deadline passed before the call was done"};
    case absl::StatusCode::kResourceExhausted:
      if (storage::IsTooLarge(status)) {
        return {absl::StatusCode::kFailedPrecondition, domain::reason::kTooLargeForDatabase,
                "this is more than the database takes at once: ask for less, or have its operator raise the limit of a "
                "packet"};
      }
      // The database is out of disk, memory or locks; otherwise our queue is full.
      if (storage::MysqlErrno(status).has_value()) {
        return {absl::StatusCode::kUnavailable, domain::reason::kDatabaseUnavailable,
                "the database can't take this now: try again"};
      }
      return {status.code(), domain::reason::kOverloaded, "too many calls are waiting: try again later"};
    case absl::StatusCode::kCancelled:
      return {status.code(), domain::reason::kCallCanceled, "the call was canceled"};
    case absl::StatusCode::kInvalidArgument:
      if (!storage::MysqlErrno(status).has_value())
        return {status.code(), domain::reason::kMalformedRequest, std::string(status.message())};
      break;
    case absl::StatusCode::kFailedPrecondition:
      if (storage::IsReadOnly(status)) {
        return {status.code(), domain::reason::kDatabaseReadOnly,
                "the database is read only now: nothing can be changed"};
      }
      break;
    default:
      break;
  }
  return {absl::StatusCode::kInternal, domain::reason::kInternalFailure,
          absl::StrCat("something went wrong in the server; its log has it under ", log_id)};
}

template <class Detail>
void Add(const Detail& detail, google::rpc::Status& out) {
  out.add_details()->PackFrom(detail);
}

// "customers/acme/licenses/l1" → "licenses": the kind of resource that a name is for.
std::string TypeOf(const std::string& name) {
  const size_t last = name.rfind('/');
  if (last == std::string::npos) return "";
  const size_t before = name.rfind('/', last - 1);
  return name.substr(before == std::string::npos ? 0 : before + 1,
                     last - (before == std::string::npos ? 0 : before + 1));
}

void AddRetry(absl::StatusCode code, const domain::Refusal& refusal, google::rpc::Status& out) {
  google::rpc::RetryInfo retry;
  // A conflict is over at once, while a database or a full queue needs a moment.
  int millis = code == absl::StatusCode::kAborted ? 20 : code == absl::StatusCode::kUnavailable ? 500 : 200;
  const auto known = refusal.metadata.find("retry_after_ms");  // some refusals know the time exactly
  if (known != refusal.metadata.end() && !absl::SimpleAtoi(known->second, &millis)) millis = 1000;
  retry.mutable_retry_delay()->set_seconds(millis / 1000);
  retry.mutable_retry_delay()->set_nanos(millis % 1000 * 1'000'000);
  Add(retry, out);
}

void AddDetails(absl::StatusCode code, const domain::Refusal& refusal, const std::string& message,
                google::rpc::Status& out) {
  google::rpc::BadRequest bad_request;
  size_t left = refusal.violations.size() + refusal.more_violations;
  for (const domain::FieldViolation& violation : refusal.violations) {
    auto* field = bad_request.add_field_violations();
    field->set_field(Clipped(violation.field, kMaxFieldText));
    field->set_description(Clipped(violation.description, kMaxFieldText));
    const bool is_last = --left == refusal.more_violations;
    if (left == 0 || (!is_last && bad_request.ByteSizeLong() < kMaxViolations)) continue;
    field->set_description(absl::StrCat(field->description(), "; ", left, " more are wrong"));
    break;
  }
  if (bad_request.field_violations_size() > 0) Add(bad_request, out);

  if (!refusal.duplicates.empty()) {
    v1::CrossgradeRequired required;
    for (const domain::Duplicate& duplicate : refusal.duplicates) ToProto(duplicate, required.add_duplicates());
    Add(required, out);
  }
  if (code == absl::StatusCode::kFailedPrecondition) {
    google::rpc::PreconditionFailure failure;
    auto* violation = failure.add_violations();
    violation->set_type(refusal.reason);
    violation->set_subject(refusal.resource);
    violation->set_description(message);
    Add(failure, out);
  }
  if (code == absl::StatusCode::kNotFound || code == absl::StatusCode::kAlreadyExists) {
    google::rpc::ResourceInfo info;
    info.set_resource_type(TypeOf(refusal.resource));
    info.set_resource_name(refusal.resource);
    info.set_description(message);
    Add(info, out);
  }
  if (code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kAborted ||
      code == absl::StatusCode::kResourceExhausted) {
    AddRetry(code, refusal, out);
  }
}

}  // namespace

void ToProto(const domain::Duplicate& duplicate, v1::CrossgradeRequired::Duplicate* out) {
  out->set_product(domain::ProductName(duplicate.product_id));
  out->set_license(duplicate.license_name);
  out->set_subscription(duplicate.subscription_name);
  for (const std::string& choice : duplicate.choices) out->add_choices(choice);
}

google::rpc::Status ToRpcStatus(const absl::Status& status, const std::string& log_id, std::string* reason) {
  domain::Refusal refusal = domain::RefusalOf(status);
  Told told{status.code(), refusal.reason, std::string(status.message())};
  if (refusal.reason.empty()) told = ToldOf(status, log_id);
  refusal.reason = *reason = told.reason;
  told.message = Clipped(told.message, kMaxMessage);

  google::rpc::Status out;
  out.set_code(static_cast<int>(told.code));
  out.set_message(told.message);
  google::rpc::ErrorInfo info;
  info.set_reason(told.reason);
  info.set_domain("lmp");
  info.mutable_metadata()->insert(refusal.metadata.begin(), refusal.metadata.end());
  if (told.code == absl::StatusCode::kInternal) (*info.mutable_metadata())["log_id"] = log_id;
  if (!refusal.resource.empty()) (*info.mutable_metadata())["resource"] = refusal.resource;
  Add(info, out);
  AddDetails(told.code, refusal, told.message, out);
  if (const auto changed = PreviewChangedOf(status); changed.has_value()) Add(*changed, out);
  return out;
}

grpc::Status ToGrpc(const absl::Status& status, const std::string& log_id, std::string* reason) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status told = ToRpcStatus(status, log_id, reason);
  return grpc::Status(static_cast<grpc::StatusCode>(told.code()), told.message(), told.SerializeAsString());
}

std::string ReasonOf(const absl::Status& status) {
  std::string reason;
  ToGrpc(status, /*log_id=*/"", &reason);
  return reason;
}

}  // namespace lmp::wire
