#include "client/cli/output/columns.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "client/cli/contract/field_value.h"
#include "client/cli/output/field_text.h"
#include "lmp/v1/license.pb.h"

namespace lmp::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

struct Columns {
  absl::string_view type;
  // "TITLE=path", or only "path". With "/1" to "/9" after it, the column may be left out where the table is too wide,
  // the highest number first.
  absl::string_view columns;
};
// The day on which something EXPIRES is the first without it.
constexpr std::array<Columns, 22> kColumns = {{
    {"lmp.v1.Partner", "name display_name/2 tier/3 parent/1 state"},
    {"lmp.v1.Customer", "name display_name city/2 country/3 partner/4 state/1"},
    {"lmp.v1.Customer.Loss", "resource text"},
    {"lmp.v1.Product", "name display_name/2 kind unit/4 MIN=min_units/6 MAX=max_units/5 lifecycle/1 components/3"},
    {"lmp.v1.ServicePlan",
     "name display_name/2 product/1 version/4 MONTHS=initial_term_months RENEWS=auto_renewal/3 NFR=nfr/5 state"},
    {"lmp.v1.Subscription",
     "name PLAN=service_plan UNITS=licenses/1 START=start_date/5 EXPIRES=expiration_date RENEWS=auto_renewal/2 state "
     "REPLACED_BY=replaced_by/6"},
    {"lmp.v1.License",
     "name product units USED=used_units/1 unit/4 START=start_date/3 EXPIRES=expiration_date RENEWS=auto_renewal/5 "
     "state ACTIVATION_CODE=activation_code/2"},
    {"lmp.v1.ScheduledChange",
     "name DATE=effective_date units EXPIRES=expiration_date RENEWS=auto_renewal TERM=renewal_term_months/4 "
     "NOTICE=expiration_notice_days/5 state outcome/2"},
    {"lmp.v1.LicensePool", "name TOTAL=total_units ASSIGNED=assigned_units MINIMUM=minimum_units/1"},
    {"lmp.v1.SubscriptionChangeResponse",
     "NAME=subscription.name UNITS=subscription.licenses/2 EXPIRES=subscription.expiration_date "
     "RENEWS=subscription.auto_renewal/1 STATE=subscription.state CHANGE=scheduled_change.name/3"},
    {"lmp.v1.BatchUpdateSubscriptionsResponse.Skipped", "subscription WHY=error.message"},
    {"lmp.v1.BatchApplyPlanUpdatesResponse.Result", "subscription REFUSED=error.message"},
    {"lmp.v1.RegistrationKey",
     "KEY=name PLAN=service_plan units/1 EXPIRES=expire_date state STALE=stale/4 customer/3 note/2"},
    {"lmp.v1.ApiKey",
     "KEY=name roles FOR=display_name/1 customer/4 state EXPIRES=expire_time/2 LAST_USED=last_use_time/3"},
    {"lmp.v1.UsageReportRow",
     "customer NAME=customer_display_name/1 product unit/3 PROVISIONED=provisioned_units USED=used_units "
     "OVER_%=over_provisioned_percent/2 CHARGEABLE=chargeable_units"},
    {"lmp.v1.Event", "TIME=event_time ACTOR=actor KIND=change.event_kind RESOURCE=change.resource name reason/1"},
    {"lmp.v1.ExplainLicenseResponse.Explanation", "field value rule EVENT=event.name/2 ACTOR=event.actor/1"},
    {"lmp.v1.CheckLicenseResponse", "license usable reason state/2 units USED=used_units/1 EXPIRES=expiration_date"},
    {"lmp.v1.AssignableServicePlan",
     "PLAN=service_plan.name NAME=service_plan.display_name/2 MONTHS=service_plan.initial_term_months/3 "
     "CAN_BE_ASSIGNED=assignability reason/4 WHY_NOT=explanation/1"},
    {"lmp.v1.ListLicenseTokenKeysResponse.Key", "key_id signing"},
    {"lmp.v1.CrossgradeOutcome",
     "product resolution license FROM=from_subscription/2 HAD=before.units HAS=after.units "
     "EXPIRED=before.expiration_date/1 EXPIRES=after.expiration_date SHORTENED=shortened OTHERS=other_licenses/3"},
    {"lmp.v1.CrossgradeRequired.Duplicate", "product license subscription choices"},
}};

std::string TitleOf(absl::string_view name) {
  return absl::StrReplaceAll(absl::AsciiStrToUpper(name), {{"_", " "}, {".", " "}});
}

Column ParseColumn(absl::string_view text) {
  Column column;
  const std::pair<std::string, std::string> spare = absl::StrSplit(text, absl::MaxSplits('/', 1));
  const std::vector<std::string> parts = absl::StrSplit(spare.first, '=');
  column.title.text = TitleOf(parts.front());
  column.path = parts.back();
  static_cast<void>(absl::SimpleAtoi(spare.second, &column.title.spare));  // without a number it stays 0
  return column;
}

// The columns that a mask names. A path that the type does not have is left for the server to refuse.
void Add(const std::string& title, const std::string& path, std::vector<Column>& columns) {
  Column& column = columns.emplace_back();
  column.title.text = title;
  column.path = path;
}

std::vector<Column> Masked(const Descriptor& type, const google::protobuf::FieldMask& mask) {
  std::vector<Column> columns;
  for (const std::string& path : mask.paths()) {
    if (HasPath(type, path)) Add(TitleOf(path), path, columns);
  }
  return columns;
}

bool IsMask(const google::protobuf::FieldMask& mask) { return mask.paths_size() > 0 && mask.paths(0) != "*"; }

void AddAll(const Descriptor& type, const std::string& prefix, std::vector<Column>& columns) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string path = prefix + field.name();
    if (field.name() == "changes" || field.name() == "advisories" || field.name() == "etag") continue;
    if (!field.is_repeated() && field.message_type() != nullptr && !IsValue(*field.message_type())) {
      AddAll(*field.message_type(), path + ".", columns);
    } else {
      Add(path, path, columns);
    }
  }
}

}  // namespace

std::vector<Column> ColumnsOf(const Descriptor& type, const google::protobuf::FieldMask& mask) {
  if (IsMask(mask)) return Masked(type, mask);
  std::vector<Column> columns;
  for (const Columns& of : kColumns) {
    if (of.type != type.full_name()) continue;
    for (const absl::string_view column : absl::StrSplit(of.columns, ' ')) columns.push_back(ParseColumn(column));
  }
  return columns;
}

std::string CellText(const google::protobuf::Message& item, const Column& column) {
  std::string text = PathText(item, column.path);
  const auto* license = google::protobuf::DynamicCastToGenerated<v1::License>(&item);
  const bool is_over = license != nullptr && column.path == "used_units" && license->over_allocated();
  return is_over ? absl::StrCat(text, " (over)") : text;
}

std::vector<Column> AllColumnsOf(const Descriptor& type, const google::protobuf::FieldMask& mask) {
  std::vector<Column> columns;
  if (IsMask(mask)) {
    for (const std::string& path : mask.paths()) {
      if (HasPath(type, path)) Add(path, path, columns);
    }
  } else {
    AddAll(type, "", columns);
  }
  return columns;
}

}  // namespace lmp::cli
