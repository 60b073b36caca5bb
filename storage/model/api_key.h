// By which a program calls. Its secret is nowhere: only what it hashes to.
#ifndef LMP_STORAGE_MODEL_API_KEY_H_
#define LMP_STORAGE_MODEL_API_KEY_H_

#include "storage/model/row.h"

namespace lmp::model {

// From the row and the time (server/domain/api_key.h); not stored.
enum class ApiKeyState { kUnspecified, kActive, kExpired, kRevoked };

template <>
struct EnumNames<ApiKeyState> {
  static constexpr absl::string_view kNames[] = {"STATE_UNSPECIFIED", "ACTIVE", "EXPIRED", "REVOKED"};
};

struct ApiKey {
  static constexpr absl::string_view kTable = "api_keys";
  static constexpr int kKeyColumns = 1;
  // Noted by whoever let it in, beside the engine: no change of the key, and no event tells of it.
  static constexpr absl::string_view kMark = "last_use_time";
  static constexpr absl::string_view kPersonal[] = {"display_name"};

  std::string key_id;
  std::optional<std::string> partner_id;   // whose it is; bound to it, unless to its customer
  std::optional<std::string> customer_id;  // bound to it
  std::vector<std::string> roles;          // names of lmp.v1.Role
  std::string display_name;                // for people
  std::string secret_hash;                 // SHA-256 in hexadecimal digits
  absl::Time expire_time;
  std::optional<absl::Time> revoke_time;
  std::optional<absl::Time> last_use_time;  // to the hour
  Stamp stamp;

  bool operator==(const ApiKey&) const = default;

  template <class Self, class Visitor>
  static void Visit(Self& row, Visitor&& visit) {
    visit("key_id", row.key_id);
    visit("partner_id", row.partner_id);
    visit("customer_id", row.customer_id);
    visit("roles", row.roles);
    visit("display_name", row.display_name);
    visit("secret_hash", row.secret_hash);
    visit("expire_time", row.expire_time);
    visit("revoke_time", row.revoke_time);
    visit("last_use_time", row.last_use_time);
    VisitStamp(row, visit);
  }
};

// Whether only the mark differs.
inline bool OnlyMarkDiffers(const ApiKey& one, const ApiKey& other) {
  if (one.last_use_time == other.last_use_time) return false;
  ApiKey marked = one;
  marked.last_use_time = other.last_use_time;
  return marked == other;
}

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_API_KEY_H_
