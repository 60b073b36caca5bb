#include "server/wire/preview_token.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/domain/api_key.h"
#include "server/domain/lookup.h"
#include "server/domain/reasons.h"
#include "server/domain/refusal.h"
#include "server/wire/changes.h"
#include "server/wire/page_token.h"
#include "storage/sha256.h"
#include "storage/status_macros.h"

namespace lmp::wire {
namespace {

// A token has a checksum over the rest, and digests of the request, of all changes together, and of each change. It is
// binary, written in base64.
constexpr char kVersion = 1;
constexpr size_t kSumBytes = 4, kRequestBytes = 8, kAllBytes = 16, kPartBytes = 6;
constexpr size_t kMaxListed = 100;   // changes that are listed; so the token stays below 2 kB
constexpr size_t kMaxToken = 8192;   // characters; the token of a roll-out is the longest
constexpr size_t kMaxDetail = 3000;  // bytes: clients accept 8 KiB of trailers
constexpr char kPayloadUrl[] = "lmp/preview_changed";
constexpr char kNew[] = "-";  // stands for the id that the server makes

std::string Digest(absl::string_view text, size_t bytes) {
  const storage::Sha256Digest digest = storage::Sha256DigestOf(text);
  return std::string(reinterpret_cast<const char*>(digest.data()), bytes);
}

// Removes what differs each time the same is decided: the ids and codes of new rows, and the time.
class Stable final {
 public:
  explicit Stable(const engine::Decision& decided) : now_(decided.env.now) {
    decided.changes.ForEachKind([this](const auto& rows) {
      for (const auto& change : rows) {
        if (!change.before.has_value()) AddNew(change.after);
      }
    });
  }

  std::string Name(const v1::Change& change) const { return absl::StrReplaceAll(change.resource(), new_); }

  std::string Text(const v1::Change& change) const {
    std::string text = absl::StrCat(change.event_kind(), "\n", Name(change), "\n", change.created(), "\n",
                                    change.effective_date().ShortDebugString());
    for (const v1::FieldChange& field : change.fields()) {
      // The end of an API key is an instant that its maker chose, whenever it is asked about.
      const bool chosen = field.field() == "expire_time" && absl::StartsWith(change.event_kind(), "API_KEY_");
      const bool instant = absl::EndsWith(field.field(), "_time") && !chosen;
      absl::StrAppend(&text, "\n", field.field(), "\t", field.before(), "\t",
                      instant ? Instant(field.after()) : absl::StrReplaceAll(field.after(), new_));
    }
    return text;
  }

 private:
  template <class Row>
  void AddNew(const Row& row) {
    const model::RowKey key = KeyOf(row);
    if constexpr (std::is_same_v<Row, model::License>) {
      if (row.activation_code.has_value()) new_.emplace_back(*row.activation_code, kNew);
    }
    // The name of a pool is made of two other names.
    if constexpr (!std::is_same_v<Row, model::LicensePool>)
      new_.emplace_back(Row::kKeyColumns == 2 ? key.second : key.first, kNew);
  }

  // A day stays the same whenever it is asked about; any other instant is kept as its distance from now.
  std::string Instant(const std::string& json) const {
    absl::Time time;
    const std::string text = absl::StrReplaceAll(json, {{"\"", ""}});
    if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return json;
    const int64_t away = absl::ToUnixSeconds(time) - absl::ToUnixSeconds(now_);
    if (away != 0 && absl::ToUnixSeconds(time) % 86400 == 0) return json;
    return absl::StrCat(away, " s from now");
  }

  const absl::Time now_;
  std::vector<std::pair<std::string, std::string>> new_;
};

// The changes without what was due before, which comes first: that happens whether or not the call is made, and may
// have been stored since the preview.
absl::Span<const v1::Change> OfTheCall(const std::vector<v1::Change>& changes) {
  size_t passed = 0;
  while (passed < changes.size() && changes[passed].has_effective_date()) ++passed;
  return absl::MakeConstSpan(changes).subspan(passed);
}

std::string TextOf(const std::optional<model::Affected>& affected) {
  if (!affected.has_value()) return "";
  return absl::StrCat(affected->customers, " ", affected->subscriptions, " ", affected->licenses, " ",
                      affected->service_plans);
}

absl::Status BadToken(absl::string_view why) { return domain::InvalidFields({{"preview_token", std::string(why)}}); }

std::string Take(absl::string_view& bytes, size_t count) {
  const std::string taken(bytes.substr(0, count));
  bytes.remove_prefix(taken.size());
  return taken;
}

// The names that a preview may have shown, by digest: those of the rows that were loaded, and of new rows beside them.
std::map<std::string, std::string> NamesByDigest(const model::World& world) {
  std::map<std::string, std::string> names;
  const auto add = [&](const std::string& name) { names.emplace(Digest(name, kPartBytes), name); };
  for (const auto& [key, row] : world.catalog->partners) add(domain::PartnerName(key.first));
  for (const auto& [key, row] : world.catalog->products) add(domain::ProductName(key.first));
  for (const auto& [key, row] : world.catalog->service_plans) add(domain::ServicePlanName(key.first));
  for (const auto& [key, row] : world.customers) {
    add(domain::CustomerName(key.first));
    add(domain::SubscriptionName(key.first, kNew));
    add(domain::LicenseName(key.first, kNew));
    add(domain::ScheduledChangeName(key.first, kNew));
  }
  for (const auto& [key, row] : world.subscriptions) add(domain::SubscriptionName(key.first, key.second));
  for (const auto& [key, row] : world.licenses) add(domain::LicenseName(key.first, key.second));
  for (const auto& [key, row] : world.scheduled_changes) add(domain::ScheduledChangeName(key.first, key.second));
  for (const auto& [key, row] : world.pools) add(domain::PoolName(key.first, key.second));
  for (const auto& [key, row] : world.registration_keys) add(domain::RegistrationKeyName(key.first));
  for (const auto& [key, row] : world.api_keys) add(domain::NameOf(row));
  return names;
}

// What differs from the preview, as far as it is known.
struct Differences {
  std::vector<const v1::Change*> changes;
  std::vector<std::string> unchanged;  // names of resources that the preview would have changed
};

Differences Compare(const ShownChanges& shown, const engine::Decision& decided,
                    const std::vector<v1::Change>& changes) {
  Differences differences;
  const Stable now(decided);
  std::multiset<ChangeDigest> left(shown.changes.begin(), shown.changes.end());
  // If there are very many changes, the token has only the first: what is among the others is unknown.
  const bool whole = shown.changes.size() < kMaxListed;
  std::set<std::string> resources;
  for (const v1::Change& change : OfTheCall(changes)) {
    const ChangeDigest digest{Digest(now.Name(change), kPartBytes), Digest(now.Text(change), kPartBytes)};
    resources.insert(digest.resource);
    if (const auto same = left.find(digest); same != left.end()) {
      left.erase(same);
    } else if (whole || digest.resource <= shown.changes.back().resource) {
      differences.changes.push_back(&change);
    }
  }
  const std::map<std::string, std::string> names = NamesByDigest(decided.after);
  for (const ChangeDigest& digest : left) {
    if (!resources.insert(digest.resource).second) continue;  // the resource changes, but differently
    const auto name = names.find(digest.resource);
    differences.unchanged.push_back(name == names.end() ? "something that was shown" : name->second);
  }
  return differences;
}

absl::Status PreviewChanged(const Differences& differences, const v1::Affected* affected) {
  v1::PreviewChanged detail;
  if (affected != nullptr) *detail.mutable_affected() = *affected;
  std::set<std::string> names;
  for (const v1::Change* change : differences.changes) {
    names.insert(change->resource());
    *detail.add_changes() = *change;
    if (detail.ByteSizeLong() <= kMaxDetail) continue;
    detail.mutable_changes()->RemoveLast();
    detail.set_unlisted_count(detail.unlisted_count() + 1);
  }
  for (const std::string& name : differences.unchanged) {
    names.insert(name);
    detail.add_unchanged(name);
    if (detail.ByteSizeLong() <= kMaxDetail) continue;
    detail.mutable_unchanged()->RemoveLast();
    detail.set_unlisted_count(detail.unlisted_count() + 1);
  }
  const std::vector<std::string> first(names.begin(),
                                       std::next(names.begin(), std::min<ptrdiff_t>(3, std::ssize(names))));
  absl::Status status = domain::Refuse(
      absl::StatusCode::kAborted,
      absl::StrCat("something changed since the preview: ",
                   first.empty() ? "another number of things hangs on it" : "it would now be done otherwise, about ",
                   absl::StrJoin(first, ", "), names.size() > first.size() ? " and others" : "", "; preview it again"),
      {.reason = domain::reason::kPreviewChanged, .metadata = {{"differences", absl::StrCat(names.size())}}});
  status.SetPayload(kPayloadUrl, absl::Cord(detail.SerializeAsString()));
  return status;
}

}  // namespace

ShownChanges DigestOf(const engine::Decision& decided, const std::vector<v1::Change>& changes) {
  const Stable now(decided);
  ShownChanges shown;
  std::multiset<std::string> all;
  for (const v1::Change& change : OfTheCall(changes)) {
    const std::string text = now.Text(change);
    all.insert(Digest(text, SHA256_DIGEST_LENGTH));
    shown.changes.push_back({Digest(now.Name(change), kPartBytes), Digest(text, kPartBytes)});
  }
  std::sort(shown.changes.begin(), shown.changes.end());
  if (shown.changes.size() > kMaxListed) shown.changes.resize(kMaxListed);
  shown.all = Digest(absl::StrCat(absl::StrJoin(all, ""), TextOf(decided.affected)), kAllBytes);
  return shown;
}

namespace {

std::string SealPreview(const std::string& request, const ShownChanges& shown) {
  std::string bytes = absl::StrCat(absl::string_view(&kVersion, 1), request, shown.all);
  for (const ChangeDigest& change : shown.changes) absl::StrAppend(&bytes, change.resource, change.change);
  return absl::WebSafeBase64Escape(Digest(bytes, kSumBytes) + bytes);
}

// Reads the request's digest and what was shown from the token.
absl::StatusOr<Asked> UnsealPreview(const std::string& token) {
  if (token.size() > kMaxToken) return BadToken("is too long to be one");
  Asked asked;
  std::string bytes;
  const bool decoded = absl::WebSafeBase64Unescape(token, &bytes) && absl::WebSafeBase64Escape(bytes) == token;
  absl::string_view rest = bytes;
  const std::string sum = Take(rest, kSumBytes);
  constexpr size_t kHead = 1 + kRequestBytes + kAllBytes;
  if (!decoded || rest.size() < kHead || (rest.size() - kHead) % (2 * kPartBytes) != 0 || rest[0] != kVersion ||
      Digest(rest, kSumBytes) != sum) {
    return BadToken("is not from the answer to a preview");
  }
  rest.remove_prefix(1);
  asked.request = Take(rest, kRequestBytes);
  ShownChanges& shown = asked.shown.emplace();
  shown.all = Take(rest, kAllBytes);
  while (!rest.empty()) {
    ChangeDigest& change = shown.changes.emplace_back();
    change.resource = Take(rest, kPartBytes);
    change.change = Take(rest, kPartBytes);
  }
  return asked;
}

}  // namespace

absl::StatusOr<Asked> ParseAsked(const google::protobuf::Message& request) {
  const google::protobuf::Reflection& reflection = *request.GetReflection();
  const google::protobuf::Descriptor& type = *request.GetDescriptor();
  Asked asked;
  asked.preview = reflection.GetBool(request, type.FindFieldByName("validate_only"));
  std::string unused;
  const std::string& token = reflection.GetStringReference(request, type.FindFieldByName("preview_token"), &unused);
  if (!asked.preview && token.empty()) return asked;
  asked.request =
      Digest(absl::StrCat(request.GetTypeName(), "\n",
                          Fingerprint(request, {"request_id", "validate_only", "preview_token", "page_token"})),
             kRequestBytes);
  if (token.empty()) return asked;
  ASSIGN_OR_RETURN(Asked sealed, UnsealPreview(token));
  if (sealed.request != asked.request) return BadToken("is from the preview of another request");
  asked.shown = std::move(sealed.shown);
  return asked;
}

Asked PartOf(const Asked& whole, const std::string& name) {
  Asked part{.preview = whole.preview, .request = whole.request};
  if (!whole.shown.has_value()) return part;
  // The preview did not show this part, so nothing may change.
  part.shown = ShownChanges{.all = Digest("", kPartBytes)};
  const std::string resource = Digest(name, kPartBytes);
  for (const ChangeDigest& change : whole.shown->changes) {
    if (change.resource == resource) part.shown->all = change.change;
  }
  return part;
}

std::string JoinPreviews(const Asked& whole, const std::map<std::string, std::string>& tokens) {
  ShownChanges shown;
  std::string all;
  for (const auto& [name, token] : tokens) {
    const absl::StatusOr<Asked> part = UnsealPreview(token);
    if (!part.ok()) continue;  // not made by our preview
    shown.changes.push_back({Digest(name, kPartBytes), part->shown->all.substr(0, kPartBytes)});
    absl::StrAppend(&all, name, "\n", part->shown->all);
  }
  shown.all = Digest(all, kAllBytes);
  return SealPreview(whole.request, shown);
}

absl::Status AddPreview(const engine::Decision& decided, const Asked& asked, google::protobuf::Message* response) {
  if (!asked.preview && !asked.shown.has_value()) return absl::OkStatus();
  const auto* type = response->GetDescriptor();
  const auto* reflection = response->GetReflection();
  std::vector<v1::Change> changes = ChangesOf(decided);
  const ShownChanges shown = DigestOf(decided, changes);
  if (asked.shown.has_value() && !absl::StartsWith(shown.all, asked.shown->all)) {
    const auto* counted = decided.affected.has_value() ? type->FindFieldByName("affected") : nullptr;
    return PreviewChanged(
        Compare(*asked.shown, decided, changes),
        counted == nullptr ? nullptr : &static_cast<const v1::Affected&>(reflection->GetMessage(*response, counted)));
  }
  if (!asked.preview) return absl::OkStatus();
  const auto* field = type->FindFieldByName("changes");
  for (v1::Change& change : changes) {
    *static_cast<v1::Change*>(reflection->AddMessage(response, field)) = std::move(change);
  }
  reflection->SetString(response, type->FindFieldByName("preview_token"), SealPreview(asked.request, shown));
  return absl::OkStatus();
}

std::optional<v1::PreviewChanged> PreviewChangedOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  v1::PreviewChanged detail;
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

}  // namespace lmp::wire
