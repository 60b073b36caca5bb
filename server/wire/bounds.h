// How much of everything a request may have, counted on its bytes before a message is made of them. So whatever is
// sent, the work is linear and the memory is that of the bytes: 130 000 empty strings are 256 KiB on the wire and 5 MB
// as a message.
#ifndef LMP_SERVER_WIRE_BOUNDS_H_
#define LMP_SERVER_WIRE_BOUNDS_H_

#include <google/protobuf/descriptor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lmp::wire {

inline constexpr uint32_t kMaxTextBytes = 4096;     // of a string whose field says nothing else
inline constexpr uint32_t kMaxMaskPaths = 100;      // of a google.protobuf.FieldMask, which is not ours to annotate
inline constexpr uint32_t kMaxUnknownFields = 100;  // of a newer client, in one message

// Limits of one type of message, from the option (lmp.v1.limits) of its fields. Made once for a type and kept for ever.
class Bounds final {
 public:
  static const Bounds& Of(const google::protobuf::Descriptor& type);

  // INVALID_ARGUMENT if the bytes are no message, or with the first field that has more than it may: nothing after it
  // is looked at. Requests so small that nothing in them can be too much are not looked at at all.
  absl::Status Check(absl::string_view bytes) const;

  // Fields, by path, that nothing bounds; best none. For tests.
  std::vector<std::string> Unlimited() const;

 private:
  struct Entry {
    const google::protobuf::FieldDescriptor* field = nullptr;  // null: there is no such number
    uint32_t wire_type = 0;
    uint32_t max_items = 1;
    uint32_t max_bytes = 0;           // of each; 0 for messages and numbers
    const Bounds* message = nullptr;  // of each
    size_t counter = 0;               // which of the counters is its own
  };
  struct Breach;
  class Reader;

  explicit Bounds(const google::protobuf::Descriptor& type) : type_(type) {}
  using Known = std::map<const google::protobuf::Descriptor*, Bounds*>;
  static const Bounds& Find(const google::protobuf::Descriptor& type, Known& known);
  void Fill(Known& known);
  static Entry EntryOf(const google::protobuf::FieldDescriptor& field, Known& known);
  size_t LeastHarmful(int depth) const;
  bool Walk(absl::string_view bytes, int depth, Breach& breach) const;
  bool Count(const Entry& entry, uint32_t& count, absl::string_view value, int depth, Breach& breach) const;
  void AddUnlimited(const std::string& prefix, int depth, std::vector<std::string>& found) const;

  const google::protobuf::Descriptor& type_;
  std::vector<Entry> by_number_;
  size_t counters_ = 0;
  size_t harmless_ = 0;  // bytes with which no limit can be broken
};

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_BOUNDS_H_
