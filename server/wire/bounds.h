// Limits how much of everything a request may have. It is counted on the request's bytes before a message is made of
// them. So whatever is sent, the work is linear, and the memory is that of the bytes: 130 000 empty strings are 256 KiB
// on the wire and 5 MB as a message.
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

inline constexpr uint32_t kMaxTextBytes = 4096;     // for a string whose field has no limit of its own
inline constexpr uint32_t kMaxMaskPaths = 100;      // for a google.protobuf.FieldMask, whose fields we can't annotate
inline constexpr uint32_t kMaxUnknownFields = 100;  // for fields of newer clients, in one message

// The limits of one type of message, from the option (lmp.v1.limits) of its fields. They are made once for a type and
// kept for ever.
class Bounds final {
 public:
  static const Bounds& Of(const google::protobuf::Descriptor& type);

  // INVALID_ARGUMENT if the bytes are no message, or if a field has more than it may; the first such field is named,
  // and nothing after it is looked at. A request that is too small to break any limit is not looked at at all.
  absl::Status Check(absl::string_view bytes) const;

  // The paths of fields without any limit; there should be none. For tests.
  std::vector<std::string> Unlimited() const;

 private:
  struct Entry {
    const google::protobuf::FieldDescriptor* field = nullptr;  // null: no field has this number
    uint32_t wire_type = 0;
    uint32_t max_items = 1;
    uint32_t max_bytes = 0;           // limit for each value; 0 for messages and numbers
    const Bounds* message = nullptr;  // limits of each value that is a message
    size_t counter = 0;               // index of the field's own counter
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
  size_t harmless_ = 0;  // a request of at most so many bytes can break no limit
};

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_BOUNDS_H_
