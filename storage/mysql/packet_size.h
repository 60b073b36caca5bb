// Computes how large a packet a statement needs. The server cuts the connection while a packet larger than its
// max_allowed_packet is being sent, which looks like a server that went away.
#ifndef LMP_STORAGE_MYSQL_PACKET_SIZE_H_
#define LMP_STORAGE_MYSQL_PACKET_SIZE_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "storage/mysql/connection.h"

namespace lmp::storage {

// The size of the largest packet with which the connector sends these values: it sends each long text in a packet of
// its own.
inline size_t LargestPacket(const std::vector<Value>& params) {
  constexpr size_t kLongText = 256 * 1024;
  constexpr size_t kBesideText = 12;      // bytes that a value takes besides its text
  constexpr size_t kBesideValues = 1024;  // bytes of a packet besides its values
  size_t largest = 0, together = 0;
  for (const Value& value : params) {
    const auto* text = std::get_if<std::string>(&value);
    const size_t size = text != nullptr ? text->size() : 0;
    if (size > kLongText) largest = std::max(largest, size);
    together += kBesideText + (size > kLongText ? 0 : size);
  }
  return std::max(largest, together) + kBesideValues;
}

}  // namespace lmp::storage

#endif  // LMP_STORAGE_MYSQL_PACKET_SIZE_H_
