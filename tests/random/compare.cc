#include "tests/random/compare.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"

namespace lmp::random_test {
namespace {

constexpr char kSet[] = "(anything)";  // not NULL, but the model does not know what

std::string Bool(bool value) { return value ? "1" : "0"; }
std::string List(const Names& names) {
  return names.empty() ? "[]" : absl::StrCat("[\"", absl::StrJoin(names, "\",\""), "\"]");
}
std::optional<std::string> OrNull(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}
std::optional<std::string> OrNull(const std::optional<Date>& date) {
  return date.has_value() ? std::optional<std::string>(Text(*date)) : std::nullopt;
}
std::optional<std::string> OrNull(const std::optional<int>& number) {
  return number.has_value() ? std::optional<std::string>(absl::StrCat(*number)) : std::nullopt;
}

std::string UnitsText(const std::map<std::string, int>& units) {
  return absl::StrCat("{",
                      absl::StrJoin(units, ",",
                                    [](std::string* out, const auto& entry) {
                                      absl::StrAppend(out, "\"", entry.first, "\":\"", entry.second, "\"");
                                    }),
                      "}");
}

RawRow Expected(const World& world, const Key& key, const Subscription& subscription) {
  int pending = 0;
  for (const auto& [change_key, change] : world.changes) {
    if (change_key.first == key.first && change.subscription == key.second && change.state == "PENDING") ++pending;
  }
  RawRow row{{"service_plan_id", subscription.plan},
             {"state", subscription.state},
             {"start_date", Text(subscription.start)},
             {"components", List(subscription.components)},
             {"replaced_by", OrNull(subscription.replaced_by)},
             {"pending_changes", absl::StrCat(pending)}};
  if (subscription.state != "ACTIVE" && subscription.state != "SUSPENDED") return row;  // its terms mean nothing more
  const Terms& terms = subscription.terms;
  row["version"] = terms.trial ? "TRIAL" : "FULL";
  row["nfr"] = Bool(terms.nfr);
  row["auto_renewal"] = Bool(terms.auto_renewal);
  if (terms.auto_renewal) row["renewal_term_months"] = absl::StrCat(terms.renewal_months);
  row["grace_period_days"] = absl::StrCat(terms.grace_days);
  row["expiration_notice_days"] = absl::StrCat(terms.notice_days);
  row["renewal_paused"] = Bool(subscription.renewal_paused);
  return row;
}

RawRow Expected(const World& world, const License& license) {
  RawRow row{{"product_id", license.product},
             {"product_kind", world.products.at(license.product).kind},
             {"unit", world.products.at(license.product).unit},
             {"units", absl::StrCat(license.units)},
             {"used_units", OrNull(license.used)},
             {"start_date", Text(license.start)},
             {"expiration_date", Text(license.expiration)},
             {"grace_end_date", Text(license.grace_end)},
             {"expiration_notice_days", absl::StrCat(license.notice_days)},
             {"version", license.trial ? "TRIAL" : "FULL"},
             {"nfr", Bool(license.nfr)},
             {"activation_policy", license.first_sign_in ? "ON_FIRST_SIGN_IN" : "ON_ASSIGNMENT"},
             {"subscription_id", OrNull(license.subscription)},
             {"closed", Bool(license.closed)}};
  row["activation_code"] = IsService(world, license.product) ? std::nullopt : std::optional<std::string>(kSet);
  if (license.first_sign_in) row["activate_time"] = license.activated ? std::optional<std::string>(kSet) : std::nullopt;
  if (license.closed) return row;
  row["suspend_date"] = OrNull(license.suspended);
  row["announced_date"] =
      OrNull(license.told.empty() ? "" : Text(license.told == "GRACE" ? license.grace_end : license.expiration));
  return row;
}

RawRow Expected(const ScheduledChange& change) {
  const TermsUpdate& update = change.update;
  RawRow row{{"subscription_id", change.subscription},
             {"effective_date", Text(change.day)},
             {"units", UnitsText(update.units)},
             {"expiration_date", OrNull(update.expiration)},
             {"anchor_date", OrNull(std::string(update.day.has_value() ? kSet : ""))},
             {"renewal_term_months", OrNull(update.renewal_months)},
             {"expiration_notice_days", OrNull(update.notice_days)},
             {"state", change.state}};
  row["auto_renewal"] = update.auto_renewal.has_value() ? std::optional(Bool(*update.auto_renewal)) : std::nullopt;
  return row;
}

RawRow Expected(const Partner& partner) { return {{"state", partner.state}, {"parent_id", OrNull(partner.parent)}}; }

RawRow Expected(const Product& product) {
  return {{"lifecycle", product.lifecycle},
          {"components", List(product.components)},
          {"end_of_life_date", OrNull(product.end_of_life)}};
}

RawRow Expected(const Plan& plan) {
  return {{"partner_id", plan.partner},
          {"enabled", Bool(plan.enabled)},
          {"grace_period_days", absl::StrCat(plan.terms.grace_days)},
          {"components", List(plan.components)},
          {"delete_time", OrNull(std::string(plan.deleted ? kSet : ""))}};
}

RawRow Expected(const Customer& customer) {
  return {{"partner_id", customer.partner},
          {"state", customer.enabled ? "ENABLED" : "DISABLED"},
          {"note", customer.note},
          {"external_id", OrNull(customer.external_id)},
          {"delete_time", OrNull(std::string(customer.deleted ? kSet : ""))}};
}

RawRow Expected(const Pool& pool) {
  return {{"total", absl::StrCat(pool.total)},
          {"assigned", absl::StrCat(pool.assigned)},
          {"minimum", absl::StrCat(pool.minimum)}};
}

RawRow Expected(const RegistrationKey& key) {
  return {{"partner_id", key.partner},
          {"service_plan_id", key.plan},
          {"units", UnitsText(key.units)},
          {"expire_date", Text(key.expires)},
          {"state", key.state},
          {"customer_id", OrNull(key.customer)},
          {"subscription_id", OrNull(key.subscription)}};
}

RawRows ExpectedRows(const World& world, const Selection& selection) {
  RawRows rows;
  const auto add = [&](const char* table, const auto& entries, const auto& expected) {
    for (const auto& [key, row] : entries) {
      RowName name{.table = table};
      if constexpr (std::is_same_v<std::decay_t<decltype(key)>, Key>) {
        name.key1 = key.first;
        name.key2 = key.second;
      } else {
        name.key1 = key;
      }
      if (selection.Has(name)) rows.emplace(name, expected(key, row));
    }
  };
  const auto row_alone = [](const auto&, const auto& row) { return Expected(row); };
  add("partners", world.partners, row_alone);
  add("products", world.products, row_alone);
  add("service_plans", world.plans, row_alone);
  add("customers", world.customers, row_alone);
  add("subscriptions", world.subscriptions,
      [&](const Key& key, const Subscription& row) { return Expected(world, key, row); });
  add("licenses", world.licenses, [&](const Key&, const License& row) { return Expected(world, row); });
  add("scheduled_changes", world.changes, row_alone);
  add("license_pools", world.pools, row_alone);
  add("registration_keys", world.keys, row_alone);
  return rows;
}

// JSON of MySQL and ours differ in blanks.
std::string WithoutBlanks(std::string text) {
  if (!text.empty() && (text.front() == '[' || text.front() == '{')) std::erase(text, ' ');
  return text;
}

// Whether the notice of a product's end of life has begun, by the license's row. What is suspended has none.
bool IsNoticed(const RawRow& row, Date life, Date today) {
  if (life == Date::max() || row.at("suspend_date").has_value()) return false;
  Date start;
  if (!absl::ParseCivilTime(row.at("start_date").value_or(""), &start)) return false;
  return life - std::min(std::stoi(*row.at("expiration_notice_days")), static_cast<int>(life - start) / 2) <= today;
}

}  // namespace

std::set<std::string> Behind(const World& world, const RawRows& rows) {
  std::set<std::string> behind;
  for (const auto& [name, row] : rows) {
    if (name.table != "licenses" || row.at("closed") != "0") continue;
    const auto product = world.products.find(row.at("product_id").value_or(""));
    const Date life = product == world.products.end() ? Date::max() : product->second.end_of_life.value_or(Date::max());
    // Nobody writes to licenses when the end of their product's life is declared: their days may be those of before.
    const bool of_before = !row.at("announced_date").has_value() && IsNoticed(row, life, world.today());
    if (life <= world.today() || of_before || row.at("due_date").value_or("9999") <= Text(world.today()))
      behind.insert(name.key1);
  }
  return behind;
}

std::vector<std::string> CompareWithRows(const World& world, const Selection& selection, const RawRows& rows) {
  std::vector<std::string> wrong;
  const RawRows expected = ExpectedRows(world, selection);
  std::set<std::string> behind;
  for (const std::string& id : Behind(world, rows)) {
    behind.insert(id);
    if (const auto customer = world.customers.find(id); customer != world.customers.end())
      behind.insert(customer->second.partner);
  }
  const auto is_behind = [&](const RowName& name) { return name.table != "partners" && behind.contains(name.key1); };
  for (const auto& [name, row] : rows) {
    if (!expected.contains(name)) wrong.push_back(absl::StrCat(Text(name), " is not expected"));
  }
  for (const auto& [name, columns] : expected) {
    if (is_behind(name)) continue;
    const auto row = rows.find(name);
    if (row == rows.end()) {
      wrong.push_back(absl::StrCat(Text(name), " is missing"));
      continue;
    }
    for (const auto& [column, value] : columns) {
      const std::optional<std::string>& found = row->second.at(column);
      if (value == kSet
              ? found.has_value()
              : found.has_value() == value.has_value() && WithoutBlanks(found.value_or("")) == value.value_or("")) {
        continue;
      }
      wrong.push_back(absl::StrCat(Text(name), ": ", column, " is ", found.value_or("NULL"), ", expected ",
                                   value.value_or("NULL")));
    }
  }
  return wrong;
}

std::vector<std::string> CompareWithView(const World& world, const std::string& customer, const CustomerView& view) {
  std::vector<std::string> wrong;
  const auto expect = [&](const std::string& what, const auto& found, const auto& expected) {
    if (found != expected) wrong.push_back(absl::StrCat("a reader sees ", what, " ", found, ", expected ", expected));
  };
  size_t licenses = 0;
  for (const auto& [key, license] : world.licenses) {
    if (key.first != customer) continue;
    ++licenses;
    const std::string name = absl::StrCat("customers/", customer, "/licenses/", key.second);
    const auto found = view.licenses.find(name);
    if (found == view.licenses.end()) {
      wrong.push_back(absl::StrCat("a reader does not see ", name));
      continue;
    }
    const v1::License& seen = found->second;
    expect(absl::StrCat("the state of ", name), v1::License::State_Name(seen.state()),
           StateOf(world, key, world.today()));
    expect(absl::StrCat("the units of ", name), seen.units(), license.units);
    expect(absl::StrCat("over_allocated of ", name), seen.over_allocated(), license.used.value_or(0) > license.units);
    expect(absl::StrCat("the start of ", name), Text(DateOf(seen.start_date())), Text(license.start));
    expect(absl::StrCat("the expiration of ", name), Text(DateOf(seen.expiration_date())),
           Text(Shown(world, license, license.expiration)));
    expect(absl::StrCat("the end of grace of ", name), Text(DateOf(seen.grace_end_date())),
           Text(Shown(world, license, license.grace_end)));
    const std::optional<Date> renewal = RenewalDay(world, key, license);
    expect(absl::StrCat("auto_renewal of ", name), seen.auto_renewal(), renewal.has_value());
    expect(absl::StrCat("the renewal of ", name), seen.has_renewal_date() ? Text(DateOf(seen.renewal_date())) : "",
           renewal.has_value() ? Text(*renewal) : "");
  }
  expect("licenses", view.licenses.size(), licenses);
  for (const auto& [key, subscription] : world.subscriptions) {
    if (key.first != customer) continue;
    const std::string name = absl::StrCat("customers/", customer, "/subscriptions/", key.second);
    const auto found = view.subscriptions.find(name);
    if (found == view.subscriptions.end()) {
      wrong.push_back(absl::StrCat("a reader does not see ", name));
      continue;
    }
    const std::string state = StateOfSubscription(world, key, world.today());
    const bool runs = state == "ACTIVE" || state == "SUSPENDED";
    expect(absl::StrCat("the state of ", name), v1::Subscription::State_Name(found->second.state()), state);
    expect(absl::StrCat("auto_renewal of ", name), found->second.auto_renewal(),
           runs && subscription.terms.auto_renewal);
    expect(absl::StrCat("renewal_paused of ", name), found->second.renewal_paused(),
           runs && subscription.renewal_paused);
    if (state == "ACTIVE") {
      const bool outdated = world.plans.at(subscription.plan).components != subscription.components;
      expect(absl::StrCat("updates_available of ", name), found->second.updates_available(), outdated);
    }
  }
  return wrong;
}

std::vector<std::string> CompareWithPools(const World& world, const std::map<Key, v1::LicensePool>& pools) {
  std::vector<std::string> wrong;
  if (pools.size() != world.pools.size())
    wrong.push_back(absl::StrCat("a reader sees ", pools.size(), " pools, expected ", world.pools.size()));
  const auto text = [](int assigned, int total, int minimum) {
    return absl::StrCat(assigned, " of ", total, ", minimum ", minimum);
  };
  for (const auto& [key, pool] : world.pools) {
    const auto found = pools.find(key);
    if (found == pools.end()) continue;
    const std::string seen =
        text(found->second.assigned_units(), found->second.total_units(), found->second.minimum_units());
    const std::string expected = text(pool.assigned, pool.total, pool.minimum);
    if (seen != expected)
      wrong.push_back(
          absl::StrCat("a reader sees pool ", key.first, "/", key.second, " ", seen, ", expected ", expected));
  }
  return wrong;
}

std::vector<std::string> CheckLicenses(const RawRows& before, const RawRows& after, Date today) {
  std::vector<std::string> wrong;
  std::map<std::pair<std::string, std::string>, std::string> services;
  for (const auto& [name, row] : after) {
    if (name.table != "licenses") continue;
    const auto text = [&row = row](const char* column) { return row.at(column).value_or(""); };
    const bool service = text("product_kind") == "SERVICE";
    if (service && text("closed") == "0" && text("grace_end_date") > Text(today)) {
      const auto [other, first] = services.insert({{name.key1, text("product_id")}, name.key2});
      if (!first)
        wrong.push_back(absl::StrCat("I1: ", name.key2, " and ", other->second, " are both of ", text("product_id")));
    }
    if (text("start_date") >= text("expiration_date") || text("expiration_date") > text("grace_end_date")) {
      wrong.push_back(absl::StrCat("the dates of ", Text(name), " are out of order"));
    }
    if (service == row.at("activation_code").has_value()) wrong.push_back(absl::StrCat("the code of ", Text(name)));
  }
  for (const auto& [name, row] : before) {
    if (name.table != "licenses") continue;
    const auto found = after.find(name);
    if (found == after.end()) {
      wrong.push_back(absl::StrCat("I5: ", Text(name), " is gone"));
    } else if (found->second.at("activation_code") != row.at("activation_code")) {
      wrong.push_back(absl::StrCat("I5: the code of ", Text(name), " changed"));
    } else if (row.at("closed") == "1" && found->second.at("closed") == "0") {
      wrong.push_back(absl::StrCat("I5: ", Text(name), " rose from the dead"));
    }
  }
  return wrong;
}

}  // namespace lmp::random_test
