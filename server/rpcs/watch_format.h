// The messages of a watch: events (WatchEvents), or facts (WatchLicenses). Both have their resume_token and their items
// under the same numbers, so that items are put into them as bytes that were made once for all watchers.
#ifndef LMP_SERVER_RPCS_WATCH_FORMAT_H_
#define LMP_SERVER_RPCS_WATCH_FORMAT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lmp/v1/watch.pb.h"

namespace lmp::rpcs {

enum class WatchFormat { kEvents, kFacts };

// A message without its items.
struct WatchEnvelope {
  std::string resume_token = {};
  v1::SnapshotPart snapshot = v1::SNAPSHOT_PART_UNSPECIFIED;
  std::string signed_head = {};                 // of events only
  absl::Time read_time = absl::InfinitePast();  // of facts only; infinitely past: not known
};
std::string Serialized(WatchFormat format, const WatchEnvelope& envelope);

// Adds an item, which is a serialized message, to the items of a message.
void AppendItem(absl::string_view item, std::string& items);

}  // namespace lmp::rpcs

#endif  // LMP_SERVER_RPCS_WATCH_FORMAT_H_
