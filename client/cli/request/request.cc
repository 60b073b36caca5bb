#include "client/cli/request/request.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/cli/contract/annotations.h"
#include "client/cli/contract/search_filter.h"
#include "client/cli/request/id_endings.h"
#include "client/cli/request/units_shorthand.h"
#include "client/cli/since.h"
#include "client/cli/status_macros.h"
#include "google/protobuf/field_mask.pb.h"
#include "lmp/names.h"
#include "lmp/v1/crossgrade.pb.h"

namespace lmp::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string Completed(const Positional& positional, const FieldDescriptor& field, const std::string& given) {
  if (given.empty() || given == positional.fallback) return std::string(positional.fallback);
  const absl::string_view pattern = NamePattern(field);
  // A key that is no partner's has a name of one part.
  if (absl::EndsWith(pattern, "/apiKeys/*") && !absl::StrContains(given, '/')) return absl::StrCat("apiKeys/", given);
  if (!pattern.empty()) return client::FullName(pattern, given);
  return given.substr(given.rfind('/') + 1);  // a bare id is wanted; without a "/", npos + 1 is 0
}

absl::Status SetPositionals(Session& session, Message& request) {
  const Invocation& invocation = session.invocation;
  for (size_t i = 0; i < invocation.positionals.size(); ++i) {
    const Positional& positional = invocation.command->positionals[i];
    if (positional.is_search) continue;
    const FieldFlag flag = FlagForPath(*request.GetDescriptor(), positional.field);
    ASSIGN_OR_RETURN(const std::string value,
                     WithWholeId(session, Completed(positional, flag.field(), invocation.positionals[i])));
    if (value.empty()) continue;
    if (absl::Status status = SetField(flag, {value}, request); !status.ok()) return AsUsageError(status);
  }
  return absl::OkStatus();
}

const FieldDescriptor* MaskOf(const Descriptor& type) { return type.FindFieldByName("update_mask"); }

// True for the resource to which an update mask belongs; it is recognized by its name.
bool IsMasked(const FieldDescriptor& field) {
  return MaskOf(*field.containing_type()) != nullptr && !field.is_repeated() && field.message_type() != nullptr &&
         field.message_type()->FindFieldByName("name") != nullptr;
}

// Adds the field at the end of `path` to the mask of the message that changes it, if that message has a mask: otherwise
// a server could not distinguish a false, 0 or "" from a value that was not given.
void AddToMask(const std::vector<const FieldDescriptor*>& path, Message& request) {
  Message* owner = &request;
  for (auto field = path.begin(); field + 1 != path.end(); ++field) {
    if (IsMasked(**field)) {
      std::string masked;
      for (auto part = field + 1; part != path.end(); ++part) {
        absl::StrAppend(&masked, masked.empty() ? "" : ".", (*part)->name());
      }
      Message* mask = owner->GetReflection()->MutableMessage(owner, MaskOf(*owner->GetDescriptor()));
      google::protobuf::DynamicCastToGenerated<google::protobuf::FieldMask>(mask)->add_paths(masked);
      return;
    }
    owner = owner->GetReflection()->MutableMessage(owner, *field);
  }
}

bool IsUnits(const FieldDescriptor& field) {
  return field.is_repeated() && field.message_type() == v1::LicenseUnits::descriptor();
}

// The values of a flag in the form that a request takes: units with their products, and whole ids for those that were
// given by their ends.
absl::StatusOr<std::vector<std::string>> Whole(Session& session, const FieldDescriptor& field, const Message& request,
                                               std::vector<std::string> values) {
  if (IsUnits(field)) return WithProducts(session, request, values);
  const absl::string_view pattern = NamePattern(field);
  if (!absl::StartsWith(pattern, "customers/*/")) return values;
  for (std::string& value : values) {
    ASSIGN_OR_RETURN(value, WithWholeId(session, client::FullName(pattern, value)));
  }
  return values;
}

absl::Status SetFlags(Session& session, Message& request) {
  const Invocation& invocation = session.invocation;
  const FieldDescriptor* body = request.GetDescriptor()->FindFieldByName(std::string(invocation.command->body));
  bool changes_something = false;
  for (const auto& [flag, values] : invocation.flags) {
    FieldFlag whole = flag;  // its path starts at the request, not at the body
    const bool is_beside = body == nullptr || flag.fields.front()->containing_type() == request.GetDescriptor();
    if (!is_beside) whole.fields.insert(whole.fields.begin(), body);
    ASSIGN_OR_RETURN(const std::vector<std::string> given, Whole(session, flag.field(), request, values));
    if (absl::Status status = SetField(whole, given, request); !status.ok()) return AsUsageError(status);
    AddToMask(whole.fields, request);
    changes_something = changes_something || !is_beside || MaskOf(*request.GetDescriptor()) != nullptr;
  }
  const bool is_update =
      MaskOf(*request.GetDescriptor()) != nullptr || (body != nullptr && MaskOf(*body->message_type()) != nullptr);
  if (is_update && !changes_something) return UsageError("nothing to change: give at least one field's flag");
  // Choosing an action that has no flags also sets its field.
  if (body != nullptr) request.GetReflection()->MutableMessage(&request, body);
  return absl::OkStatus();
}

// Adds to --filter what an argument searches for and what --expires-in asks for.
absl::Status AddToFilter(const Invocation& invocation, Message& request) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName("filter");
  if (field == nullptr) return absl::OkStatus();
  std::string filter = request.GetReflection()->GetString(request, field);
  for (size_t i = 0; i < invocation.positionals.size(); ++i) {
    const std::string& text = invocation.positionals[i];
    const bool is_search = invocation.command->positionals[i].is_search && !text.empty();
    if (is_search) filter = BothFilters(filter, CustomersLike(text));
  }
  if (!invocation.expires_in.empty()) {
    const absl::CivilDay today = absl::ToCivilDay(absl::Now(), absl::UTCTimeZone());
    const absl::StatusOr<std::string> expiring = ExpiresIn(invocation.expires_in, today);
    if (!expiring.ok()) return AsUsageError(expiring.status());
    filter = BothFilters(filter, *expiring);
  }
  request.GetReflection()->SetString(&request, field, filter);
  return absl::OkStatus();
}

}  // namespace

absl::Status FillRequest(Session& session, Message& request) {
  RETURN_IF_ERROR(SetPositionals(session, request));
  RETURN_IF_ERROR(SetFlags(session, request));
  RETURN_IF_ERROR(AddToFilter(session.invocation, request));
  RETURN_IF_ERROR(ApplySince(session.invocation, request));
  return session.ApplyChangeFlags(request);
}

}  // namespace lmp::cli
