#include "client/cli/output/change_text.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/contract/field_value.h"
#include "client/cli/output/field_text.h"
#include "client/cli/output/json_text.h"
#include "client/cli/output/table.h"
#include "lmp/v1/api_key.pb.h"
#include "lmp/v1/customer.pb.h"
#include "lmp/v1/license.pb.h"
#include "lmp/v1/license_pool.pb.h"
#include "lmp/v1/license_token.pb.h"
#include "lmp/v1/partner.pb.h"
#include "lmp/v1/product.pb.h"
#include "lmp/v1/registration_key.pb.h"
#include "lmp/v1/scheduled_change.pb.h"
#include "lmp/v1/service_plan.pb.h"
#include "lmp/v1/subscription.pb.h"

namespace lmp::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// The type of a resource, by the last collection in its name; null if the collection is that of a newer server.
const Descriptor* TypeOf(const std::string& resource) {
  static const auto* const kTypes = new std::array<std::pair<absl::string_view, const Descriptor*>, 11>{{
      {"apiKeys", v1::ApiKey::descriptor()},
      {"customers", v1::Customer::descriptor()},
      {"licenses", v1::License::descriptor()},
      {"licensePools", v1::LicensePool::descriptor()},
      {"licenseTokens", v1::LicenseToken::descriptor()},
      {"partners", v1::Partner::descriptor()},
      {"products", v1::Product::descriptor()},
      {"registrationKeys", v1::RegistrationKey::descriptor()},
      {"scheduledChanges", v1::ScheduledChange::descriptor()},
      {"servicePlans", v1::ServicePlan::descriptor()},
      {"subscriptions", v1::Subscription::descriptor()},
  }};
  const std::vector<std::string> parts = absl::StrSplit(resource, '/');
  for (const auto& [collection, type] : *kTypes) {
    if (parts.size() >= 2 && parts[parts.size() - 2] == collection) return type;
  }
  return nullptr;
}

const FieldDescriptor* FieldAt(const Descriptor* type, const std::string& path) {
  const FieldDescriptor* field = nullptr;
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(path, '.'))) {
    field = type == nullptr ? nullptr : type->FindFieldByName(name);
    if (field == nullptr) return nullptr;
    type = field->message_type();
  }
  return field;
}

// Protobuf JSON leaves out false and 0: if a field always has a value, a missing value means that.
std::string ValueText(const std::string& json, const FieldDescriptor* field) {
  if (!json.empty()) return JsonValueText(json);
  if (field == nullptr || field->is_repeated() || field->has_presence()) return "(none)";
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) return "no";
  const bool is_number =
      field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 || field->cpp_type() == FieldDescriptor::CPPTYPE_INT64;
  return is_number ? "0" : "(none)";
}

// Writes words in indented lines, with a comma after each word but the last; no word is broken.
void WriteWrapped(const std::vector<std::string>& words, size_t line_width, std::ostream& out) {
  size_t width = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string word = absl::StrCat(words[i], i + 1 < words.size() ? "," : "");
    if (width > 0 && width + 1 + DisplayWidth(word) > line_width) {
      out << "\n";
      width = 0;
    }
    out << (width == 0 ? "    " : " ") << word;
    width += DisplayWidth(word) + (width == 0 ? 4 : 1);
  }
  out << "\n";
}

}  // namespace

void RenderChange(const v1::Change& change, std::ostream& out, size_t width) {
  constexpr size_t kLineWidth = 100;
  const Descriptor* type = TypeOf(change.resource());
  std::vector<std::string> fields;
  for (const v1::FieldChange& field : change.fields()) {
    const FieldDescriptor* descriptor = FieldAt(type, field.field());
    const std::string after = ValueText(field.after(), descriptor);
    const std::string before = change.created() ? "" : absl::StrCat(": ", ValueText(field.before(), descriptor), " →");
    fields.push_back(absl::StrCat(field.field(), before, " ", after));
  }
  if (fields.empty()) fields = {change.created() ? "new" : "no field that is shown"};
  out << (change.created() ? "+ " : "~ ") << Printable(change.resource()) << "  [" << Printable(change.event_kind())
      << "]\n";
  WriteWrapped(fields, width == 0 ? kLineWidth : width, out);
}

void RenderEvent(const v1::Event& event, std::ostream& out, size_t width) {
  out << PathText(event, "event_time") << "  " << Printable(event.actor()) << "  " << event.name();
  if (event.has_effective_date()) out << "  due on " << DateText(event.effective_date());
  if (!event.reason().empty()) out << "  \"" << Printable(event.reason()) << "\"";
  out << "\n";
  RenderChange(event.change(), out, width);
}

}  // namespace lmp::cli
