#include "server/domain/license/usage.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "server/domain/license/license_status.h"
#include "storage/model/replay.h"

namespace lmp::domain {
namespace {

Date DayOf(absl::Time time) { return absl::ToCivilDay(time, absl::UTCTimeZone()); }

bool Counts(const model::World& world, const model::License& license, Date today) {
  return license.version == model::PlanVersion::kFull && !license.nfr &&
         IsUsable(LicenseStateIn(world, license, today));
}

// Whether the change of a row may make licenses count that did not, or the other way round, besides the row's own.
bool MattersToAll(const model::RowChange<model::Customer>& change) {
  return !change.before.has_value() || change.before->state != change.after.state ||
         change.before->delete_time != change.after.delete_time;
}
bool MattersToAll(const model::RowChange<model::Partner>& change) {
  return !change.before.has_value() || change.before->state != change.after.state;
}
bool MattersToAll(const model::RowChange<model::Product>& change) {
  return !change.before.has_value() || change.before->end_of_life_date != change.after.end_of_life_date;
}

template <class Row>
bool AnyMattersToAll(const std::vector<model::RowChange<Row>>& changes) {
  return std::any_of(changes.begin(), changes.end(), [](const auto& change) { return MattersToAll(change); });
}

}  // namespace

UsagePeak PeakOf(const UsageTimeline& timeline, absl::Time start, absl::Time end) {
  UsagePeak peak;
  for (size_t i = 0; i < timeline.size(); ++i) {
    const UsageStep& step = timeline[i];
    const absl::Time from = std::max(step.from, start);
    const absl::Time to = i + 1 < timeline.size() ? std::min(timeline[i + 1].from, end) : end;
    if (from >= to) continue;
    peak.provisioned = std::max(peak.provisioned, step.provisioned);
    if (step.used.has_value()) peak.used = std::max(peak.used.value_or(0), *step.used);
  }
  return peak;
}

int OverProvisionedPercent(const UsagePeak& peak) {
  if (!peak.used.has_value() || *peak.used >= peak.provisioned) return 0;
  return static_cast<int>(100 * (peak.provisioned - *peak.used) / peak.provisioned);
}

int64_t ChargeableUnits(const UsagePeak& peak) { return peak.used.value_or(peak.provisioned); }

void UsageRecorder::Total::Add(const Part& part, int sign) {
  provisioned += sign * part.units;
  if (!part.used.has_value()) return;
  used += sign * *part.used;
  reporting += sign;
}

void UsageRecorder::Recount(const model::License& license) {
  const model::RowKey key = KeyOf(license);
  if (const auto counted = counted_.find(key); counted != counted_.end()) {
    totals_[counted->second.product_id].Add(counted->second, -1);
    counted_.erase(counted);
  }
  if (!Counts(world_, license, DayOf(now_))) return;
  const Part part{license.product_id, license.units, license.used_units};
  totals_[part.product_id].Add(part, 1);
  counted_.emplace(key, part);
}

void UsageRecorder::RecountStale() {
  if (std::exchange(all_stale_, false)) {
    for (const auto& [key, license] : Range(world_.licenses, customer_id_)) Recount(license);
  } else {
    for (const model::RowKey& key : stale_) Recount(world_.licenses.at(key));
  }
  stale_.clear();
}

void UsageRecorder::AddSteps() {
  for (const auto& [product_id, total] : totals_) {
    UsageStep step{now_, total.provisioned, std::nullopt};
    if (total.reporting > 0) step.used = total.used;
    UsageTimeline& timeline = timelines_[product_id];
    if (!timeline.empty() && timeline.back().from == now_) {
      timeline.back() = step;
    } else if (timeline.empty() || timeline.back().provisioned != step.provisioned ||
               timeline.back().used != step.used) {
      timeline.push_back(step);
    }
  }
}

void UsageRecorder::RecordUntil(absl::Time time) {
  while (now_ < time) {
    RecountStale();
    AddSteps();
    const absl::Time tomorrow = absl::FromCivil(DayOf(now_) + 1, absl::UTCTimeZone());
    all_stale_ = tomorrow <= time;
    now_ = std::min(time, tomorrow);
  }
}

void UsageRecorder::Mark(const model::ChangeSet& change) {
  all_stale_ = all_stale_ || AnyMattersToAll(change.customers) || AnyMattersToAll(change.partners) ||
               AnyMattersToAll(change.products);
  if (all_stale_) return;
  for (const auto& license : change.licenses) {
    if (license.after.customer_id == customer_id_) stale_.insert(KeyOf(license.after));
  }
  for (const auto& subscription : change.subscriptions) {
    for (const auto& [key, license] : Range(world_.licenses, customer_id_)) {
      if (license.subscription_id == subscription.after.subscription_id) stale_.insert(key);
    }
  }
}

void UsageRecorder::Add(const DatedChange& dated_change) {
  RecordUntil(std::min(dated_change.time, end_));
  if (dated_change.time >= end_) return;
  Redo(dated_change.change, world_);
  Mark(dated_change.change);
}

std::map<std::string, UsageTimeline> UsageRecorder::Finish() && {
  RecordUntil(end_);
  return std::move(timelines_);
}

}  // namespace lmp::domain
