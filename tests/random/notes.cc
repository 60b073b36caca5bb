// What is worth having happened often: counted, so that a change of the random requests can be seen to have left something out.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lmp/v1/licensing_service.pb.h"
#include "tests/random/run.h"

namespace lmp::random_test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A message field of the request, or of its action if it is for many subscriptions; none: nullptr.
const Message* Part(const Message& request, const std::string& name) {
  std::vector<const FieldDescriptor*> fields;
  request.GetReflection()->ListFields(request, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const Message& part = request.GetReflection()->GetMessage(request, field);
    if (field->name() == name) return &part;
    if (field->name() == "update" || field->name() == "renew") {
      if (const Message* inner = Part(part, name)) return inner;
    }
  }
  return nullptr;
}

// Values of a subscription that the request sets to what they are.
int ValuesAsTheyAre(const World& world, const v1::UpdateSubscriptionRequest& request) {
  const auto found = world.subscriptions.find(IdsOf(request.subscription().name()));
  if (found == world.subscriptions.end()) return 0;
  const v1::Subscription& sent = request.subscription();
  const Terms& terms = found->second.terms;
  int same = 0;
  for (const std::string& path : request.update_mask().paths()) same += path == "auto_renewal" && sent.auto_renewal() == terms.auto_renewal;
  same += sent.auto_renewal() && request.update_mask().paths().empty() && terms.auto_renewal;
  same += sent.renewal_term_months() != 0 && sent.renewal_term_months() == terms.renewal_months;
  same += sent.expiration_notice_days() != 0 && sent.expiration_notice_days() == terms.notice_days;
  for (const auto& [key, license] : world.licenses) {
    if (Key(key.first, license.subscription) != found->first) continue;
    if (sent.has_expiration_date()) same += DateOf(sent.expiration_date()) == license.expiration;
    for (const v1::LicenseUnits& units : request.units()) {
      same += IdsOf(units.product()).first == license.product && units.units() == license.units;
    }
  }
  return same;
}

// "customers/…/subscriptions/…" that the request is about; "" if it is about none.
std::string SubscriptionOf(const Message& request) {
  const Message* holder = Part(request, "subscription");
  if (holder == nullptr) holder = &request;
  const FieldDescriptor* field = holder->GetDescriptor()->FindFieldByName("name");
  const std::string name = field == nullptr ? "" : holder->GetReflection()->GetString(*holder, field);
  return absl::StrContains(name, "/subscriptions/") ? name : "";
}

bool NameWasGivenUp(const World& before, const World& after) {
  for (const auto& [id, customer] : before.customers) {
    if (customer.deleted.has_value() && after.customers.at(id).deleted.has_value() && !customer.external_id.empty() && after.customers.at(id).external_id.empty()) return true;
  }
  for (const auto& [id, plan] : after.plans) {
    const auto row = before.plans.find(id);
    if (row != before.plans.end() && row->second.display_name == plan.display_name) continue;
    for (const auto& [other, deleted] : before.plans) {
      if (deleted.deleted && deleted.partner == plan.partner && deleted.display_name == plan.display_name) return true;
    }
  }
  return false;
}

}  // namespace

void Run::Note(const Step& step, const Message& request, const World& before, bool accepted) {
  auto& plays = statistics_.plays;
  if (const auto* update = dynamic_cast<const v1::UpdateSubscriptionRequest*>(&request)) {
    plays["values sent as they are"] += ValuesAsTheyAre(before, *update);
    plays["values sent as they are, accepted"] += accepted ? ValuesAsTheyAre(before, *update) : 0;
  }
  if (accepted && history_.changes_of_call().empty()) ++plays["calls that changed nothing"];
  if (const auto* align = dynamic_cast<const v1::Alignment*>(Part(request, "align"))) {
    ++plays[absl::StrCat("alignments to a ", align->has_expiration_date() ? "date" : "subscription", accepted ? ", accepted" : "")];
  }
  const Key subscription = IdsOf(SubscriptionOf(request));
  if (before.subscriptions.contains(subscription) && LiveLicenses(before, subscription, before.today()).empty()) {
    ++plays[absl::StrCat("calls about an ended subscription", accepted ? ", accepted" : "")];
  }
  if (accepted && step.verb->method == "EndProductLife") ++plays["ends of life declared"];
  if (accepted && AnythingDue(world_)) ++plays["calls right after which something was due"];
  if (accepted && NameWasGivenUp(before, world_)) ++plays["names taken that were given up"];
  for (const auto& [name, change] : history_.changes()) {
    const std::string customer = IdsOf(CustomerOf(request)).first;
    if (name.table != "licenses" || name.key1 == customer || history_.changes_of_call().contains(name)) continue;
    ++plays["licences of others whose time passed before a call about a pool"];
  }
}

}  // namespace lmp::random_test
