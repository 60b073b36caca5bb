#include "server/domain/license/usage.h"

#include <algorithm>
#include <utility>

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

// Adds a step for each product of which the customer has, or had, licenses.
void AddSteps(const model::World& world, const std::string& customer_id, absl::Time now,
              std::map<std::string, UsageTimeline>& timelines) {
  std::map<std::string, UsageStep> steps;
  for (const auto& [product_id, timeline] : timelines) steps[product_id];
  for (const auto& [key, license] : Range(world.licenses, customer_id)) {
    if (!Counts(world, license, DayOf(now))) continue;
    UsageStep& step = steps[license.product_id];
    step.provisioned += license.units;
    if (license.used_units.has_value()) step.used = step.used.value_or(0) + *license.used_units;
  }
  for (auto& [product_id, step] : steps) {
    step.from = now;
    UsageTimeline& timeline = timelines[product_id];
    if (!timeline.empty() && timeline.back().from == now) {
      timeline.back() = step;
    } else if (timeline.empty() || timeline.back().provisioned != step.provisioned ||
               timeline.back().used != step.used) {
      timeline.push_back(step);
    }
  }
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

void UsageRecorder::RecordUntil(absl::Time time) {
  while (now_ < time) {
    AddSteps(world_, customer_id_, now_, timelines_);
    now_ = std::min(time, absl::FromCivil(DayOf(now_) + 1, absl::UTCTimeZone()));
  }
}

void UsageRecorder::Add(const DatedChange& dated_change) {
  RecordUntil(std::min(dated_change.time, end_));
  if (dated_change.time < end_) Redo(dated_change.change, world_);
}

std::map<std::string, UsageTimeline> UsageRecorder::Finish() && {
  RecordUntil(end_);
  return std::move(timelines_);
}

}  // namespace lmp::domain
