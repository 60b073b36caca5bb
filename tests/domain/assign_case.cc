#include "tests/domain/assign_case.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "server/domain/catalog/plan_state.h"
#include "tests/domain/demo_catalog.h"
#include "tests/domain/vector_file.h"

namespace lmp::domain {
namespace {

using model::License;
using model::Subscription;

// The terms of a subscription also hold for its licenses.
void TakeTerms(License& license, const model::PlanTerms& terms) {
  license.version = terms.version;
  license.nfr = terms.nfr;
  license.expiration_notice_days = terms.expiration_notice_days;
  if (license.product_kind == model::ProductKind::kService) license.activation_policy = terms.activation_policy;
}

// "2026-01-01 to 2026-02-01"
bool ReadTerm(const std::vector<std::string>& words, License& license) {
  const auto start = ParseDate(words[0]), expiration = ParseDate(words[2]);
  if (words[1] != "to" || !start.has_value() || !expiration.has_value()) return false;
  license.start_date = *start;
  license.expiration_date = *expiration;
  return true;
}

bool ReadLicensePhrase(const std::vector<std::string>& words, License& license) {
  if (words[0] == "closed" && words.size() <= 2) {  // on its first day, if nothing is said
    const auto day = words.size() == 2 ? ParseDate(words[1]) : std::optional(license.start_date);
    if (day.has_value()) license.stamp.update_time = absl::FromCivil(*day, absl::UTCTimeZone());
    license.closed = day.has_value();
    return license.closed;
  }
  if (words.size() == 1 && words[0] == "NFR") return license.nfr = true;
  if (words.size() == 1 && words[0] == "TRIAL") {
    license.version = model::PlanVersion::kTrial;
    return true;
  }
  if (words.size() == 2 && words[1] == "units") {
    license.units = ParseNumber(words[0]).value_or(0);
    return license.units > 0;
  }
  if (words.size() == 2 && words[0] == "used") return (license.used_units = ParseNumber(words[1])).has_value();
  if (words.size() == 2 && words[0] == "activated") {
    const auto day = ParseDate(words[1]);
    if (day.has_value()) license.activate_time = absl::FromCivil(*day, absl::UTCTimeZone());
    return day.has_value();
  }
  if (words.size() == 3 && words[0] == "grace" && words[1] == "to") {
    const auto day = ParseDate(words[2]);
    license.grace_end_date = day.value_or(Date());
    return day.has_value();
  }
  return words.size() == 3 && ReadTerm(words, license);
}

// Reads the lines of one case, one after the other.
class CaseReader final {
 public:
  explicit CaseReader(const Line& line) {
    case_.name = line.value;
    case_.where = line.where;
    case_.before.catalog = TheDemoCatalog().catalog;
    case_.command.customer_id = kAcme;
    for (const char* id : {kAcme, kBystander}) {
      model::Customer customer{.customer_id = id, .partner_id = "msp-one", .display_name = id};
      customer.stamp.revision = 7;
      case_.before.customers[KeyOf(customer)] = customer;
    }
    AddBystander();
  }

  void Read(const Line& line) {
    const bool understood = case_.outcome.empty() ? ReadGiven(line) : ReadExpected(line);
    if (!understood) Problem(line, absl::StrCat("can't read \"", line.key, ": ", line.value, "\""));
  }

  AssignCase Finish() {
    if (all_units_.has_value()) {
      const auto* plan = Find(case_.before.catalog->service_plans, case_.command.service_plan_id);
      if (plan != nullptr) {
        for (const std::string& id : plan->components) case_.command.units[id] = *all_units_;
      }
    }
    const Line end{case_.where, "", ""};
    if (case_.name.empty()) Problem(end, "the case has no name");
    if (case_.today == Date()) Problem(end, "the case has no \"today:\"");
    if (case_.outcome.empty()) Problem(end, "the case has no \"then:\"");
    if (case_.command.service_plan_id.empty()) Problem(end, "the case has no \"assign:\"");
    return std::move(case_);
  }

 private:
  void Problem(const Line& line, const std::string& text) {
    case_.problems.push_back(absl::StrCat(line.where, ": ", text));
  }

  // Somebody who has a bit of everything, long before and long after.
  void AddBystander() {
    Subscription subscription{.customer_id = kBystander,
                              .subscription_id = "theirs",
                              .service_plan_id = "suite-annual",
                              .start_date = Date(2025)};
    case_.before.subscriptions[KeyOf(subscription)] = subscription;
    const model::Catalog& catalog = *case_.before.catalog;
    for (const auto& [key, product] : catalog.products) {
      if (product.kind == model::ProductKind::kSuite) continue;
      License license = MakeLicense(catalog, kBystander, "their-" + product.product_id, product.product_id);
      license.units = 10;
      license.subscription_id = "theirs";
      license.start_date = Date(2025);
      license.expiration_date = license.grace_end_date = Date(2035);
      case_.before.licenses[KeyOf(license)] = license;
    }
  }

  // What is there before, and what is asked for.
  bool ReadGiven(const Line& line) {
    const std::vector<std::string> key = Words(line.key);
    AssignServicePlanCommand& command = case_.command;
    if (line.key == "today") return ReadDate(line.value, case_.today);
    if (line.key == "then") return !(case_.outcome = line.value).empty();
    if (line.key == "caller of partner") return !(case_.caller.partner_id = line.value).empty();
    if (line.key == "customer") return ReadCustomer(line.value);
    if (line.key == "assign") return !(command.service_plan_id = line.value).empty();
    if (line.key == "to customer") return !(command.customer_id = line.value).empty();
    if (line.key == "units") return ReadUnits(line);
    if (line.key == "start") return ReadDate(line.value, command.start_date.emplace());
    if (line.key == "end together with") return !command.align.subscription.emplace(line.value).empty();
    if (line.key == "end on") return ReadDate(line.value, command.align.date.emplace());
    if (line.key == "crossgrade") return ReadCrossgrade(line.value);
    if (line.key == "etag") return !(command.etag = line.value).empty();
    if (key.size() == 3 && key[0] == "has") {
      if (key[1] == "subscription") return ReadSubscription(key[2], line);
      if (key[1] == "license" || key[1] == "unbundled") return ReadLicense(key[2], key[1] == "license", line);
    }
    if (key.size() == 2 && key[0] == "pool") return ReadPool(key[1], line.value);
    if (key.size() == 2) return ReadCatalogChange(key[0], key[1], line.value);
    return false;
  }

  static bool ReadDate(const std::string& text, Date& target) {
    const auto date = ParseDate(text);
    if (date.has_value()) target = *date;
    return date.has_value();
  }

  bool ReadCustomer(const std::string& value) {
    model::Customer& customer = *Find(case_.before.customers, kAcme);
    if (value == "DISABLED") customer.state = model::CustomerState::kDisabled;
    if (value == "deleted") customer.delete_time = absl::UnixEpoch();
    return value == "DISABLED" || value == "deleted";
  }

  // "all 30" or "cloud-app-security 30, hosted-email-security 25"
  bool ReadUnits(const Line& line) {
    for (const std::string& phrase : Phrases(line.value)) {
      const std::vector<std::string> words = Words(phrase);
      const auto number = words.size() == 2 ? ParseNumber(words[1]) : std::nullopt;
      if (!number.has_value()) return false;
      if (words[0] == "all") {
        all_units_ = number;
      } else {
        case_.command.units[words[0]] = *number;
      }
    }
    return true;
  }

  // "reject", "automatic", "keep latest", or choices: "endpoint-encryption NEW_LICENSE"; "explicit" alone: none.
  bool ReadCrossgrade(const std::string& value) {
    CrossgradeChoice& choice = case_.command.crossgrade;
    for (const std::string& phrase : Phrases(value)) {
      const std::vector<std::string> words = Words(phrase);
      if (phrase == "reject") {
        choice.mode = CrossgradeMode::kReject;
      } else if (phrase == "automatic") {
        choice.mode = CrossgradeMode::kAutomatic;
      } else if (phrase == "explicit") {
        choice.mode = CrossgradeMode::kExplicit;
      } else if (phrase == "keep latest") {
        choice.expiration = CrossgradeExpiration::kKeepLatest;
      } else if (phrase == "plan term") {
        choice.expiration = CrossgradeExpiration::kPlanTerm;
      } else if (words.size() == 2 && (words[1] == "TRANSFER" || words[1] == "NEW_LICENSE")) {
        choice.resolutions[words[0]] = words[1] == "TRANSFER" ? Resolution::kTransfer : Resolution::kNewLicense;
        if (choice.mode == CrossgradeMode::kUnspecified) choice.mode = CrossgradeMode::kExplicit;
      } else {
        return false;
      }
    }
    return true;
  }

  // "plan suite-annual, since 2026-01-01, SUSPENDED"
  bool ReadSubscription(const std::string& id, const Line& line) {
    Subscription subscription{.customer_id = kAcme, .subscription_id = id};
    subscription.stamp.revision = 2;
    for (const std::string& phrase : Phrases(line.value)) {
      const std::vector<std::string> words = Words(phrase);
      if (words.size() == 2 && words[0] == "plan") {
        const auto* plan = Find(case_.before.catalog->service_plans, words[1]);
        if (plan == nullptr) return false;
        subscription.service_plan_id = subscription.display_name = words[1];
        subscription.terms = plan->terms;
        subscription.components = plan->components;
      } else if (words.size() == 2 && words[0] == "since") {
        if (!ReadDate(words[1], subscription.start_date)) return false;
      } else if (const auto state = model::ParseEnum<model::SubscriptionState>(phrase)) {
        subscription.state = *state;
      } else {
        return false;
      }
    }
    last_subscription_ = id;
    return case_.before.subscriptions.emplace(KeyOf(subscription), subscription).second;
  }

  // "cloud-app-security, 25 units, 2026-01-01 to 2026-02-01, grace to 2026-02-15"
  bool ReadLicense(const std::string& id, bool of_last_subscription, const Line& line) {
    const std::vector<std::string> phrases = Phrases(line.value);
    if (phrases.empty() || Find(case_.before.catalog->products, phrases[0]) == nullptr) return false;
    License license = MakeLicense(*case_.before.catalog, kAcme, id, phrases[0]);
    int grace_days = 30;
    if (of_last_subscription) {
      const Subscription* subscription = Find(case_.before.subscriptions, kAcme, last_subscription_);
      if (subscription == nullptr) return false;
      license.subscription_id = last_subscription_;
      TakeTerms(license, subscription->terms);
      if (subscription->state == model::SubscriptionState::kSuspended) license.suspend_date = subscription->start_date;
      grace_days = subscription->terms.grace_period_days;
    }
    license.grace_end_date = Date();
    for (std::size_t i = 1; i < phrases.size(); ++i) {
      if (!ReadLicensePhrase(Words(phrases[i]), license)) return false;
    }
    if (license.grace_end_date == Date()) license.grace_end_date = license.expiration_date + grace_days;
    license.anchor_date = license.start_date;
    if (license.units == 0 || license.start_date >= license.expiration_date) return false;
    return case_.before.licenses.emplace(KeyOf(license), license).second;
  }

  // "40 of 100 assigned, minimum 10"
  bool ReadPool(const std::string& product_id, const std::string& value) {
    model::LicensePool pool{.partner_id = "msp-one", .product_id = product_id};
    return ReadPoolLine(value, pool) && case_.before.pools.emplace(KeyOf(pool), pool).second;
  }

  // "plan suite-annual: disabled", "product endpoint-encryption: END_OF_SALE", "suite X: of A B",
  // "partner msp-one: SUSPENDED"
  bool ReadCatalogChange(const std::string& noun, const std::string& id, const std::string& value) {
    model::Catalog& catalog = case_.before.MutableCatalog();
    if (noun == "plan" && value == "disabled") {
      model::ServicePlan* plan = Find(catalog.service_plans, id);
      return plan != nullptr && !(plan->enabled = false);
    }
    if (noun == "partner") {
      model::Partner* partner = Find(catalog.partners, id);
      const auto state = model::ParseEnum<model::PartnerState>(value);
      if (partner != nullptr && state.has_value()) partner->state = *state;
      return partner != nullptr && state.has_value();
    }
    model::Product* product = Find(catalog.products, id);
    if (product == nullptr) return false;
    if (noun == "suite" && absl::StartsWith(value, "of ")) {
      product->components = Words(absl::StripPrefix(value, "of "));
      product->components = CompositionOf(*product);
      return true;
    }
    const auto lifecycle = model::ParseEnum<model::Lifecycle>(value);
    if (noun == "product" && lifecycle.has_value()) product->lifecycle = *lifecycle;
    return noun == "product" && lifecycle.has_value();
  }

  // What must be so afterwards.
  bool ReadExpected(const Line& line) {
    static constexpr absl::string_view kKinds[] = {"new subscription", "new license", "subscription", "license", "pool",
                                                   "duplicate",        "wrong",       "about",        "says"};
    for (const absl::string_view kind : kKinds) {
      absl::string_view subject = line.key;
      if (!absl::ConsumePrefix(&subject, kind) || (!subject.empty() && subject[0] != ' ')) continue;
      case_.expected.push_back({line.where, std::string(kind), std::string(absl::StripPrefix(subject, " ")), line.value,
                                Phrases(line.value)});
      return !line.value.empty();
    }
    return false;
  }

  AssignCase case_;
  std::string last_subscription_;
  std::optional<int> all_units_;
};

}  // namespace

void PrintTo(const AssignCase& example, std::ostream* out) { *out << example.where << ": " << example.name; }

std::vector<AssignCase> ReadAssignCases(const std::string& file) {
  VectorFile vectors = ReadVectorFile(file);
  std::vector<AssignCase> cases;
  std::optional<CaseReader> reader;
  for (const Line& line : vectors.lines) {
    if (line.key == "case") {
      if (reader.has_value()) cases.push_back(reader->Finish());
      reader.emplace(line);
    } else if (reader.has_value()) {
      reader->Read(line);
    } else {
      vectors.problems.push_back(absl::StrCat(line.where, ": before the first \"case:\""));
    }
  }
  if (reader.has_value()) cases.push_back(reader->Finish());
  if (!vectors.problems.empty()) {
    AssignCase broken{.name = "lines that could not be read", .where = file};
    broken.problems = vectors.problems;
    cases.push_back(broken);
  }
  return cases;
}

}  // namespace lmp::domain
