#include "client/cli/render.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/cli/field_text.h"
#include "client/cli/table.h"
#include "google/protobuf/util/json_util.h"

namespace lmp::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

struct Columns {
  absl::string_view type;
  // "TITLE=path", or "path" alone.
  absl::string_view columns;
};
constexpr std::array<Columns, 19> kColumns = {{
    {"lmp.v1.Partner", "name display_name tier parent state"},
    {"lmp.v1.Customer", "name display_name city country partner state"},
    {"lmp.v1.Product", "name display_name kind unit min_units max_units lifecycle components"},
    {"lmp.v1.ServicePlan", "name display_name product version TERM=initial_term_months RENEWS=auto_renewal nfr state"},
    {"lmp.v1.Subscription", "name service_plan state start_date RENEWS=auto_renewal licenses replaced_by"},
    {"lmp.v1.License", "name product units unit start_date expiration_date state activation_code"},
    {"lmp.v1.ScheduledChange",
     "name effective_date units expiration_date auto_renewal renewal_term_months state outcome"},
    {"lmp.v1.LicensePool", "name TOTAL=total_units ASSIGNED=assigned_units MINIMUM=minimum_units"},
    {"lmp.v1.SubscriptionChangeResponse",
     "NAME=subscription.name STATE=subscription.state EXPIRATION_DATE=subscription.expiration_date "
     "RENEWS=subscription.auto_renewal SCHEDULED_CHANGE=scheduled_change.name"},
    {"lmp.v1.BatchUpdateSubscriptionsResponse.Skipped", "subscription WHY=error.message"},
    {"lmp.v1.BatchApplyPlanUpdatesResponse.Result", "subscription REFUSED=error.message"},
    {"lmp.v1.RegistrationKey", "name service_plan units expire_date state customer note"},
    {"lmp.v1.UsageReportRow",
     "customer customer_display_name product unit PROVISIONED=provisioned_units USED=used_units "
     "OVER_%=over_provisioned_percent CHARGEABLE=chargeable_units"},
    {"lmp.v1.Event", "name event_time actor KIND=change.event_kind RESOURCE=change.resource effective_date reason"},
    {"lmp.v1.ExplainLicenseResponse.Explanation", "field value rule EVENT=event.name ACTOR=event.actor"},
    {"lmp.v1.CheckLicenseResponse", "license usable reason state units used_units expiration_date"},
    {"lmp.v1.AssignableServicePlan",
     "PLAN=service_plan.name DISPLAY_NAME=service_plan.display_name assignability reason explanation"},
    {"lmp.v1.ListLicenseTokenKeysResponse.Key", "key_id signing"},
    {"lmp.v1.CrossgradeOutcome",
     "product resolution license from_subscription UNITS_BEFORE=before.units UNITS_AFTER=after.units "
     "EXPIRATION_BEFORE=before.expiration_date EXPIRATION_AFTER=after.expiration_date shortened"},
}};

absl::string_view ColumnsOf(const Descriptor& type) {
  for (const Columns& columns : kColumns) {
    if (columns.type == type.full_name()) return columns.columns;
  }
  return "";
}

template <typename Items>
void WriteTable(const Descriptor& type, const Items& items, std::ostream& out) {
  std::vector<std::string> titles;
  std::vector<std::string> paths;
  for (const absl::string_view column : absl::StrSplit(ColumnsOf(type), ' ')) {
    const std::vector<std::string> parts = absl::StrSplit(column, '=');
    titles.push_back(absl::StrReplaceAll(absl::AsciiStrToUpper(parts.front()), {{"_", " "}}));
    paths.push_back(parts.back());
  }
  Table table(std::move(titles));
  for (const auto& item : items) {
    std::vector<std::string> row;
    for (const std::string& path : paths) row.push_back(PathText(*item, path));
    table.Add(std::move(row));
  }
  table.Write(out);
}

bool IsTable(const FieldDescriptor& field) {
  return field.is_repeated() && !field.is_map() && field.message_type() != nullptr &&
         !ColumnsOf(*field.message_type()).empty();
}

bool IsMessage(const FieldDescriptor& field) {
  return !field.is_repeated() && field.message_type() != nullptr && !IsValue(*field.message_type());
}

// The fields with one value, those of nested messages included.
void AddLines(const Message& message, absl::string_view prefix, Table& table) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    const std::string name = absl::StrCat(prefix, field.name());
    if (IsMessage(field)) {
      if (message.GetReflection()->HasField(message, &field) && ColumnsOf(*field.message_type()).empty()) {
        AddLines(message.GetReflection()->GetMessage(message, &field), absl::StrCat(name, "."), table);
      }
    } else if (!IsTable(field) && field.name() != "changes") {
      if (std::string text = FieldText(message, field); !text.empty()) table.Add({name, std::move(text)});
    }
  }
}

void WriteSection(const Message& message, const FieldDescriptor& field, std::ostream& out) {
  const Reflection& reflection = *message.GetReflection();
  if (IsMessage(field) && reflection.HasField(message, &field) && !ColumnsOf(*field.message_type()).empty()) {
    RenderDetails(reflection.GetMessage(message, &field), out);
  } else if (IsTable(field) && reflection.FieldSize(message, &field) > 0) {
    std::vector<const Message*> items;
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      items.push_back(&reflection.GetRepeatedMessage(message, &field, i));
    }
    out << "\n" << absl::StrReplaceAll(field.name(), {{"_", " "}}) << ":\n";
    WriteTable(*field.message_type(), items, out);
  } else if (field.name() == "changes" && reflection.FieldSize(message, &field) > 0) {
    out << "\nchanges:\n";
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      v1::Change change;
      change.CopyFrom(reflection.GetRepeatedMessage(message, &field, i));
      RenderChange(change, out);
    }
  }
}

// Indented lines of words parted by commas, none broken.
void WriteWrapped(const std::vector<std::string>& words, std::ostream& out) {
  constexpr size_t kLineWidth = 100;
  size_t width = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string word = absl::StrCat(words[i], i + 1 < words.size() ? "," : "");
    if (width > 0 && width + 1 + DisplayWidth(word) > kLineWidth) {
      out << "\n";
      width = 0;
    }
    out << (width == 0 ? "    " : " ") << word;
    width += DisplayWidth(word) + (width == 0 ? 4 : 1);
  }
  if (!words.empty()) out << "\n";
}

google::protobuf::util::JsonPrintOptions JsonOptions() {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;  // one shape, whatever the values: `usable: false` is there too
  return options;
}

}  // namespace

void RenderDetails(const Message& message, std::ostream& out) {
  Table table;
  AddLines(message, "", table);
  table.Write(out);
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    WriteSection(message, *message.GetDescriptor()->field(i), out);
  }
}

void RenderList(const Descriptor& type, const MessageList& items, std::ostream& out) { WriteTable(type, items, out); }

void RenderChange(const v1::Change& change, std::ostream& out) {
  std::vector<std::string> fields;
  for (const v1::FieldChange& field : change.fields()) {
    const std::string before = JsonValueText(field.before());
    const std::string after = JsonValueText(field.after());
    fields.push_back(change.created() ? absl::StrCat(field.field(), " ", after)
                                      : absl::StrCat(field.field(), ": ", before.empty() ? "(none)" : before, " → ",
                                                     after.empty() ? "(none)" : after));
  }
  out << (change.created() ? "+ " : "~ ") << change.resource() << "  [" << change.event_kind() << "]\n";
  WriteWrapped(fields, out);
}

std::string ToJson(const Message& message) {
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json, JsonOptions());
  if (!status.ok()) return "{}";  // only an Any of an unknown type can't be written
  return std::string(absl::StripAsciiWhitespace(json));
}

std::string ToJson(const MessageList& items) {
  if (items.empty()) return "[]";
  return absl::StrCat("[\n",
                      absl::StrJoin(items, ",\n",
                                    [](std::string* out, const auto& item) { absl::StrAppend(out, ToJson(*item)); }),
                      "\n]");
}

}  // namespace lmp::cli
