#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/random/callers.h"
#include "tests/random/requests.h"
#include "tests/random/step.h"

namespace lmp::random_test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kReseller[] = "msp-one";
constexpr char kDistributor[] = "distributor";
constexpr char kCas[] = "cloud-app-security";
constexpr char kHes[] = "hosted-email-security";
constexpr char kStandard[] = "worry-free-services-standard";
constexpr char kAdvanced[] = "worry-free-services-advanced";
constexpr char kWfbs[] = "worry-free-business-security";
constexpr char kEncryption[] = "endpoint-encryption";
constexpr char kSuite[] = "worry-free-services-suite";
constexpr char kXdr[] = "worry-free-with-xdr";
constexpr char kOnPremises[] = "on-premises-suite";
constexpr char kHybrid[] = "hybrid-suite";
constexpr int kCustomers = 5;

void AddProducts(World& world) {
  world.products[kCas] = {.kind = "SERVICE", .unit = "USER", .nfr_allowed = true};
  world.products[kHes] = {.kind = "SERVICE", .unit = "MAILBOX", .min_units = 5, .max_units = 60, .nfr_allowed = true};
  world.products[kStandard] = {.kind = "SERVICE", .unit = "SEAT", .family = "worry-free-services", .level = 1};
  world.products[kAdvanced] = {.kind = "SERVICE",
                               .unit = "SEAT",
                               .min_units = 2,
                               .max_units = 1000,
                               .nfr_allowed = true,
                               .family = "worry-free-services",
                               .level = 2};
  world.products[kWfbs] = {.kind = "SOFTWARE", .unit = "ENDPOINT", .min_units = 5, .nfr_allowed = true};
  world.products[kEncryption] = {.kind = "SOFTWARE", .unit = "ENCRYPTION_KEY"};
  const auto suite = [&](const char* id, Names components) {
    std::sort(components.begin(), components.end());
    world.products[id] = {.kind = "SUITE", .unit = "UNIT_UNSPECIFIED", .nfr_allowed = true, .components = components};
  };
  suite(kSuite, {kAdvanced, kCas, kHes});
  suite(kXdr, {kAdvanced, kCas});
  suite(kOnPremises, {kWfbs, kEncryption});
  suite(kHybrid, {kWfbs, kEncryption, kCas});
}

void AddPlan(World& world, const char* partner, const std::string& id, const char* product, Terms terms) {
  world.plans[id] = {.partner = partner,
                     .product = product,
                     .display_name = id,
                     .terms = terms,
                     .components = CompositionOf(world, product)};
}

void AddPlans(World& world) {
  const Terms monthly{.initial_months = 1, .auto_renewal = true, .renewal_months = 1};
  const Terms annual{.initial_months = 12, .auto_renewal = true, .renewal_months = 12};
  const Terms year{.initial_months = 12};
  const Terms trial{.trial = true, .initial_months = 1, .grace_days = 7};
  const Terms nfr{.nfr = true, .initial_months = 12};
  const Terms strict{.initial_months = 3, .auto_renewal = true, .renewal_months = 2, .grace_days = 0, .notice_days = 7};
  const Terms first{.initial_months = 12, .first_sign_in = true};
  AddPlan(world, kReseller, "cas-monthly", kCas, monthly);
  AddPlan(world, kReseller, "cas-annual", kCas, annual);
  AddPlan(world, kReseller, "cas-strict", kCas, strict);
  AddPlan(world, kReseller, "cas-trial", kCas, trial);
  AddPlan(world, kReseller, "cas-nfr", kCas, nfr);
  AddPlan(world, kReseller, "cas-first-sign-in", kCas, first);
  AddPlan(world, kReseller, "hes-annual", kHes, year);
  AddPlan(world, kReseller, "wfs-standard-monthly", kStandard, monthly);
  AddPlan(world, kReseller, "wfs-standard-strict", kStandard, strict);
  AddPlan(world, kReseller, "wfs-advanced-monthly", kAdvanced, monthly);
  AddPlan(world, kReseller, "wfs-advanced-annual", kAdvanced, year);
  AddPlan(world, kReseller, "wfbs-annual", kWfbs, year);
  AddPlan(world, kReseller, "wfbs-monthly", kWfbs, monthly);
  AddPlan(world, kReseller, "wfbs-trial", kWfbs, trial);
  AddPlan(world, kReseller, "wfbs-nfr", kWfbs, nfr);
  AddPlan(world, kReseller, "encryption-66-months", kEncryption, {.initial_months = 66});
  AddPlan(world, kReseller, "suite-monthly", kSuite, monthly);
  AddPlan(world, kReseller, "suite-annual", kSuite, annual);
  AddPlan(world, kReseller, "suite-trial", kSuite, trial);
  AddPlan(world, kReseller, "suite-nfr", kSuite, nfr);
  AddPlan(world, kReseller, "suite-first-sign-in", kSuite, first);
  AddPlan(world, kReseller, "xdr-monthly", kXdr, monthly);
  AddPlan(world, kReseller, "xdr-strict", kXdr, strict);
  AddPlan(world, kReseller, "on-premises-annual", kOnPremises, year);
  AddPlan(world, kReseller, "hybrid-annual", kHybrid, annual);
  AddPlan(world, kReseller, "hybrid-first-sign-in", kHybrid, first);
  AddPlan(world, kDistributor, "distributor-cas-monthly", kCas, monthly);
  AddPlan(world, kDistributor, "distributor-suite-annual", kSuite, annual);
  AddPlan(world, kDistributor, "distributor-wfbs-annual", kWfbs, year);
}

const Verb& PickVerb(Dice& dice, const std::vector<Verb>& verbs) {
  int total = 0;
  for (const Verb& verb : verbs) total += verb.weight;
  int left = dice.To(total);
  for (const Verb& verb : verbs) {
    left -= verb.weight;
    if (left < 0) return verb;
  }
  return verbs.back();
}

const Verb& VerbNamed(const std::string& method) {
  return *std::find_if(AllVerbs().begin(), AllVerbs().end(), [&](const Verb& verb) { return verb.method == method; });
}

// To the next day on which something happens, or a few days on; at noon, or at the first or last instant of the day.
absl::Duration SomeMove(Dice& dice, const World& world) {
  Date day = world.today() + (dice.OneIn(60) ? 365 : dice.OneIn(3) ? dice.Between(0, 40) : dice.Between(0, 6));
  if (dice.OneIn(3)) {
    std::vector<Date> days;
    for (const auto& [key, license] : world.licenses) {
      if (license.closed) continue;
      for (const Date event : {license.expiration, license.grace_end, license.suspended.value_or(license.start)}) {
        if (event > world.today() && event < world.today() + 120) days.push_back(event);
      }
    }
    for (const auto& [key, change] : world.changes) {
      if (change.state == "PENDING") days.push_back(change.day);
    }
    for (const auto& [id, product] : world.products) {
      if (product.end_of_life > world.today()) days.insert(days.end(), 3, *product.end_of_life);
    }
    std::sort(days.begin(), days.end());
    if (!days.empty())
      day = std::max(world.today(), (dice.OneIn(2) ? days[0] : dice.Pick(days)) - (dice.OneIn(4) ? 1 : 0));
  }
  absl::Time time = absl::FromCivil(day, absl::UTCTimeZone());
  const int when = dice.To(6);
  if (when > 1) time += absl::Hours(12);
  if (when == 1) time += absl::Hours(24) - absl::Microseconds(1);
  return std::max(time - world.now, absl::Seconds(1));
}

std::vector<Step> FirstSteps() {
  std::vector<Step> steps;
  const auto add = [&](const char* method, MessagePtr request) {
    steps.push_back(
        {.number = static_cast<int>(steps.size()) + 1, .verb = &VerbNamed(method), .request = std::move(request)});
  };
  for (int i = 1; i <= kCustomers; ++i)
    add("CreateCustomer", std::make_shared<v1::CreateCustomerRequest>(NewCustomer(i)));
  for (const char* product : {kCas, kAdvanced, kEncryption}) {
    v1::AddLicensePoolUnitsRequest request;
    request.set_name(absl::StrCat("partners/", kReseller, "/licensePools/", product));
    request.set_units(30);
    add("AddLicensePoolUnits", std::make_shared<v1::AddLicensePoolUnitsRequest>(request));
  }
  return steps;
}

Step SomeStep(Dice& dice, const World& world, const std::vector<Step>& before, int number, int of) {
  Step step{.number = number};
  const int kind = dice.To(100);
  if (kind < 22) {
    step.kind = Step::kClock;
    step.moves = SomeMove(dice, world);
    return step;
  }
  if (kind < 27) {
    step.kind = Step::kWorker;
    return step;
  }
  const Step& earlier = before[static_cast<size_t>(dice.To(static_cast<int>(before.size())))];
  step.of = earlier.kind == Step::kRequest ? earlier.number : 1;
  if (kind < 29) {
    step.kind = Step::kRepeat;
    return step;
  }
  if (kind < 30) step.kind = Step::kReuse;
  const bool final = number > of / 2 && dice.OneIn(30);
  // A request about nothing only now and then.
  do {
    step.verb = &PickVerb(dice, final ? FinalVerbs() : AllVerbs());
    step.request = step.verb->generate(dice, world);
  } while (step.request->ShortDebugString().find("/nothing") != std::string::npos && !dice.OneIn(100));
  step.etag = dice.OneIn(4) ? Step::kCurrent : dice.OneIn(25) ? Step::kStale : Step::kNone;
  if (step.kind == Step::kRequest) step.caller = SomeCaller(dice, world);
  const Step& last = before.back();
  step.borrows_id = step.kind == Step::kRequest && last.kind == Step::kRequest && !last.borrows_id &&
                    last.caller.actor != step.caller.actor && dice.OneIn(3);
  return step;
}

}  // namespace

World FirstWorld(uint64_t seed) {
  Dice dice(seed ^ 0x9E3779B97F4A7C15u);
  World world;
  world.partners[kDistributor] = {};
  world.partners[kReseller] = {.parent = kDistributor};
  AddProducts(world);
  AddPlans(world);
  Date day = Date(2023, 6, 1) + dice.To(2000);
  if (dice.OneIn(2))
    day = Date(absl::CivilMonth(day) + 1) - dice.Between(1, 3);  // the end of a month, where it is hard
  world.now = absl::FromCivil(day, absl::UTCTimeZone()) + absl::Hours(12);
  return world;
}

Verdict Decide(const Verb& verb, const Message& request, World& world) {
  World changed = world;
  changed.made = 0;
  const std::string customer = IdsOf(CustomerOf(request)).first;
  Verdict verdict;
  verb.predict(request, changed, verdict);
  if (verdict.accepted()) TellWhatIsShown(world, changed);
  if (verdict.accepted()) verdict.RefuseIf(!SettlePools(changed), "POOL_EXHAUSTED");
  if (!verdict.accepted()) return verdict;
  changed.due = DueNow(changed);
  if (changed.customers.contains(customer)) ApplyDue(changed);  // what is due at once has happened in the answer
  world = std::move(changed);
  return verdict;
}

void Imagine(const Step& step, World& world) {
  world.step = step.number;
  world.now += step.kind == Step::kClock ? step.moves : absl::Seconds(1);
  ApplyDue(world);
  if (step.kind == Step::kRequest && step.etag != Step::kStale)
    DecideFor(step.caller, *step.verb, *step.request, world);
}

std::vector<Step> MakeHistory(uint64_t seed, int count) {
  Dice dice(seed);
  World world = FirstWorld(seed);
  std::vector<Step> steps = FirstSteps();
  for (const Step& step : steps) Imagine(step, world);
  while (static_cast<int>(steps.size()) < count) {
    steps.push_back(SomeStep(dice, world, steps, static_cast<int>(steps.size()) + 1, count));
    Imagine(steps.back(), world);
  }
  return steps;
}

std::string Step::Text() const {
  const std::string head = absl::StrFormat("%4d ", number);
  if (kind == kClock) return absl::StrCat(head, "time moves on by ", absl::FormatDuration(moves));
  if (kind == kWorker) return absl::StrCat(head, "the time worker runs");
  if (kind == kRepeat) return absl::StrCat(head, "step ", of, " is sent again");
  return absl::StrCat(head, verb->method, kind == kReuse ? absl::StrCat(" with the request_id of step ", of) : "",
                      kind == kRequest ? absl::StrCat(" by ", caller.actor) : "",
                      borrows_id ? " with the request_id of the step before" : "", " {", request->ShortDebugString(),
                      "}",
                      etag == kCurrent ? " with the current etag"
                      : etag == kStale ? " with a stale etag"
                                       : "");
}

std::string CustomerOf(const Message& request) {
  for (const char* name : {"parent", "customer", "name", "subscription"}) {
    const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr || field->is_repeated()) continue;
    std::string value;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      value = request.GetReflection()->GetString(request, field);
    } else if (const Message& resource = request.GetReflection()->GetMessage(request, field);
               const FieldDescriptor* inner = resource.GetDescriptor()->FindFieldByName("name")) {
      value = resource.GetReflection()->GetString(resource, inner);
    }
    if (value.rfind("customers/", 0) == 0) return "customers/" + IdsOf(value).first;
  }
  return "";
}

const FieldDescriptor* EtagField(Message*& message) {
  const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName("etag");
  if (field != nullptr || message->GetDescriptor()->name().rfind("Update", 0) != 0) return field;
  for (const char* name : {"subscription", "customer", "license_pool"}) {
    const FieldDescriptor* resource = message->GetDescriptor()->FindFieldByName(name);
    if (resource == nullptr) continue;
    message = message->GetReflection()->MutableMessage(message, resource);
    return message->GetDescriptor()->FindFieldByName("etag");
  }
  return nullptr;
}

void SetText(Message& message, const std::string& field, const std::string& value) {
  message.GetReflection()->SetString(&message, message.GetDescriptor()->FindFieldByName(field), value);
}

}  // namespace lmp::random_test
