#include "tests/random/system.h"

#include <future>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "server/check.h"
#include "server/domain/lookup.h"
#include "server/wire/license_check.h"
#include "server/wire/resources.h"
#include "server/workers/renewal_worker.h"
#include "storage/event_sequence.h"
#include "storage/history_snapshot.h"
#include "storage/status_macros.h"

namespace lmp::random_test {
namespace {

// Those whose rows have events, and how many columns are their key.
const std::map<std::string, size_t>& Tables() {
  static const auto& tables = *new std::map<std::string, size_t>{
      {"partners", 1}, {"products", 1},      {"service_plans", 1},     {"customers", 1},        {"subscriptions", 2},
      {"licenses", 2}, {"license_pools", 2}, {"scheduled_changes", 2}, {"registration_keys", 1}};
  return tables;
}

template <class Enum>
Enum Parsed(const std::string& name) {
  return model::ParseEnum<Enum>(name).value_or(Enum{});
}

model::PlanTerms TermsOf(const Terms& terms) {
  model::PlanTerms row;
  row.version = terms.trial ? model::PlanVersion::kTrial : model::PlanVersion::kFull;
  row.nfr = terms.nfr;
  row.initial_term_months = terms.initial_months;
  row.auto_renewal = terms.auto_renewal;
  row.renewal_term_months = terms.renewal_months;
  row.grace_period_days = terms.grace_days;
  row.expiration_notice_days = terms.notice_days;
  row.activation_policy =
      terms.first_sign_in ? model::ActivationPolicy::kOnFirstSignIn : model::ActivationPolicy::kOnAssignment;
  return row;
}

model::Catalog CatalogOf(const World& world) {
  model::Catalog catalog;
  for (const auto& [id, partner] : world.partners) {
    model::Partner row{.partner_id = id, .display_name = id, .tier = model::PartnerTier::kDistributor};
    if (!partner.parent.empty()) row.tier = model::PartnerTier::kReseller, row.parent_id = partner.parent;
    catalog.partners[KeyOf(row)] = row;
  }
  for (const auto& [id, product] : world.products) {
    model::Product row{.product_id = id, .display_name = id};
    row.kind = Parsed<model::ProductKind>(product.kind);
    row.unit = Parsed<model::ProductUnit>(product.unit);
    row.min_units = product.min_units;
    row.max_units = product.max_units;
    row.nfr_allowed = product.nfr_allowed;
    row.family = product.family;
    row.level = product.level;
    row.components = product.components;
    catalog.products[KeyOf(row)] = row;
  }
  for (const auto& [id, plan] : world.plans) {
    model::ServicePlan row{.service_plan_id = id, .partner_id = plan.partner, .display_name = plan.display_name};
    row.product_id = plan.product;
    row.terms = TermsOf(plan.terms);
    row.components = plan.components;
    catalog.service_plans[KeyOf(row)] = row;
  }
  return catalog;
}

}  // namespace

std::string StepIds::NewActivationCode() { return absl::StrFormat("LM-%06d-%d", step_, codes_++); }

System::System() : admin_(schema_.Connect()), database_(schema_.options(), 3) {}

absl::Status System::ReadColumns() {
  for (const auto& [table, keys] : Tables()) {
    ASSIGN_OR_RETURN(
        const auto rows,
        admin_->Query("SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND "
                      "table_name = ? AND COALESCE(generation_expression, '') = '' ORDER BY ordinal_position",
                      {schema_.name(), table}));
    while (rows->Next()) columns_[table].push_back(rows->String(0));
    RETURN_IF_ERROR(rows->status());
  }
  return absl::OkStatus();
}

absl::Status System::Clear() {
  RETURN_IF_ERROR(admin_->Execute("SET FOREIGN_KEY_CHECKS = 0"));
  for (const char* table : {"events", "requests", "license_tokens"}) {
    RETURN_IF_ERROR(admin_->Execute(absl::StrCat("DELETE FROM ", table)));
  }
  for (const auto& [table, keys] : Tables()) RETURN_IF_ERROR(admin_->Execute(absl::StrCat("DELETE FROM ", table)));
  RETURN_IF_ERROR(admin_->Execute("UPDATE catalogue_version SET version = version + 1"));
  return admin_->Execute("SET FOREIGN_KEY_CHECKS = 1");
}

absl::Status System::Restart(const World& world) {
  writes_.reset();
  reads_.reset();
  if (columns_.empty()) RETURN_IF_ERROR(ReadColumns());
  RETURN_IF_ERROR(Clear());
  cache_ = std::make_unique<storage::CatalogCache>();
  const engine::EngineOptions options{.batches = {.workers = 1}, .clock = [this] { return Now(); }};
  writes_ = std::make_unique<engine::WriteEngine>(database_, *cache_, ids_, options);
  reads_ = std::make_unique<engine::ReadEngine>(database_, *cache_, ids_, options);
  SetNow(world.now);
  engine::Mutation seed;
  seed.caller = {.actor = "seed"};
  seed.method = seed.event_kind = "SEED";
  seed.footprint = {.changes_catalog = true};
  seed.decide = [catalog = CatalogOf(world)](model::World& rows,
                                             const domain::Env&) -> absl::StatusOr<engine::ResponseWriter> {
    rows.MutableCatalog() = catalog;
    return engine::ResponseWriter([](const engine::Decision&) { return std::string(); });
  };
  return Run(std::move(seed), 0).status();
}

absl::StatusOr<engine::Answer> System::Run(engine::Mutation mutation, int step) {
  ids_.Begin(step);
  std::promise<absl::StatusOr<engine::Answer>> promise;
  mutation.done = [&promise](absl::StatusOr<engine::Answer> answer) { promise.set_value(std::move(answer)); };
  writes_->Submit(std::move(mutation));
  return promise.get_future().get();
}

absl::StatusOr<int> System::RunTimeWorker() {
  return server::RenewalWorker(database_, *writes_, [this] { return Now(); }).RunOnce();
}

absl::StatusOr<CustomerView> System::Read(const std::string& customer) {
  CustomerView view;
  std::promise<absl::Status> promise;
  engine::Query query;
  query.footprint = {.customers = {customer}};
  query.answer = [&](const model::World& world, const domain::Env& env) -> absl::StatusOr<std::string> {
    const wire::View rows{world, env.today};
    const model::Customer* row = Find(world.customers, customer);
    if (row == nullptr) return absl::NotFoundError(customer);
    wire::ToProto(*row, rows, &view.customer);
    for (const auto& [key, subscription] : world.subscriptions) {
      v1::Subscription proto;
      wire::ToProto(subscription, rows, &proto);
      view.subscriptions[proto.name()] = proto;
    }
    for (const auto& [key, license] : world.licenses) {
      v1::License proto;
      wire::ToProto(license, rows, &proto);
      view.licenses[proto.name()] = proto;
    }
    return std::string();
  };
  query.done = [&](const absl::StatusOr<std::string>& answer) { promise.set_value(answer.status()); };
  reads_->Submit(std::move(query));
  RETURN_IF_ERROR(promise.get_future().get());
  return view;
}

absl::StatusOr<std::map<Key, v1::LicensePool>> System::ReadPools(const std::vector<Key>& keys) {
  std::map<Key, v1::LicensePool> pools;
  std::promise<absl::Status> promise;
  engine::Query query;
  query.footprint = {.pools = keys};
  query.answer = [&](const model::World& world, const domain::Env& env) -> absl::StatusOr<std::string> {
    for (const auto& [key, pool] : world.pools) wire::ToProto(pool, {world, env.today}, &pools[key]);
    return std::string();
  };
  query.done = [&](const absl::StatusOr<std::string>& answer) { promise.set_value(answer.status()); };
  reads_->Submit(std::move(query));
  RETURN_IF_ERROR(promise.get_future().get());
  return pools;
}

absl::StatusOr<std::vector<v1::CheckLicenseResponse>> System::CheckLicenses(const std::vector<Key>& keys) {
  std::vector<v1::CheckLicenseResponse> answers;
  std::promise<absl::Status> promise;
  engine::Query query;
  query.footprint = {.license_checks = keys};
  query.answer = [&](const model::World& world, const domain::Env& env) -> absl::StatusOr<std::string> {
    for (const Key& key : keys)
      wire::RenderLicenseCheck(domain::CheckLicense(world, key.first, key.second, env.today), &answers.emplace_back());
    return std::string();
  };
  query.done = [&](const absl::StatusOr<std::string>& answer) { promise.set_value(answer.status()); };
  reads_->Submit(std::move(query));
  RETURN_IF_ERROR(promise.get_future().get());
  return answers;
}

absl::Status System::Sequence() {
  for (bool more = true; more;) {
    RETURN_IF_ERROR(database_.Transact(absl::Now() + absl::Seconds(30), [&](storage::Connection& connection) {
      const auto done = storage::SequenceEvents(connection, 1000);
      more = done.ok() && done->more;
      return done.status();
    }));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<model::Event>> System::Snapshot() {
  std::vector<model::Event> all;
  storage::SnapshotCursor cursor;
  while (cursor.kind != storage::SnapshotCursor::Kind::kDone) {
    ASSIGN_OR_RETURN(std::vector<model::Event> rows, storage::LoadSnapshotPart(*admin_, {}, {}, cursor));
    std::move(rows.begin(), rows.end(), std::back_inserter(all));
  }
  ASSIGN_OR_RETURN(const std::vector<model::Event> late, storage::LoadWithoutSequence(*admin_, 100'000));
  all.insert(all.end(), late.begin(), late.end());
  return all;
}

absl::StatusOr<std::vector<std::string>> System::Check() {
  std::vector<std::string> found;
  RETURN_IF_ERROR(
      server::CheckDatabase(*admin_, absl::ToCivilDay(Now(), absl::UTCTimeZone()), [&](const std::string& violation) {
        found.push_back(violation);
      }).status());
  return found;
}

absl::StatusOr<RawRows> System::Load(const Selection& selection) {
  RawRows loaded;
  const std::set<std::string>& keys = selection.keys;
  for (const auto& [table, key_columns] : Tables()) {
    if (!selection.tables.empty() && !selection.tables.contains(table)) continue;
    const std::vector<std::string>& columns = columns_.at(table);
    // As the database itself writes the values down.
    std::string sql = absl::StrCat("SELECT CONCAT(", absl::StrJoin(columns, "), CONCAT("), ") FROM ", table);
    std::vector<storage::Value> params(keys.begin(), keys.end());
    if (!keys.empty()) {
      absl::StrAppend(&sql, " WHERE ", columns[0], " IN (",
                      absl::StrJoin(std::vector<std::string>(keys.size(), "?"), ", "), ")");
    }
    ASSIGN_OR_RETURN(const auto rows, admin_->Query(sql, params));
    while (rows->Next()) {
      RawRow row;
      for (size_t i = 0; i < columns.size(); ++i) {
        const int column = static_cast<int>(i);
        row[columns[i]] = rows->IsNull(column) ? std::nullopt : std::optional<std::string>(rows->String(column));
      }
      RowName name{table, row[columns[0]].value_or(""), key_columns == 2 ? row[columns[1]].value_or("") : ""};
      loaded.emplace(std::move(name), std::move(row));
    }
    RETURN_IF_ERROR(rows->status());
  }
  return loaded;
}

absl::StatusOr<std::vector<RawEvent>> System::EventsAfter(int64_t id) {
  ASSIGN_OR_RETURN(const auto rows,
                   admin_->Query("SELECT event_id, row_table, key1, key2, actor, request_id, kind, event_time, "
                                 "effective_date, revision, before_image, after_image FROM events WHERE event_id > ? "
                                 "ORDER BY event_id",
                                 {id}));
  std::vector<RawEvent> events;
  const auto optional = [&](int column) {
    return rows->IsNull(column) ? std::nullopt : std::optional<std::string>(rows->String(column));
  };
  while (rows->Next()) {
    events.push_back({.id = rows->Int64(0),
                      .row = {rows->String(1), rows->String(2), rows->String(3)},
                      .actor = rows->String(4),
                      .request_id = rows->String(5),
                      .kind = rows->String(6),
                      .time = rows->String(7),
                      .effective_date = optional(8),
                      .before = optional(10),
                      .revision = static_cast<int>(rows->Int64(9)),
                      .after = rows->String(11)});
  }
  RETURN_IF_ERROR(rows->status());
  return events;
}

absl::StatusOr<std::vector<std::string>> System::WrongPools() {
  ASSIGN_OR_RETURN(
      const auto rows,
      admin_->Query(
          "SELECT * FROM (SELECT p.partner_id, p.product_id, p.assigned, p.total, COALESCE((SELECT SUM(l.units) "
          "FROM licenses l JOIN customers c ON c.customer_id = l.customer_id WHERE c.partner_id = p.partner_id "
          "AND l.product_id = p.product_id AND l.closed = 0), 0) AS units FROM license_pools p) AS pools "
          "WHERE assigned <> units OR assigned > total",
          {}));
  std::vector<std::string> wrong;
  while (rows->Next()) {
    wrong.push_back(absl::StrCat("pool ", rows->String(0), "/", rows->String(1), " says ", rows->String(2), " of ",
                                 rows->String(3), " units, its licenses have ", rows->String(4)));
  }
  RETURN_IF_ERROR(rows->status());
  return wrong;
}

}  // namespace lmp::random_test
