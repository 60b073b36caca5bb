#include "server/auth/refused_callers.h"

#include <utility>

#include "absl/strings/match.h"

namespace lmp::auth {

bool RefusedCallers::Add(absl::string_view reason, absl::string_view peer, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (counts_.empty()) since_ = now;
  ++totals_[std::string(reason)];
  ++counts_[std::string(reason)];
  if (lines_.size() >= kMaxPeers && !lines_.contains(peer)) return false;
  const auto [line, is_new] = lines_.try_emplace(peer, now);
  if (!is_new && now - line->second < kLinePeriod) return false;
  line->second = now;
  return true;
}

RefusedCallers::Summary RefusedCallers::TakeSummary(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (counts_.empty() || now - since_ < kSummaryPeriod) return {};
  Summary summary{std::exchange(counts_, {}), static_cast<int64_t>(lines_.size())};
  lines_.clear();
  return summary;
}

RefusedCallers::Counts RefusedCallers::Totals() const {
  absl::MutexLock lock(&mutex_);
  return totals_;
}

std::string HostOf(absl::string_view peer) {
  if (!absl::StartsWith(peer, "ipv4:") && !absl::StartsWith(peer, "ipv6:")) return std::string(peer);
  return std::string(peer.substr(0, peer.rfind(':')));
}

}  // namespace lmp::auth
