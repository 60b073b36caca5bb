#include "server/wire/bounds.h"

#include <google/protobuf/wire_format.h>

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "lmp/v1/limits.pb.h"
#include "server/domain/refusal.h"

namespace lmp::wire {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int kMaxDepth = 16;         // of messages inside messages; ours have 5
constexpr size_t kBytesOfAnItem = 2;  // the least size of a field: a tag, and a length or a value
constexpr uint32_t kLengthDelimited = 2;
constexpr char kFieldMask[] = "google.protobuf.FieldMask";

bool IsText(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_STRING || field.type() == FieldDescriptor::TYPE_BYTES;
}

uint32_t MaxItems(const FieldDescriptor& field) {
  if (field.containing_type()->full_name() == kFieldMask) return kMaxMaskPaths;
  return field.options().GetExtension(v1::limits).max_items();
}

// The least size of so many items: numbers in one piece have a byte each.
size_t BytesOf(const FieldDescriptor& field, size_t items) {
  return field.is_packed() ? kBytesOfAnItem + items : kBytesOfAnItem * items;
}

uint32_t MaxBytes(const FieldDescriptor& field) {
  // For a map, the limit is that of its keys and values, whose fields nobody declares.
  const Descriptor& in = *field.containing_type();
  if (in.options().map_entry()) {
    for (int i = 0; in.containing_type() != nullptr && i < in.containing_type()->field_count(); ++i) {
      const FieldDescriptor& map = *in.containing_type()->field(i);
      if (map.message_type() == &in && map.options().GetExtension(v1::limits).max_bytes() != 0) {
        return map.options().GetExtension(v1::limits).max_bytes();
      }
    }
  }
  const uint32_t given = field.options().GetExtension(v1::limits).max_bytes();
  return given != 0 ? given : kMaxTextBytes;
}

}  // namespace

// What is too much; or, if the bytes are no message, no field at all.
struct Bounds::Breach {
  std::string field;
  std::string description;

  bool Of(const FieldDescriptor& at, std::string what) {
    field = at.name();
    description = std::move(what);
    return false;
  }
  bool Malformed() { return false; }
};

// Reads the wire format as far as it is needed to step over a field.
class Bounds::Reader {
 public:
  explicit Reader(absl::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool done() const { return at_ == end_; }

  bool Varint(uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at_ == end_) return false;
      const auto byte = static_cast<unsigned char>(*at_++);
      value |= static_cast<uint64_t>(byte & 0x7F) << (shift < 63 ? shift : 63);
      if (byte < 0x80) return true;
    }
    return false;
  }

  // Reads the value of a field of this wire type; for a length-delimited field, its bytes.
  bool Value(uint32_t wire_type, absl::string_view& value) {
    uint64_t size = 0;
    switch (wire_type) {
      case 0:
        return Varint(size);
      case 1:
        size = 8;
        break;
      case kLengthDelimited:
        if (!Varint(size)) return false;
        break;
      case 5:
        size = 4;
        break;
      default:
        return false;  // a group, which no message of ours has
    }
    if (size > static_cast<uint64_t>(end_ - at_)) return false;
    value = absl::string_view(at_, size);
    at_ += size;
    return true;
  }

 private:
  const char* at_;
  const char* end_;
};

const Bounds& Bounds::Of(const Descriptor& type) {
  static absl::Mutex mutex;
  static auto& known = *new Known;
  absl::MutexLock lock(&mutex);
  return Find(type, known);
}

const Bounds& Bounds::Find(const Descriptor& type, Known& known) {
  Bounds*& found = known[&type];
  if (found != nullptr) return *found;
  Bounds* const bounds = found = new Bounds(type);  // stored before it is filled, because a type may contain itself
  bounds->Fill(known);
  bounds->harmless_ = bounds->LeastHarmful(0) - 1;
  return *bounds;
}

void Bounds::Fill(Known& known) {
  for (int i = 0; i < type_.field_count(); ++i) {
    const FieldDescriptor& field = *type_.field(i);
    const auto number = static_cast<size_t>(field.number());
    if (by_number_.size() <= number) by_number_.resize(number + 1);
    Entry entry = EntryOf(field, known);
    entry.counter = counters_++;
    by_number_[number] = entry;
  }
}

Bounds::Entry Bounds::EntryOf(const FieldDescriptor& field, Known& known) {
  Entry entry{.field = &field};
  entry.wire_type = static_cast<uint32_t>(google::protobuf::internal::WireFormat::WireTypeForField(&field));
  if (field.is_repeated()) entry.max_items = MaxItems(field);
  if (IsText(field)) entry.max_bytes = MaxBytes(field);
  if (field.message_type() != nullptr) entry.message = &Find(*field.message_type(), known);
  return entry;
}

// The least number of bytes that can break a limit.
size_t Bounds::LeastHarmful(int depth) const {
  size_t least = kBytesOfAnItem * (kMaxUnknownFields + 1);
  if (depth == kMaxDepth) return least;
  for (const Entry& entry : by_number_) {
    if (entry.field == nullptr) continue;
    if (entry.field->is_repeated()) least = std::min(least, BytesOf(*entry.field, entry.max_items + 1));
    if (entry.max_bytes != 0) least = std::min(least, static_cast<size_t>(entry.max_bytes) + 1);
    if (entry.message != nullptr) least = std::min(least, entry.message->LeastHarmful(depth + 1));
  }
  return least;
}

absl::Status Bounds::Check(absl::string_view bytes) const {
  if (bytes.size() <= harmless_) return absl::OkStatus();
  Breach breach;
  if (Walk(bytes, 0, breach)) return absl::OkStatus();
  if (breach.field.empty()) return absl::InvalidArgumentError(absl::StrCat("the request is not a ", type_.full_name()));
  return domain::InvalidFields({{std::move(breach.field), std::move(breach.description)}});
}

// Returns false if something is wrong; `breach` then has the first fault.
bool Bounds::Walk(absl::string_view bytes, int depth, Breach& breach) const {
  if (depth == kMaxDepth) return breach.Malformed();
  absl::InlinedVector<uint32_t, 32> counts(counters_);
  uint32_t unknown = 0;
  for (Reader reader(bytes); !reader.done();) {
    uint64_t tag = 0;
    absl::string_view value;
    if (!reader.Varint(tag) || tag < 8 || tag > UINT32_MAX) return breach.Malformed();
    const auto wire_type = static_cast<uint32_t>(tag & 7);
    if (!reader.Value(wire_type, value)) return breach.Malformed();
    const Entry* entry = tag >> 3 < by_number_.size() ? &by_number_[tag >> 3] : nullptr;
    // A field of another wire type counts as unknown.
    if (entry == nullptr || entry->field == nullptr || entry->wire_type != wire_type) {
      if (++unknown <= kMaxUnknownFields) continue;
      breach.field = absl::StrCat("field number ", tag >> 3);
      breach.description = absl::StrCat("is unknown here, and one of more than ", kMaxUnknownFields);
      return false;
    }
    if (wire_type == kLengthDelimited || entry->field->is_repeated()) {
      if (!Count(*entry, counts[entry->counter], value, depth, breach)) return false;
    }
  }
  return true;
}

// Counts one more value of the field.
bool Bounds::Count(const Entry& entry, uint32_t& count, absl::string_view value, int depth, Breach& breach) const {
  const FieldDescriptor& field = *entry.field;
  if (entry.max_bytes != 0 && value.size() > entry.max_bytes) {
    return breach.Of(field, absl::StrCat("must have at most ", entry.max_bytes, " bytes"));
  }
  if (++count > entry.max_items) {
    if (!field.is_repeated() && entry.message == nullptr) return true;  // of several values the last one counts
    return breach.Of(field, field.is_repeated() ? absl::StrCat("must have at most ", entry.max_items, " entries")
                                                : "is given twice");
  }
  // Numbers in one piece, which was counted as one: each has a byte at least.
  if (entry.max_bytes == 0 && entry.message == nullptr && field.is_repeated()) {
    count = count - 1 + static_cast<uint32_t>(value.size());
    return count <= entry.max_items ||
           breach.Of(field, absl::StrCat("must have at most ", entry.max_items, " entries"));
  }
  if (entry.message == nullptr || entry.message->Walk(value, depth + 1, breach)) return true;
  if (breach.field.empty()) return false;
  if (field.is_map() || field.message_type()->full_name() == kFieldMask) {
    breach.field = field.name();
  } else {
    const std::string index = field.is_repeated() ? absl::StrCat("[", count - 1, "]") : "";
    breach.field = absl::StrCat(field.name(), index, ".", breach.field);
  }
  return false;
}

std::vector<std::string> Bounds::Unlimited() const {
  std::vector<std::string> found;
  AddUnlimited("", 0, found);
  return found;
}

void Bounds::AddUnlimited(const std::string& prefix, int depth, std::vector<std::string>& found) const {
  if (depth == kMaxDepth) return;
  for (const Entry& entry : by_number_) {
    if (entry.field == nullptr) continue;
    const std::string path = prefix + entry.field->name();
    if (entry.field->is_repeated() && entry.max_items == 0) found.push_back(path);
    if (entry.message != nullptr) entry.message->AddUnlimited(path + ".", depth + 1, found);
  }
}

}  // namespace lmp::wire
